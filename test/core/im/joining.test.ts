/** Texts out of several SMSCs: one set each, gaps, octets, and messages that are not to be kept. */
import { describe, expect, it } from 'vitest';
import { hourMs, later } from '../../../src/core/base/time.ts';
import { Joining } from '../../../src/core/im/joining.ts';
import type { Content, ShortMessage } from '../../../src/core/message/message.ts';
import { idOf, now, shortMessage, textContent } from '../message/messages.ts';

let nextId = 0;

function message(content: Content, index: number, count: number, fields: Partial<ShortMessage> = {}): ShortMessage {
  nextId += 1;
  const part = count === 1 ? undefined : { reference: 3, index, count };
  return shortMessage({ id: idOf(nextId), from: '+358401234567', to: '2882', content, part, ...fields });
}

describe('a text', () => {
  it('is made of the parts of one SMSC only', () => {
    const joining = new Joining();
    const add = (smscId: string, index: number) =>
      joining.add({ smscId, arrivedAt: now, message: message(textContent(`${smscId}${index} `), index, 2) });
    expect(add('hel1', 1)).toEqual({ isWaiting: true, whole: [] });
    expect(add('tpe1', 2)).toEqual({ isWaiting: true, whole: [] });
    expect(add('hel1', 2)).toMatchObject({ isWaiting: false, whole: [{ smscId: 'hel1', text: 'hel11 hel12 ' }] });
    expect(joining.expire(later(now, 24 * hourMs))).toMatchObject([{ smscId: 'tpe1', marks: ['gap'] }]);
  });

  it('waits a day for its parts, of every SMSC', () => {
    const joining = new Joining();
    for (const [i, smscId] of ['a', 'b'].entries()) {
      joining.add({ smscId, arrivedAt: later(now, i * hourMs), message: message(textContent('x'), 2, 2) });
    }
    expect(joining.deadline()).toBe(later(now, 24 * hourMs));
    expect(joining.expire(later(now, 24 * hourMs)).map(({ text }) => text)).toEqual(['[…]x']);
    expect(joining.deadline()).toBe(later(now, 25 * hourMs));
  });

  it.each([
    { content: textContent('a'), marks: [] },
    { content: { type: 'text', text: 'a', coding: 'gsm7', flash: true }, marks: ['flash'] },
    { content: { type: 'text', text: 'a', coding: 'gsm7', flash: true, dataCoding: 240 }, marks: ['flash'] },
    { content: { type: 'text', text: 'a', coding: 'gsm7', flash: false, dataCoding: 17 }, marks: [] },
    { content: { type: 'binary', bytes: Uint8Array.of(255), dataCoding: 245 }, marks: ['binary'] },
    { content: { type: 'binary', bytes: Uint8Array.of(255), dataCoding: 244 }, marks: ['binary', 'flash'] },
  ] as const)('is marked $marks: $content.type, coding scheme $content.dataCoding', ({ content, marks }) => {
    const { whole } = new Joining().add({ smscId: 'a', arrivedAt: now, message: message(content, 1, 1) });
    expect(whole).toMatchObject([{ marks }]);
  });

  it('is flash as soon as one of its parts is', () => {
    const joining = new Joining();
    const flash = { type: 'text', text: 'b', coding: 'gsm7', flash: true } as const;
    joining.add({ smscId: 'a', arrivedAt: now, message: message(textContent('a'), 1, 2) });
    const { whole } = joining.add({ smscId: 'a', arrivedAt: now, message: message(flash, 2, 2) });
    expect(whole).toMatchObject([{ text: 'ab', marks: ['flash'] }]);
  });
});
