/** Joining: any order, repetitions, interleaving, gaps, limits, and a restart in between. */
import fc from 'fast-check';
import { pack, unpack } from 'msgpackr';
import { describe, expect, it } from 'vitest';
import { hourMs, type Instant, later } from '../../../src/core/base/time.ts';
import { packetNumber } from '../../../src/core/codec/packet-number.ts';
import { toWellFormed } from '../../../src/core/codec/user-data.ts';
import { parseDeliver } from '../../../src/core/message/deliver.ts';
import { contentOfPart, messageClassOf } from '../../../src/core/message/handling.ts';
import { Joiner, type JoinerOptions } from '../../../src/core/message/join.ts';
import type { Content, ShortMessage, SmscTime } from '../../../src/core/message/message.ts';
import { splitText } from '../../../src/core/message/split.ts';
import { submitParameters } from '../../../src/core/message/submit.ts';
import { anyText, gsmText, idOf, now, shortMessage, textContent } from './messages.ts';

let nextId = 1_000;

const stamp: SmscTime = { digits: '260131120000', at: now };

/** The parts of a text as they come from a handset, each with an id of its own. */
function partsOf(text: string, reference = 1, fields: Partial<ShortMessage> = {}): readonly ShortMessage[] {
  const split = splitText(text, { reference });
  if (!split.ok) throw new Error(split.fault.message);
  return split.value.parts.map(({ text: piece, coding, part }) => {
    nextId += 1;
    const from = '+358401234567';
    return shortMessage({ id: idOf(nextId), from, to: '2882', content: textContent(piece, coding), part, ...fields });
  });
}

/** Three parts `A…`, `B…`, `C…` of one text. */
function threeParts(
  reference = 1,
  fields: Partial<ShortMessage> = {},
): readonly [ShortMessage, ShortMessage, ShortMessage] {
  const [a, b, c] = partsOf(['A', 'B', 'C'].map((letter) => letter.repeat(153)).join(''), reference, fields);
  if (a === undefined || b === undefined || c === undefined) throw new Error('not three parts');
  return [a, b, c];
}

function textOf(content: Content | undefined): string | undefined {
  return content?.type === 'text' ? content.text : undefined;
}

const initials = (content: Content | undefined) => textOf(content)?.replaceAll(/([ABC])\1+/g, '$1');

