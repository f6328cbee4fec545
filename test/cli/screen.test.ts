import { describe, expect, it } from 'vitest';
import { Screen } from '../../src/cli/screen.ts';

function terminal(rows = 24) {
  const written: string[] = [];
  const stream = {
    columns: 80,
    rows,
    write: (text: string | Uint8Array) => {
      written.push(String(text));
      return true;
    },
  };
  return { stream, take: () => written.splice(0).join('') };
}

describe('the screen', () => {
  it('writes only the lines that changed', () => {
    const { stream, take } = terminal();
    const screen = new Screen(stream);
    screen.open();
    screen.draw(['one', 'two', 'three']);
    take();
    screen.draw(['one', 'TWO', 'three']);
    expect(take()).toBe('\u001b[2;1HTWO\u001b[K');
    screen.draw(['one', 'TWO', 'three']);
    expect(take()).toBe('');
  });

  it('clears lines that are no more, and never writes below the last row', () => {
    const { stream, take } = terminal(2);
    const screen = new Screen(stream);
    screen.open();
    screen.draw(['one', 'two', 'three']);
    expect(take()).not.toContain('three');
    screen.draw(['one']);
    expect(take()).toBe('\u001b[2;1H\u001b[K');
  });

  it('draws everything anew when the terminal has another size', () => {
    const { stream, take } = terminal();
    const screen = new Screen(stream);
    screen.open();
    screen.draw(['one', 'two']);
    take();
    stream.columns = 100;
    screen.draw(['one', 'two']);
    expect(take()).toContain('one');
  });

  it('puts the terminal back once, also when the process exits without a word', () => {
    const { stream, take } = terminal();
    const before = process.listenerCount('exit');
    const screen = new Screen(stream);
    screen.open();
    expect(take()).toContain('\u001b[?1049h');
    const restore = process.listeners('exit').at(-1);
    restore?.call(process, 0);
    expect(take()).toBe('\u001b[?25h\u001b[?1049l');
    screen.close();
    screen.draw(['late']);
    expect(take()).toBe('');
    expect(process.listenerCount('exit')).toBe(before);
  });
});
