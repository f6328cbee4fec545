import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromHex } from '../../../src/core/base/bytes.ts';
import { parseDeliver } from '../../../src/core/message/deliver.ts';
import { messageFromValue, messageToValue } from '../../../src/core/message/values.ts';
import { vectorParameters } from '../codec/vector-values.ts';
import { idOf, now, textContent } from './messages.ts';
import { contentOf, delivered, deliverLines, options, packet, submitted, written } from './packet-lines.ts';

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