describe('a whole text', () => {
  it('comes out with its last part, whatever the order', () => {
    const [a, b, c] = threeParts();
    const joiner = new Joiner();
    expect(joiner.add(c, now)).toEqual({ result: 'waiting', joined: [] });
    expect(joiner.add(a, now)).toEqual({ result: 'waiting', joined: [] });
    const { result, joined } = joiner.add(b, now);
    expect(result).toBe('joined');
    expect(joined).toHaveLength(1);
    expect(initials(joined[0]?.content)).toBe('ABC');
    expect(joined[0]).toMatchObject({ messages: [a, b, c], missing: [] });
    expect(joiner.deadline()).toBeUndefined();
  });

  it('passes a message without a part at once, whatever it is', () => {
    const message = shortMessage();
    expect(new Joiner().add(message, now)).toEqual({
      result: 'joined',
      joined: [{ content: message.content, messages: [message], missing: [] }],
    });
  });

  it('joins what was split, in any order, with repetitions, interleaved, across a restart', () => {
    const texts = fc.array(fc.oneof(gsmText(700), anyText(300)), { minLength: 1, maxLength: 4 });
    const order = fc.array(fc.nat(), { minLength: 60, maxLength: 60 });
    fc.assert(
      fc.property(texts, order, fc.nat(30), (whole, picks, restartAt) => {
        const parts = whole.flatMap((text, i) => partsOf(text, i));
        const came = new Set<ShortMessage>();
        const out: (string | undefined)[] = [];
        let joiner = new Joiner();
        const take = (message: ShortMessage) => {
          // Without a part there is nothing to know a repetition by: that is the storing side's.
          if (came.has(message) && message.part === undefined) return;
          came.add(message);
          out.push(...joiner.add(message, now).joined.map(({ content }) => textOf(content)));
        };
        for (const [i, pick] of picks.entries()) {
          if (i === restartAt) joiner = restarted(joiner);
          const message = parts[pick % parts.length];
          if (message !== undefined) take(message);
        }
        for (const message of parts) take(message);
        expect(out.toSorted()).toEqual(whole.map((text) => toWellFormed(text).text).toSorted());
        expect(joiner.waiting()).toEqual([]);
      }),
      // Shrinking four long texts and sixty picks would otherwise go on for minutes.
      { interruptAfterTimeLimit: 10_000 },
    );
  });

  it('joins what was submitted and delivered, in every alphabet, class and size of reference (7.8)', () => {
    const portuguese = fc.string({ unit: fc.constantFrom(...'ãõçê€{Φa '), maxLength: 400, size: 'max' });
    const turkish = fc.string({ unit: fc.constantFrom(...'ığşçİ€{a '), maxLength: 400, size: 'max' });
    const options = fc.record({
      reference: fc.constantFrom(0, 255, 256, 65_535),
      national: fc.constantFrom('off' as const, 'auto' as const, 'turkish' as const, 'portuguese' as const),
      messageClass: fc.constantFrom(0 as const, 1 as const, 2 as const, 3 as const),
      headers: fc.constantFrom([], [{ id: 5, data: Uint8Array.of(1, 2, 3, 4) }]),
    });
    fc.assert(
      fc.property(fc.oneof(gsmText(400), anyText(200), portuguese, turkish), options, (text, how) => {
        const split = splitText(text, how);
        if (!split.ok) throw new Error(split.fault.message);
        const joiner = new Joiner();
        const out = split.value.parts.toReversed().flatMap((piece) => {
          nextId += 1;
          const sent = shortMessage({
            id: idOf(nextId),
            content: contentOfPart(piece),
            header: split.value.header,
            part: piece.part,
          });
          const parameters = submitParameters(sent, { now, eightBit: 'combination', reports: 'none' });
          const parsed = parseDeliver(
            { operation: 20, packetNumber: packetNumber(0), parameters: [...parameters, { code: 23, value: '1' }] },
            { zoneOffsetMinutes: 0, alphabet: 'nokia', id: sent.id, now, validUntil: now },
          );
          if (!parsed.ok) throw new Error(parsed.fault.message);
          expect(parsed.value.header).toEqual(split.value.header);
          return joiner.add(parsed.value, now).joined;
        });
        expect(out).toHaveLength(1);
        expect(textOf(out[0]?.content)).toBe(toWellFormed(text).text);
        expect(out[0] && messageClassOf(out[0].content)).toBe(how.messageClass);
      }),
    );
  });

  it('joins parts whose headers spell the reference with 8 and with 16 bits (7.8)', () => {
    const parsed = ['050003090201', '06080400090202'].map((hex, i) =>
      parseDeliver(
        {
          operation: 20,
          packetNumber: packetNumber(0),
          parameters: [
            { code: 21, value: '1' },
            { code: 23, value: '2' },
            { code: 32, value: hex },
            { code: 33, value: `part ${i} ` },
          ],
        },
        { zoneOffsetMinutes: 0, alphabet: 'nokia', id: idOf(80 + i), now, validUntil: now },
      ),
    );
    const joiner = new Joiner();
    const joined = parsed.flatMap((one) => (one.ok ? joiner.add(one.value, now).joined : []));
    expect(joined.map(({ content }) => textOf(content))).toEqual(['part 0 part 1 ']);
  });

  it('has the coding scheme of its parts, unless the whole is in another alphabet', () => {
    const place = (index: number) => ({ id: idOf(index), part: { reference: 1, index, count: 2 } });
    const join = (first: Content, second: Content) => {
      const joiner = new Joiner();
      joiner.add(shortMessage({ ...place(1), content: first }), now);
      return joiner.add(shortMessage({ ...place(2), content: second }), now).joined[0]?.content;
    };
    const coded = { type: 'text', text: 'a', coding: 'gsm7', flash: false, dataCoding: 17 } as const;
    expect(join(coded, coded)).toEqual({ ...coded, text: 'aa' });
    expect(join(coded, textContent('ł', 'ucs2'))).toEqual(textContent('ał', 'ucs2'));
  });

  it('keeps texts of other senders, receivers, references and counts apart', () => {
    const joiner = new Joiner();
    const [a] = threeParts(1);
    const others = [
      threeParts(1, { from: '+358409999999' })[1],
      threeParts(1, { to: '28820001' })[1],
      threeParts(2)[1],
      { ...threeParts(1)[1], part: { reference: 1, index: 2, count: 2 } },
    ];
    for (const message of [a, ...others]) expect(joiner.add(message, now)).toEqual({ result: 'waiting', joined: [] });
    expect(joiner.waiting()).toHaveLength(5);
  });

  it('makes a character whole that its sender cut between two parts', () => {
    const part = (index: number) => ({ reference: 1, index, count: 2 });
    const half = (bytes: number[]): Content => ({ type: 'binary', bytes: Uint8Array.from(bytes), dataCoding: 8 });
    const joiner = new Joiner();
    joiner.add(shortMessage({ content: half([0, 0x61, 0xd8, 0x3d]), part: part(1) }), now);
    const { joined } = joiner.add(shortMessage({ id: idOf(2), content: half([0xde, 0, 0, 0x62]), part: part(2) }), now);
    expect(joined[0]?.content).toEqual(textContent('a😀b', 'ucs2'));
  });

  it('joins octets as octets', () => {
    const piece = (index: number): Partial<ShortMessage> => ({
      id: idOf(index),
      content: { type: 'binary', bytes: Uint8Array.of(index, 0xff), dataCoding: 245 },
      part: { reference: 1, index, count: 2 },
    });
    const joiner = new Joiner();
    joiner.add(shortMessage(piece(2)), now);
    expect(joiner.add(shortMessage(piece(1)), now).joined[0]?.content).toEqual({
      type: 'binary',
      bytes: Uint8Array.of(1, 0xff, 2, 0xff),
      dataCoding: 245,
    });
  });
});

