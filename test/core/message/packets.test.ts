/** Short messages and parameters: submits out; delivers, status reports and answers in, from sound and odd peers. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromHex } from '../../../src/core/base/bytes.ts';
import { hourMs, instant, later, minuteMs } from '../../../src/core/base/time.ts';
import { septetCount } from '../../../src/core/codec/gsm-alphabet.ts';
import type { Packet, Parameter } from '../../../src/core/codec/packet.ts';
import { packetNumber } from '../../../src/core/codec/packet-number.ts';
import type { ShortMessage } from '../../../src/core/message/message.ts';
import {
  type DeliverOptions,
  parseDeliver,
  parseStatusReport,
  readSubmitAnswer,
  submitParameters,
} from '../../../src/core/message/packets.ts';
import { messageFromValue, messageToValue } from '../../../src/core/message/values.ts';
import { vectorParameters } from '../codec/vector-values.ts';
import { anyShortMessage, anyText, gsmText, idOf, now, shortMessage, textContent } from './messages.ts';

const submitOptions = { now, eightBit: 'combination', reports: 'final' } as const;
const options: DeliverOptions = {
  zoneOffsetMinutes: 120,
  alphabet: 'nokia',
  id: idOf(5),
  now,
  validUntil: later(now, 48 * hourMs),
};

function packet(operation: number, parameters: readonly Parameter[]): Packet {
  return { operation, packetNumber: packetNumber(0), parameters };
}

/** `021:…` lines to parameters. */
function written(...lines: readonly string[]): readonly Parameter[] {
  return lines.map((line) => ({ code: Number(line.slice(0, 3)), value: line.slice(4) }));
}

function submitted(fields: Partial<ShortMessage>, how: Partial<typeof submitOptions> = {}): readonly string[] {
  return submitParameters(shortMessage(fields), { ...submitOptions, ...how }).map(
    ({ code, value }) => `${String(code).padStart(3, '0')}:${value}`,
  );
}

const deliverLines = ['021:12345', '023:358501234567', '060:260131235958'] as const;

function delivered(...lines: readonly string[]): ReturnType<typeof parseDeliver> {
  return parseDeliver(packet(20, written(...deliverLines, ...lines)), options);
}

function contentOf(...lines: readonly string[]): ShortMessage['content'] | undefined {
  const parsed = delivered(...lines);
  return parsed.ok ? parsed.value.content : undefined;
}

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

