import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromHex } from '../../../src/core/base/bytes.ts';
import { hourMs, later, minuteMs } from '../../../src/core/base/time.ts';
import { septetCount } from '../../../src/core/codec/gsm-alphabet.ts';
import { parseDeliver } from '../../../src/core/message/deliver.ts';
import { submitParameters } from '../../../src/core/message/submit.ts';
import { anyShortMessage, anyText, gsmText, now, shortMessage, textContent } from './messages.ts';
import { deliverLines, options, packet, submitOptions, submitted, written } from './packet-lines.ts';

describe('a submit (2.4)', () => {
  it('is the destination, the text, what remains of the validity, and a report of all final events', () => {
    expect(submitted({})).toEqual(['021:+358401234567', '033:Hello', '050:168', '056:62']);
  });

  it('names the originator only where there is one, behind the destination', () => {
    expect(submitted({ from: '0001' }).slice(0, 2)).toEqual(['021:+358401234567', '023:0001']);
  });

  it('asks for no report where the message or the account wants none, and then leaves 056 out (8.1)', () => {
    expect(submitted({ report: 'none' }).filter((line) => line.startsWith('056'))).toEqual([]);
    const none = submitParameters(shortMessage(), { ...submitOptions, reports: 'none' });
    expect(none.some(({ code }) => code === 56)).toBe(false);
  });

  it.each([
    { remainingMs: 48 * hourMs, value: '168' },
    { remainingMs: 12 * hourMs + 1, value: '144' },
    { remainingMs: 6 * minuteMs, value: '1' },
    { remainingMs: 5 * minuteMs, value: '0' },
    { remainingMs: 1, value: '0' },
    { remainingMs: -hourMs, value: '0' },
  ])('rounds a remaining validity of $remainingMs ms up to step $value (3.4)', ({ remainingMs, value }) => {
    expect(submitted({ validUntil: later(now, remainingMs) })).toContain(`050:${value}`);
  });

  it('sends UCS-2 in 034 with its coding scheme (7.7), and class 0 as it is asked for', () => {
    expect(submitted({ content: textContent('test', 'ucs2') }).slice(1, 3)).toEqual(['030:8', '034:0074006500730074']);
    const flash = (coding: 'gsm7' | 'ucs2') => ({ type: 'text', text: 'a', coding, flash: true }) as const;
    expect(submitted({ content: flash('gsm7') }).slice(1, 3)).toEqual(['030:16', '033:a']);
    expect(submitted({ content: flash('ucs2') }).slice(1, 3)).toEqual(['030:24', '034:0061']);
  });

  it('says 044:1 in all parts but the last, with concatenation in 032 (7.8)', () => {
    const part = (index: number) => ({ part: { reference: 0xab, index, count: 2 } });
    const first = submitted({ ...part(1), content: textContent('First part ') });
    expect(first.slice(1, 4)).toEqual(['032:050003AB0201', '033:First part ', '044:1']);
    const last = submitted(part(2));
    expect(last.slice(1, 3)).toEqual(['032:050003AB0202', '033:Hello']);
    expect(last.some((line) => line.startsWith('044'))).toBe(false);
  });

  it('puts concatenation behind the header that a message has (7.8)', () => {
    const header = fromHex('0605040B8423F0') ?? new Uint8Array();
    const content = { type: 'binary', bytes: Uint8Array.of(1, 6), dataCoding: 245 } as const;
    expect(submitted({ header, content }).slice(1, 4)).toEqual(['030:245', '032:0605040B8423F0', '034:0106']);
    const part = { reference: 0x1ab, index: 1, count: 2 };
    expect(submitted({ header, content, part }).slice(1, 5)).toEqual([
      '030:245',
      '032:0C05040B8423F0080401AB0201',
      '034:0106',
      '044:1',
    ]);
  });

  it('sends an empty text as an empty 033, and no empty 034 (1.7)', () => {
    expect(submitted({ content: textContent('') })).toContain('033:');
    const header = Uint8Array.of(2, 0x70, 0);
    const empty = submitted({ header, content: { type: 'binary', bytes: new Uint8Array(), dataCoding: 4 } });
    expect(empty.slice(1, 4)).toEqual(['030:4', '032:027000', '050:168']);
  });

  it('never sends packed septets in 034: octets of the default alphabet go as 033 (7.7)', () => {
    const bytes = fromHex('E8329BFD06') ?? new Uint8Array();
    expect(submitted({ content: { type: 'binary', bytes, dataCoding: 0 } }).slice(1, 2)).toEqual(['033:hello']);
  });

  it('sends as UCS-2 what calls itself GSM and is not', () => {
    expect(submitted({ content: textContent('ç') }).slice(1, 3)).toEqual(['030:8', '034:00E7']);
  });

  it('uses Latin-1 bytes only where the link is 8-bit', () => {
    expect(submitted({ content: textContent('é') })).toContain("033:_e'");
    const eightBit = submitParameters(shortMessage({ content: textContent('é') }), {
      ...submitOptions,
      eightBit: 'latin1',
    });
    expect(eightBit).toContainEqual({ code: 33, value: '\u00e9' });
  });

  it('takes a status report for a bug', () => {
    const time = { digits: '260131120000', at: now };
    const report = { destination: '1', stamp: time, status: 4, error: undefined, dischargedAt: time };
    expect(() => submitted({ content: { type: 'status-report', report } })).toThrow('status report');
  });

  it('comes back as the same content and header when it is delivered', () => {
    const text = fc.oneof(
      gsmText(140)
        .filter((candidate) => (septetCount(candidate) ?? 999) <= 153)
        .map((candidate) => textContent(candidate)),
      // With both headers, 63 units of UCS-2 are what one part holds.
      anyText(25)
        .filter((candidate) => candidate.length < 63)
        .map((candidate) => textContent(`${candidate}ł`, 'ucs2')),
    );
    const part = fc.constantFrom(
      undefined,
      { reference: 3, index: 1, count: 2 },
      { reference: 999, index: 2, count: 9 },
    );
    fc.assert(
      fc.property(text, part, fc.constantFrom('', '027000', '0605040B8423F0'), (content, place, hex) => {
        const message = shortMessage({ content, part: place, header: fromHex(hex) ?? new Uint8Array() });
        const sent = submitParameters(message, submitOptions).filter(({ code }) => code !== 21);
        const parsed = parseDeliver(packet(20, [...written(...deliverLines), ...sent]), options);
        expect(parsed).toMatchObject({
          ok: true,
          value: { content, part: place, header: message.header },
          remarks: [],
        });
      }),
    );
  });

  it('makes parameters of every message there is', () => {
    fc.assert(
      fc.property(anyShortMessage, (message) => {
        if (message.content.type === 'status-report') return;
        for (const { value } of submitParameters(message, submitOptions)) {
          expect(value).toMatch(/^[^\u0000\u0002\u0003\u0009\u0100-\uffff]*$/);
        }
      }),
    );
  });
});