describe('repetitions', () => {
  it('knows a part again by its id, while the set waits and after it was given out', () => {
    const [a, b, c] = threeParts();
    const joiner = new Joiner();
    joiner.add(a, now);
    expect(joiner.add({ ...a, content: textContent('read otherwise') }, now).result).toBe('repeated');
    joiner.add(b, now);
    joiner.add(c, now);
    for (const message of [a, b, c]) expect(joiner.add(message, now)).toEqual({ result: 'repeated', joined: [] });
    expect(joiner.waiting()).toEqual([]);
  });

  it('knows a part again that was taken under another id, by everything else', () => {
    const parts = threeParts(1, { smscTime: stamp });
    const joiner = new Joiner();
    for (const message of parts) joiner.add(message, now);
    const again = { ...parts[0], id: idOf(7) };
    expect(joiner.add(again, now).result).toBe('repeated');
    const sentAgain = { ...again, smscTime: { digits: '260131120001', at: now } };
    expect(joiner.add(sentAgain, now).result).toBe('waiting');
  });

  it('takes an equal part under another id for a repetition while its set waits', () => {
    const [a] = threeParts();
    const joiner = new Joiner();
    joiner.add(a, now);
    expect(joiner.add({ ...a, id: idOf(7) }, now)).toEqual({ result: 'repeated', joined: [] });
  });

  it('joins the same reference again for a new text', () => {
    const joiner = new Joiner();
    const run = () => threeParts().flatMap((message) => joiner.add(message, now).joined);
    expect([...run(), ...run()].map(({ content }) => initials(content))).toEqual(['ABC', 'ABC']);
  });

  it('forgets what it gave out after 24 h, and above its limit', () => {
    const [a, b, c] = threeParts();
    const joiner = new Joiner({ memoryLimit: 3 });
    for (const message of [a, b, c]) joiner.add(message, now);
    expect(joiner.add(a, later(now, 24 * hourMs - 1)).result).toBe('repeated');
    expect(joiner.add(a, later(now, 24 * hourMs)).result).toBe('waiting');

    const small = new Joiner({ memoryLimit: 3 });
    for (const message of [a, b, c, ...threeParts(2, { smscTime: stamp })]) small.add(message, now);
    expect(small.add(a, now).result).toBe('waiting');
  });
});

