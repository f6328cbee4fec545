import { expect, it } from 'vitest';
import { checksum, formatChecksum } from '../../../src/core/codec/checksum.ts';
import { bytesOf } from './vectors.ts';

it('gives the sums worked out in reference 1.5', () => {
  expect(formatChecksum(checksum(bytesOf('0234303A30303309')))).toBe('3C');
  const login = '0230313A303031093031303A4D79557365724964093031313A53654372457409';
  expect(formatChecksum(checksum(bytesOf(login)))).toBe('18');
});

it('gives the sums printed in the vendor document', () => {
  const latin1 = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));
  const three = '\x0253:005\t021:123\t021:12345\t021:1234567890\t900:310\t';
  expect(formatChecksum(checksum(latin1(three)))).toBe('D6');
  expect(formatChecksum(checksum(latin1('\x0253:007\t021:123\t900:310\t')))).toBe('20');
});

it('adds bytes above 7F as unsigned values (1.5)', () => {
  expect(checksum(bytesOf('FF'))).toBe(0xff);
  expect(checksum(bytesOf('FFFF'))).toBe(0xfe);
});

it('writes two upper-case digits', () => {
  expect([0, 9, 0x0a, 0xab, 0xff].map(formatChecksum)).toEqual(['00', '09', '0A', 'AB', 'FF']);
});