describe('a deliver (2.9)', () => {
  it('reads the vector deliver-message-full', () => {
    const parsed = parseDeliver(packet(20, vectorParameters('deliver-message-full')), options);
    expect(parsed).toEqual({
      ok: true,
      value: {
        id: idOf(5),
        from: '358501234567',
        to: '12345',
        content: textContent('Price 10 €'),
        header: new Uint8Array(),
        part: undefined,
        validUntil: options.validUntil,
        report: 'none',
        createdAt: now,
        smscTime: { digits: '260131235958', at: Date.parse('2026-01-31T23:59:58+02:00') },
        textId: '',
      },
      remarks: [],
    });
  });

  it('reads the vector deliver-message-binary', () => {
    expect(parseDeliver(packet(20, vectorParameters('deliver-message-binary')), options)).toMatchObject({
      ok: true,
      value: {
        content: { type: 'binary', bytes: fromHex('01062F1F2DB69181'), dataCoding: 4 },
        header: fromHex('0605040B8423F0'),
        part: undefined,
      },
      remarks: [],
    });
  });

  it('reads the vector deliver-message-empty-text', () => {
    const parsed = parseDeliver(packet(20, vectorParameters('deliver-message-empty-text')), options);
    expect(parsed).toMatchObject({ ok: true, value: { content: textContent('') }, remarks: [] });
  });

  it('takes concatenation out of the header and leaves the rest (7.8)', () => {
    expect(delivered('032:0B05040B8423F00003AA0201', '033:x')).toMatchObject({
      value: { part: { reference: 0xaa, index: 1, count: 2 }, header: fromHex('0605040B8423F0') },
      remarks: [],
    });
    expect(delivered('032:06080401AA0302', '033:x')).toMatchObject({
      value: { part: { reference: 0x1aa, index: 2, count: 3 }, header: new Uint8Array() },
    });
  });

  it('takes part 1 of 1 for a message of its own', () => {
    expect(delivered('032:050003AA0101', '033:x')).toMatchObject({
      value: { part: undefined, header: new Uint8Array() },
      remarks: [],
    });
  });

  it('reads national positions as it is told (7.5)', () => {
    const lines = written(...deliverLines, '033:[a]');
    expect(contentOf('033:[a]')).toEqual(textContent('ÄaÅ'));
    const literal = parseDeliver(packet(20, lines), { ...options, alphabet: 'literal' });
    expect(literal).toMatchObject({ value: { content: textContent('[a]') } });
  });

  it.each([
    { lines: ['030:8', '034:00740065'], content: textContent('te', 'ucs2') },
    { lines: ['030:24', '034:0074'], content: { ...textContent('t', 'ucs2'), flash: true } },
    { lines: ['030:016', '033:t'], content: { ...textContent('t'), flash: true } },
    { lines: ['030:0', '034:e8329bfd06'], content: textContent('hello') },
    { lines: ['030:40', '034:0074'], content: { type: 'binary', bytes: Uint8Array.of(0, 0x74), dataCoding: 40 } },
    { lines: ['030:245', '034:FF'], content: { type: 'binary', bytes: Uint8Array.of(255), dataCoding: 245 } },
    { lines: ['030:4'], content: { type: 'binary', bytes: new Uint8Array(), dataCoding: 4 } },
    { lines: [], content: textContent('') },
  ])('reads $lines by its coding scheme (7.6)', ({ lines, content }) => {
    expect(contentOf(...lines)).toEqual(content);
  });

  it.each([
    { lines: ['030:8', '033:te'], content: textContent('te'), code: 'CIMD2_UNEXPECTED_PARAMETER' },
    { lines: ['033:te', '034:00'], content: textContent('te'), code: 'CIMD2_UNEXPECTED_PARAMETER' },
    { lines: ['033:a_zz'], content: textContent('a_zz'), code: 'CIMD2_USER_DATA' },
    { lines: ['033:a\u00ff'], content: textContent('a\ufffd'), code: 'CIMD2_USER_DATA' },
    { lines: ['030:8', '034:D83D'], content: textContent('\ufffd', 'ucs2'), code: 'CIMD2_USER_DATA' },
    {
      lines: ['030:8', '034:007400'],
      content: { type: 'binary', bytes: Uint8Array.of(0, 0x74, 0), dataCoding: 8 },
      code: 'CIMD2_USER_DATA',
    },
    { lines: ['032:03240104', '033:a'], content: textContent('a'), code: 'CIMD2_USER_DATA' },
    { lines: ['032:050003AA0200', '033:a'], content: textContent('a'), code: 'CIMD2_USER_DATA' },
  ])('takes $lines as it can, and says what was odd', ({ lines, content, code }) => {
    const parsed = delivered(...lines);
    expect(parsed).toMatchObject({ ok: true, value: { content, part: undefined }, remarks: [{ code }] });
    expect(parsed.remarks).toHaveLength(1);
  });

  it.each([
    { dataCoding: 17, says: 'class 1' },
    { dataCoding: 19, says: 'class 3' },
    { dataCoding: 64, says: 'deletion after reading' },
    { dataCoding: 80, says: 'deletion after reading, class 0', flash: true },
    { dataCoding: 12, says: 'a reserved alphabet' },
    { dataCoding: 128, says: 'a reserved group' },
    { dataCoding: 200, says: 'voice mail, discard' },
    { dataCoding: 209, says: 'no fax any more, store' },
    { dataCoding: 240, says: 'class 0 of the last group', flash: true },
    { dataCoding: 242, says: 'class 2 of the last group' },
  ])('keeps $dataCoding, $says, beside the text and gives it on (7.6)', ({ dataCoding, flash = false }) => {
    const content = { ...textContent('a'), flash, dataCoding } as const;
    expect(contentOf(`030:${dataCoding}`, '033:a')).toEqual(content);
    expect(submitted({ content }).slice(1, 3)).toEqual([`030:${dataCoding}`, '033:a']);
  });

  it('keeps a message waiting in UCS-2, and deletion (7.6)', () => {
    for (const dataCoding of [25, 72, 89, 226, 234]) {
      const content = { ...textContent('a', 'ucs2'), flash: false, dataCoding } as const;
      expect(contentOf(`030:${dataCoding}`, '034:0061')).toEqual(content);
      expect(submitted({ content }).slice(1, 3)).toEqual([`030:${dataCoding}`, '034:0061']);
    }
  });

  it('sends what a scheme says of the default alphabet as the same of UCS-2 where the text needs that', () => {
    const sent = (dataCoding: number) =>
      submitted({ content: { type: 'text', text: 'ł', coding: 'gsm7', flash: false, dataCoding } })[1];
    expect([17, 64, 82, 200, 209, 242].map(sent)).toEqual([
      '030:25',
      '030:72',
      '030:90',
      '030:232',
      '030:225',
      '030:26',
    ]);
  });

  it('keeps no scheme of an alphabet that the text did not come in, only its class', () => {
    expect(delivered('030:24', '033:a')).toMatchObject({ value: { content: { ...textContent('a'), flash: true } } });
    expect(contentOf('030:232', '033:a')).toEqual(textContent('a'));
    expect(contentOf('030:34', '033:a')).toEqual(textContent('a'));
  });

  it.each([
    { hex: '03240101', wire: 'S_XXc_XXi', text: 'Sçı', what: 'Turkish single shift' },
    { hex: '03250101', wire: '_AE_i`_??', text: 'Şıç', what: 'Turkish locking' },
    { hex: '06240101250101', wire: '_O/_AE_XX_!!', text: 'ĞŞ|', what: 'Turkish, both' },
    { hex: '03240102', wire: 'a_XXa_XX_C,', text: 'aáç', what: 'Spanish single shift' },
    { hex: '03240103', wire: '_XX_a"_XX_e\'', text: 'ãê', what: 'Portuguese single shift' },
    { hex: '03250103', wire: '_a"_gd_n~', text: 'ãΔ`', what: 'Portuguese locking' },
  ])('reads and writes $what: a septet is spelled as in the default alphabet (7.8)', ({ hex, wire, text }) => {
    const header = fromHex(hex) ?? new Uint8Array();
    expect(delivered(`032:${hex}`, `033:${wire}`)).toMatchObject({
      value: { content: textContent(text), header, part: undefined },
      remarks: [],
    });
    expect(submitted({ content: textContent(text), header }).slice(1, 3)).toEqual([`032:${hex}`, `033:${wire}`]);
  });

  it('reads packed septets in the national alphabet that the header names (7.7, 7.8)', () => {
    expect(contentOf('032:03250101', '034:1C')).toEqual(textContent('Ş'));
  });

  it('sends as UCS-2 what the tables of its header do not have', () => {
    const header = fromHex('03250103') ?? new Uint8Array();
    expect(submitted({ content: textContent('ñ'), header })).toContain('034:00F1');
  });

  it('keeps ports, message indications and unknown elements, and gives them on unchanged (7.8)', () => {
    for (const hex of ['0404020B0C', '0605040B8423F0', '04010280FF', '0570037F0001', '0A22040000000070020102']) {
      const parsed = delivered(`032:${hex}`, '033:a');
      expect(parsed).toMatchObject({ ok: true, remarks: [] });
      expect(parsed.ok && submitted({ ...parsed.value, smscTime: undefined })).toContain(`032:${hex}`);
    }
  });

  it('reads the filled one of 033 and 034 where the other is empty', () => {
    expect(delivered('030:8', '033:', '034:0074')).toMatchObject({ value: { content: { text: 't' } }, remarks: [] });
    expect(delivered('033:t', '034:')).toMatchObject({ value: { content: { text: 't' } }, remarks: [] });
  });

  it('keeps a header that does not hold together as it came', () => {
    expect(delivered('032:0500', '033:a')).toMatchObject({
      ok: true,
      value: { header: Uint8Array.of(5, 0), part: undefined },
      remarks: [{ code: 'CIMD2_USER_DATA' }],
    });
  });

  it('keeps the octets of a part that was cut inside a surrogate pair', () => {
    expect(delivered('030:8', '032:050003AA0201', '034:0061D83D')).toMatchObject({
      ok: true,
      value: { content: { type: 'binary', bytes: Uint8Array.of(0, 0x61, 0xd8, 0x3d), dataCoding: 8 } },
      remarks: [],
    });
  });

  it('takes hyphens out of addresses (3.1)', () => {
    const parsed = parseDeliver(packet(20, written('021:12-345', '023:+358-50-1234567', '033:a')), options);
    expect(parsed).toMatchObject({ value: { from: '+358501234567', to: '12345' } });
  });

  it.each([
    { stamp: '060:260231000000', smscTime: { digits: '260231000000', at: now }, code: 'CIMD2_VALUE_OUT_OF_RANGE' },
    { stamp: '060:today', smscTime: undefined, code: 'CIMD2_VALUE_OUT_OF_RANGE' },
    { stamp: '060:', smscTime: undefined, code: 'CIMD2_MISSING_PARAMETER' },
  ])('takes a message with the time stamp $stamp', ({ stamp, smscTime, code }) => {
    const parsed = parseDeliver(packet(20, written('021:1', '023:2', stamp, '033:a')), options);
    expect(parsed).toMatchObject({ ok: true, value: { smscTime }, remarks: [{ code }] });
  });

  it.each([
    { lines: ['023:2', '033:a'], code: 'CIMD2_MISSING_PARAMETER' },
    { lines: ['021:1', '023:', '033:a'], code: 'CIMD2_MISSING_PARAMETER' },
    { lines: ['021:1', '023:INFO', '033:a'], code: 'CIMD2_BAD_PARAMETER' },
    { lines: ['021:1', '023:-', '033:a'], code: 'CIMD2_BAD_PARAMETER' },
    { lines: ['021:1', `023:${'1'.repeat(22)}`, '033:a'], code: 'CIMD2_VALUE_TOO_LONG' },
    { lines: ['021:1', '023:2', '030:256', '033:a'], code: 'CIMD2_VALUE_OUT_OF_RANGE' },
    { lines: ['021:1', '023:2', '030:x', '033:a'], code: 'CIMD2_VALUE_OUT_OF_RANGE' },
    { lines: ['021:1', '023:2', '030:4', '034:F'], code: 'CIMD2_USER_DATA' },
    { lines: ['021:1', '023:2', '032:XY', '033:a'], code: 'CIMD2_USER_DATA' },
    { lines: ['021:1', '023:2', `033:${'a'.repeat(547)}`], code: 'CIMD2_VALUE_TOO_LONG' },
    { lines: ['021:1', '023:2', '030:4', `034:${'00'.repeat(161)}`], code: 'CIMD2_VALUE_TOO_LONG' },
    { lines: ['021:1', '023:2', `032:${'00'.repeat(161)}`, '033:a'], code: 'CIMD2_VALUE_TOO_LONG' },
  ])('is a fault with $lines', ({ lines, code }) => {
    expect(parseDeliver(packet(20, written(...lines)), options)).toMatchObject({ ok: false, fault: { code } });
  });

  it('never throws, and makes only messages that the rings can keep', () => {
    const latin1 = fc.uint8Array({ maxLength: 40 }).map((bytes) => String.fromCharCode(...bytes));
    const hex = fc
      .uint8Array({ maxLength: 30 })
      .map((bytes) => [...bytes].map((b) => b.toString(16).padStart(2, '0')).join(''));
    const oddHeader = fc.uint8Array({ maxLength: 20 }).map((bytes) => {
      return [bytes.length, ...bytes].map((b) => b.toString(16).padStart(2, '0')).join('');
    });
    const parameter = fc.oneof(
      fc.record({ code: fc.constantFrom(21, 23, 30, 32, 33, 34, 60), value: latin1 }),
      fc.record({ code: fc.constant(30), value: fc.integer({ min: 0, max: 255 }).map(String) }),
      fc.record({ code: fc.constantFrom(32, 34), value: fc.oneof(hex, oddHeader) }),
      fc.record({ code: fc.constant(33), value: latin1 }),
    );
    fc.assert(
      fc.property(fc.array(parameter, { maxLength: 8 }), fc.constantFrom([], [...deliverLines]), (odd, sound) => {
        const parsed = parseDeliver(packet(20, [...written(...sound), ...odd]), options);
        if (parsed.ok)
          expect(messageFromValue(messageToValue(parsed.value))).toEqual({ ok: true, value: parsed.value });
        else expect(parsed.fault.message).not.toBe('');
      }),
      { numRuns: 500 },
    );
  });

  it('says nothing of numbers or texts in its faults and remarks', () => {
    const lines = written('021:secret', '023:+358501234567', '033:secret_zz', '060:secret');
    const sound = [{ code: 21, value: '12345' }, ...lines.slice(1)];
    const said = JSON.stringify([
      parseDeliver(packet(20, lines), options),
      parseDeliver(packet(20, sound), options).remarks,
    ]);
    expect(said).not.toMatch(/secret|358501234567/);
  });
});

