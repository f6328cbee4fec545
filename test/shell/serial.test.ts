import { readdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { fromLatin1, toLatin1 } from '../../src/core/base/bytes.ts';
import { connectTransport, listenTransport } from '../../src/shell/tcp.ts';
import type { Transport, TransportHandlers } from '../../src/shell/transport.ts';
import { joinPtys, noSerialLine, type PtyPair } from './processes/pty-pair.ts';

/** What happened at one end, in order, to be waited for. */
class End {
  readonly happenings: string[] = [];
  received = '';
  #watch = (): void => undefined;

  readonly handlers: TransportHandlers = {
    opened: () => this.#note('opened'),
    received: (bytes) => {
      this.received += toLatin1(bytes);
      this.#watch();
    },
    closed: (reason) => this.#note(`closed: ${reason}`),
  };

  async until(isEnough: () => boolean): Promise<void> {
    while (!isEnough()) {
      await new Promise<void>((resolve) => {
        this.#watch = resolve;
      });
    }
  }

  #note(happening: string): void {
    this.happenings.push(happening);
    this.#watch();
  }
}

const login = '\x0201:001\t010:app\t011:x\t\x03';

describe.skipIf(noSerialLine !== undefined)(
  `a serial line (${noSerialLine ?? 'over a pair of pseudo-terminals'})`,
  () => {
    let folder = '';
    let pair: PtyPair;
    const closing: (() => unknown)[] = [];

    beforeEach(async () => {
      folder = await mkdtemp(join(tmpdir(), 'ringbridge-serial-'));
      pair = await joinPtys(folder);
    });

    afterEach(async () => {
      for (const close of closing.splice(0).reverse()) await close();
      pair.goOn();
      await pair.unplug();
      await rm(folder, { recursive: true, force: true });
    });

    async function listenFar() {
      const accepted: { readonly end: End; readonly transport: Transport }[] = [];
      const listener = await listenTransport({ type: 'serial', path: pair.far, baud: 115_200 }, (transport) => {
        const end = new End();
        accepted.push({ end, transport });
        watchAccepted();
        return end.handlers;
      });
      let watchAccepted = (): void => undefined;
      closing.push(() => listener.close());
      const take = async (index: number) => {
        for (;;) {
          const found = accepted[index];
          if (found !== undefined) return found;
          await new Promise<void>((resolve) => {
            watchAccepted = resolve;
          });
        }
      };
      return { listener, take, accepted };
    }

    async function openNear() {
      const end = new End();
      const transport = connectTransport({ type: 'serial', path: pair.near, baud: 115_200 }, end.handlers);
      closing.push(() => transport.destroy());
      await end.until(() => end.happenings.length > 0);
      expect(end.happenings).toEqual(['opened']);
      return { end, transport };
    }

    it('carries every byte value both ways, in order, more than the device holds', async () => {
      const { take } = await listenFar();
      const near = await openNear();
      const all = Array.from({ length: 256 }, (_, byte) => String.fromCharCode(byte)).join('');
      const sent = `${login}${all.replaceAll('\x02', '').repeat(200)}`;
      near.transport.write(fromLatin1(sent));
      const far = await take(0);
      await far.end.until(() => far.end.received.length >= sent.length);
      expect(far.end.received === sent).toBe(true);
      far.transport.write(fromLatin1(all));
      await near.end.until(() => near.end.received.length >= all.length);
      expect(near.end.received).toBe(all);
    });

    it('has no connection before the first packet, and noise makes none', async () => {
      const { take, accepted, listener } = await listenFar();
      const near = await openNear();
      near.transport.write(fromLatin1('\r\nATH0\r\n'));
      near.transport.write(fromLatin1(login));
      const far = await take(0);
      await far.end.until(() => far.end.received !== '');
      expect(far.end.received).toBe(login);
      expect([accepted.length, listener.connectionCount]).toEqual([1, 1]);
    });

    it('begins a new connection with a login that comes again, and the old one is told', async () => {
      const { take } = await listenFar();
      const near = await openNear();
      near.transport.write(fromLatin1(`${login}one`));
      const first = await take(0);
      await first.end.until(() => first.end.received.endsWith('one'));
      near.transport.write(fromLatin1(`${login}two`));
      const second = await take(1);
      await second.end.until(() => second.end.received.endsWith('two'));
      expect(first.end.happenings).toEqual(['opened', 'closed: a new login came over the line']);
      expect(second.end.received).toBe(`${login}two`);
      // What the old one still says goes nowhere.
      first.transport.write(fromLatin1('late'));
      second.transport.write(fromLatin1('answer'));
      await near.end.until(() => near.end.received !== '');
      expect(near.end.received).toBe('answer');
    });

    it('takes the next login after the listening end has ended a connection', async () => {
      const { take, listener } = await listenFar();
      const near = await openNear();
      near.transport.write(fromLatin1(login));
      const first = await take(0);
      first.transport.pauseReading();
      first.transport.close();
      await first.end.until(() => first.end.happenings.length === 2);
      expect(listener.connectionCount).toBe(0);
      near.transport.write(fromLatin1(`${login}again`));
      const second = await take(1);
      await second.end.until(() => second.end.received.endsWith('again'));
    });

    it('sends what was written before it closes, and lets go of the device', async () => {
      const { take } = await listenFar();
      const before = readdirSync('/proc/self/fd').length;
      const near = await openNear();
      near.transport.write(fromLatin1(`${login}${'x'.repeat(50_000)}.`));
      near.transport.close();
      const far = await take(0);
      await far.end.until(() => far.end.received.endsWith('.'));
      expect(far.end.received.length).toBe(login.length + 50_001);
      await near.end.until(() => near.end.happenings.length === 2);
      expect(near.end.happenings[1]).toBe('closed: closed by this end');
      expect(readdirSync('/proc/self/fd').length).toBeLessThanOrEqual(before);
    });

    it('tells that the device went away, and why it cannot be opened', async () => {
      const near = await openNear();
      await pair.unplug();
      await near.end.until(() => near.end.happenings.length === 2);
      const again = new End();
      connectTransport({ type: 'serial', path: pair.near, baud: 115_200 }, again.handlers);
      await again.until(() => again.happenings.length > 0);
      expect(again.happenings).toEqual(['closed: No such file or directory']);
    });

    it('that went away is said once to be lost, however often it is looked for, and once to be back', async () => {
      const said: string[] = [];
      const listener = await listenTransport(
        { type: 'serial', path: pair.far, baud: 115_200 },
        () => new End().handlers,
        { lineChanged: (state) => said.push(state) },
      );
      closing.push(() => listener.close());
      vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
      closing.push(() => vi.useRealTimers());
      const turn = () => new Promise((resolve) => setImmediate(resolve));
      await pair.unplug();
      for (let tries = 0; tries < 3; tries += 1) {
        while (vi.getTimerCount() === 0) await turn();
        expect(said).toEqual(['lost']);
        if (tries === 2) pair = await joinPtys(folder);
        vi.advanceTimersByTime(1_000);
      }
      while (said.length < 2) await turn();
      expect(said).toEqual(['lost', 'back']);
    });

    it('is given up before it is open without a word from the device', async () => {
      const end = new End();
      const transport = connectTransport({ type: 'serial', path: pair.near, baud: 115_200 }, end.handlers);
      transport.destroy();
      await end.until(() => end.happenings.length > 0);
      expect(end.happenings).toEqual(['closed: closed by this end']);
    });

    it('cannot be listened at where there is no device, or one that is no line', async () => {
      const accept = () => new End().handlers;
      const missing = listenTransport({ type: 'serial', path: join(folder, 'none'), baud: 9_600 }, accept);
      await expect(missing).rejects.toMatchObject({
        code: 'CONFIG_BAD_ADDRESS',
        message: expect.stringContaining('No such file or directory'),
      });
      const noLine = listenTransport({ type: 'serial', path: '/dev/null', baud: 9_600 }, accept);
      await expect(noLine).rejects.toMatchObject({ code: 'CONFIG_BAD_ADDRESS', exitStatus: 2 });
    });
  },
);
