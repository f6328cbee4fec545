import { describe, expect, it } from 'vitest';
import { systemClock } from '../../src/shell/clock.ts';
import { hmacSha256, randomBytes, sha256 } from '../../src/shell/hashing.ts';

describe('systemClock', () => {
  it('gives whole milliseconds of the present, and never goes back', () => {
    const clock = systemClock();
    const before = Date.now();
    let last = clock();
    for (let reading = 0; reading < 10_000; reading += 1) {
      const now = clock();
      expect(now).toBeGreaterThanOrEqual(last);
      last = now;
    }
    expect(Number.isInteger(last)).toBe(true);
    expect(last).toBeGreaterThanOrEqual(before - 2);
    expect(last).toBeLessThanOrEqual(Date.now() + 2);
  });
});

describe('hashing', () => {
  const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
  const ascii = (text: string): Uint8Array => new Uint8Array(Buffer.from(text));

  it('agrees with the examples of FIPS 180-4 and RFC 4231', () => {
    expect(hex(sha256(ascii('abc')))).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
    expect(hex(hmacSha256(ascii('Jefe'), ascii('what do ya want for nothing?')))).toBe(
      '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
    );
  });

  it('gives plain Uint8Array', () => {
    for (const bytes of [sha256(ascii('')), hmacSha256(ascii('k'), ascii('')), randomBytes(16)]) {
      expect(bytes.constructor).toBe(Uint8Array);
    }
    expect(randomBytes(16)).not.toEqual(randomBytes(16));
  });
});