describe('a status report (2.10)', () => {
  it('reads the vector status-report-failed', () => {
    const parsed = parseStatusReport(packet(23, vectorParameters('status-report-failed')), options);
    expect(parsed).toEqual({
      ok: true,
      value: shortMessage({
        id: idOf(5),
        from: '+358501234567',
        to: '1234599',
        content: {
          type: 'status-report',
          report: {
            destination: '+358501234567',
            stamp: { digits: '260131235959', at: instant(Date.parse('2026-01-31T23:59:59+02:00')) },
            status: 3,
            error: 1,
            dischargedAt: { digits: '260201000003', at: instant(Date.parse('2026-02-01T00:00:03+02:00')) },
          },
        },
        report: 'none',
        validUntil: options.validUntil,
        textId: '',
      }),
      remarks: [],
    });
  });

  it('keeps the key byte for byte, hyphens and impossible dates included (8.4)', () => {
    const lines = written('021:+358-50-1', '060:269999999999', '061:4', '063:260201000003');
    expect(parseStatusReport(packet(23, lines), options)).toMatchObject({
      ok: true,
      value: { from: '+358501', content: { report: { destination: '+358-50-1', stamp: { digits: '269999999999' } } } },
      remarks: [{ code: 'CIMD2_VALUE_OUT_OF_RANGE' }],
    });
  });

  it.each(['062:x', '063:', '063:soon', '023:INFO'])('goes without what is wrong with %s, and says so', (line) => {
    const sound = ['021:1', '060:260131235959', '061:4', '062:0', '063:260131235959'];
    const lines = written(...sound.filter((other) => other.slice(0, 3) !== line.slice(0, 3)), line);
    const parsed = parseStatusReport(packet(23, lines), options);
    expect(parsed).toMatchObject({
      ok: true,
      value: { to: '', content: { report: { dischargedAt: { digits: '260131235959' } } } },
    });
    expect(parsed.remarks).toHaveLength(1);
  });

  it.each([
    { lines: ['060:260131235959', '061:4'], code: 'CIMD2_MISSING_PARAMETER' },
    { lines: ['021:1', '061:4'], code: 'CIMD2_MISSING_PARAMETER' },
    { lines: ['021:1', '060:260131235959'], code: 'CIMD2_MISSING_PARAMETER' },
    { lines: ['021:1', '060:now', '061:4'], code: 'CIMD2_VALUE_OUT_OF_RANGE' },
    { lines: ['021:1', '060:260131235959', '061:10'], code: 'CIMD2_VALUE_OUT_OF_RANGE' },
    { lines: [`021:${'1'.repeat(33)}`, '060:260131235959', '061:4'], code: 'CIMD2_VALUE_TOO_LONG' },
  ])('is a fault with $lines only', ({ lines, code }) => {
    expect(parseStatusReport(packet(23, written(...lines)), options)).toMatchObject({ ok: false, fault: { code } });
  });

  it('never throws, and makes only messages that the rings can keep', () => {
    const value = fc.oneof(
      fc.uint8Array({ maxLength: 30 }).map((bytes) => String.fromCharCode(...bytes)),
      fc.constantFrom('+358501234567', '260131235959', '4', '299999999999'),
    );
    const parameter = fc.record({ code: fc.constantFrom(21, 23, 33, 60, 61, 62, 63), value });
    fc.assert(
      fc.property(fc.array(parameter, { maxLength: 8 }), fc.boolean(), (odd, isSoundBehind) => {
        const behind = isSoundBehind ? written('021:1', '060:260131235959', '061:4') : [];
        const parsed = parseStatusReport(packet(23, [...odd, ...behind]), options);
        if (parsed.ok)
          expect(messageFromValue(messageToValue(parsed.value))).toEqual({ ok: true, value: parsed.value });
        else expect(parsed.fault.message).not.toBe('');
      }),
      { numRuns: 500 },
    );
  });
});