describe('what stays incomplete', () => {
  it('is given out after 24 h, with each gap marked once', () => {
    const [a, , c] = threeParts();
    const joiner = new Joiner();
    joiner.add(a, now);
    joiner.add(c, later(now, hourMs));
    expect(joiner.deadline()).toBe(later(now, 24 * hourMs));
    expect(joiner.expire(later(now, 24 * hourMs - 1))).toEqual([]);
    const joined = joiner.expire(later(now, 24 * hourMs));
    expect(joined.map(({ content }) => initials(content))).toEqual(['A[…]C']);
    expect(joined[0]).toMatchObject({ messages: [a, c], missing: [2] });
    expect(joiner.deadline()).toBeUndefined();
    expect(joiner.expire(later(now, 48 * hourMs))).toEqual([]);
  });

  it('has one mark for several parts in a row', () => {
    const [, , c] = threeParts();
    const joiner = new Joiner();
    joiner.add(c, now);
    expect(joiner.expire(later(now, 24 * hourMs)).map(({ content }) => initials(content))).toEqual(['[…]C']);
  });

  it('is given out by the next part of anybody, if nobody asked before', () => {
    const joiner = new Joiner();
    joiner.add(threeParts(1)[0], now);
    const { result, joined } = joiner.add(threeParts(2)[0], later(now, 25 * hourMs));
    expect(result).toBe('waiting');
    expect(joined.map(({ content }) => initials(content))).toEqual(['A[…]']);
  });

  it('makes room for a different text under its reference', () => {
    const joiner = new Joiner();
    const [a, b] = threeParts();
    joiner.add(a, now);
    const { result, joined } = joiner.add({ ...a, id: idOf(7), content: b.content }, now);
    expect(result).toBe('waiting');
    expect(joined.map(({ content }) => initials(content))).toEqual(['A[…]']);
  });

  it('makes room for others, the oldest first', () => {
    const joiner = new Joiner({ openLimit: 2 });
    const [one, two, three] = [threeParts(1)[0], threeParts(2)[1], threeParts(3)[2]];
    joiner.add(one, now);
    joiner.add(two, now);
    const { result, joined } = joiner.add(three, now);
    expect(result).toBe('waiting');
    expect(joined.map(({ messages }) => messages)).toEqual([[one]]);
    expect(joiner.waiting().map(({ message }) => message)).toEqual([two, three]);
  });

  it('gives every part out exactly once, whatever comes and however small the limits', () => {
    const step = fc.record({ reference: fc.nat(3), index: fc.nat(2), afterMs: fc.nat(8 * hourMs), variant: fc.nat(1) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), fc.integer({ min: 1, max: 4 }), (steps, openLimit) => {
        const joiner = new Joiner({ openLimit });
        const kept: string[] = [];
        const out: string[] = [];
        let at: Instant = now;
        for (const { reference, index, afterMs, variant } of steps) {
          at = later(at, afterMs);
          nextId += 1;
          const part = { reference, index: index + 1, count: 3 };
          const message = shortMessage({ id: idOf(nextId), content: textContent(`${variant}`), part });
          const { result, joined } = joiner.add(message, at);
          if (result !== 'repeated') kept.push(message.id);
          const given = joined.flatMap(({ messages }) => messages.map(({ id }) => id));
          out.push(...given);
          expect(given.includes(message.id)).toBe(result === 'joined');
          expect(new Set(joiner.waiting().map((waiting) => waiting.message.part?.reference)).size).toBeLessThanOrEqual(
            openLimit,
          );
        }
        out.push(...joiner.expire(later(at, 24 * hourMs)).flatMap(({ messages }) => messages.map(({ id }) => id)));
        expect(out.toSorted()).toEqual(kept.toSorted());
      }),
    );
  });
});

describe('a restart', () => {
  it('changes nothing: not what waits, not until when, not what is known', () => {
    const [a, b, c] = threeParts();
    const joiner = new Joiner();
    for (const message of threeParts(9)) joiner.add(message, now);
    const known = threeParts(8, { smscTime: stamp });
    for (const message of known) joiner.add(message, now);
    joiner.add(b, now);
    joiner.add(a, later(now, hourMs));
    const next = restarted(joiner);
    expect(next.deadline()).toBe(later(now, 24 * hourMs));
    expect(next.toValue()).toEqual(joiner.toValue());
    expect(next.add(known[1], later(now, hourMs)).result).toBe('repeated');
    expect(initials(next.add(c, later(now, hourMs)).joined[0]?.content)).toBe('ABC');
  });

  it('can as well add the waiting parts again, at their times', () => {
    const [a, b, c] = threeParts();
    const joiner = new Joiner();
    joiner.add(a, now);
    joiner.add(b, later(now, hourMs));
    const next = new Joiner();
    for (const { message, arrivedAt } of joiner.waiting()) next.add(message, arrivedAt);
    expect(next.deadline()).toBe(joiner.deadline());
    expect(initials(next.add(c, later(now, hourMs)).joined[0]?.content)).toBe('ABC');
  });

  it('refuses a state that is none, and names one of another version', () => {
    const unreadable = { ok: false, fault: { code: 'MESSAGE_UNREADABLE' } };
    expect(Joiner.fromValue([2, [], []])).toMatchObject({ ok: false, fault: { code: 'STORE_FORMAT_UNKNOWN' } });
    for (const value of [
      null,
      [],
      [1],
      [1, [], null],
      [1, [[0]], []],
      [1, [[0, [1]]], []],
      [1, [], [['mark']]],
      [1, [], [5]],
    ]) {
      expect(Joiner.fromValue(value)).toMatchObject(unreadable);
    }
  });
});

function restarted(joiner: Joiner, options: Partial<JoinerOptions> = {}): Joiner {
  const next = Joiner.fromValue(unpack(pack(joiner.toValue())), options);
  if (!next.ok) throw new Error(next.fault.message);
  return next.value;
}