describe('the answer to a submit (2.4)', () => {
  const stamp = { digits: '260131120000', at: Date.parse('2026-01-31T12:00:00+02:00') };
  const answer = (lines: readonly string[], destination = '11111', operation = 53) =>
    readSubmitAnswer(packet(operation, written(...lines)), destination, options);

  it('reads the vectors', () => {
    const read = (name: string, to: string) => readSubmitAnswer(packet(53, vectorParameters(name)), to, options);
    expect(read('submit-response-ok', '+358501234567')).toMatchObject({
      type: 'accepted',
      stamp: { digits: '260131235959' },
    });
    expect(read('submit-response-error', '+358501234567')).toEqual({
      type: 'refused',
      errorCode: 310,
      text: 'Incorrect status report request parameter usage',
    });
    expect(read('submit-multi-response-mixed', '22222')).toMatchObject({ type: 'accepted', stamp });
    expect(read('submit-multi-response-mixed', '333')).toMatchObject({ type: 'refused', errorCode: 300 });
  });

  it.each([
    { lines: ['021:11111', '060:260131120000'], shape: 'as it should be' },
    { lines: ['060:260131120000'], shape: 'without 021, as a dummy server of jcimd sends it' },
    { lines: ['060:260131120000', '021:11111'], shape: 'with 060 before 021' },
    { lines: ['021:11111', '060:260131120000', '900:0'], shape: 'with 900:0' },
    { lines: ['021:22222', '900:300', '021:11111', '060:260131120000'], shape: 'beside a refused one' },
    { lines: ['021:11111', '060:260131120000', '021:22222', '900:300'], shape: 'before a refused one' },
    { lines: ['900:300', '021:11111', '060:260131120000'], shape: 'with an error that is not its own' },
    { lines: ['021:11111', '900:', '060:260131120000'], shape: 'with an empty 900' },
  ])('is accepted $shape: $lines', ({ lines }) => {
    expect(answer(lines)).toEqual({ type: 'accepted', stamp, remarks: [] });
  });

  it.each([
    { lines: ['021:11111', '900:300'], errorCode: 300 },
    { lines: ['900:10'], errorCode: 10 },
    { lines: ['900:10', '021:11111'], errorCode: 10 },
    { lines: ['021:11111', '021:22222', '021:333', '900:310'], errorCode: 310 },
    { lines: ['021:11111', '021:22222', '060:260131120000', '021:333', '900:9'], errorCode: 9 },
    { lines: ['021:11111', '900:005 text'], errorCode: 5 },
    { lines: ['021:11111', '900:300', '900:310'], errorCode: 300 },
  ])('is refused with $errorCode: $lines', ({ lines, errorCode }) => {
    expect(answer(lines)).toEqual({ type: 'refused', errorCode, text: undefined });
  });

  it('is refused by a general error (98)', () => {
    expect(answer(['900:1', '901:Unexpected operation'], '11111', 98)).toEqual({
      type: 'refused',
      errorCode: 1,
      text: 'Unexpected operation',
    });
    expect(answer([], '11111', 98)).toMatchObject({ type: 'fault' });
  });

  it('shows at most 64 printable characters of the error text', () => {
    const refused = answer(['021:11111', '900:300', `901:\u001b[2J${'x'.repeat(100)}`]);
    expect(refused).toMatchObject({ type: 'refused', text: `?[2J${'x'.repeat(60)}` });
  });

  it.each([
    { lines: [], remark: 'CIMD2_MISSING_PARAMETER' },
    { lines: ['021:11111'], remark: 'CIMD2_MISSING_PARAMETER' },
    { lines: ['021:11111', '060:yesterday'], remark: 'CIMD2_VALUE_OUT_OF_RANGE' },
  ])('is accepted without a usable stamp, and says so: $lines', ({ lines, remark }) => {
    expect(answer(lines)).toMatchObject({ type: 'accepted', stamp: undefined, remarks: [{ code: remark }] });
  });

  it('keeps twelve digits that name no time, since reports are matched by them (8.4)', () => {
    expect(answer(['021:11111', '060:260231000000'])).toMatchObject({
      type: 'accepted',
      stamp: { digits: '260231000000', at: now },
    });
  });

  it.each([
    { lines: ['021:22222', '060:260131120000'], code: 'SESSION_UNEXPECTED_RESPONSE' },
    { lines: ['021:22222', '900:300'], code: 'SESSION_UNEXPECTED_RESPONSE' },
    { lines: ['021:11111', '060:260131120000', '900:300'], code: 'CIMD2_UNEXPECTED_PARAMETER' },
    { lines: ['021:11111', '900:refused'], code: 'CIMD2_BAD_PARAMETER' },
    { lines: ['021:11111', '901:refused'], code: 'CIMD2_MISSING_PARAMETER' },
  ])('leaves the fate open: $lines', ({ lines, code }) => {
    expect(answer(lines)).toMatchObject({ type: 'fault', fault: { code } });
  });

  it('fits the number it was asked for in another number plan, but not another number (8.4)', () => {
    for (const answered of ['358401234567', '+358401234567', '0401234567', '+358-40-1234567']) {
      expect(answer([`021:${answered}`, '060:260131120000'], '+358401234567').type).toBe('accepted');
    }
    for (const answered of ['+358401234568', '234567', '4567']) {
      expect(answer([`021:${answered}`, '060:260131120000'], '+358401234567').type).toBe('fault');
    }
  });

  it('takes no other operation for an answer', () => {
    expect(answer(['021:11111', '060:260131120000'], '11111', 54)).toMatchObject({ type: 'fault' });
  });

  it('never throws, whatever stands in it', () => {
    const value = fc.oneof(fc.string({ maxLength: 15 }), fc.constantFrom('11111', '260131120000', '300', '0', ''));
    const parameter = fc.record({ code: fc.constantFrom(21, 60, 900, 901, 33), value });
    fc.assert(
      fc.property(fc.array(parameter, { maxLength: 10 }), fc.constantFrom(53, 98), (parameters, operation) => {
        const read = readSubmitAnswer(packet(operation, parameters), '11111', options);
        expect(['accepted', 'refused', 'fault']).toContain(read.type);
        if (read.type === 'refused') expect(parameters.some(({ code }) => code === 900)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});
