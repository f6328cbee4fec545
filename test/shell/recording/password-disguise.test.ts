import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concatBytes, fromLatin1, toLatin1 } from '../../../src/core/base/bytes.ts';
import { decodePacket } from '../../../src/core/codec/decode.ts';
import { parameterOf } from '../../../src/core/codec/packet.ts';
import { randomBytes } from '../../../src/shell/hashing.ts';
import { DisguisedLine, PasswordDisguise } from '../../../src/shell/recording/password-disguise.ts';

const disguise = new PasswordDisguise(randomBytes);
const told = (...pieces: readonly Uint8Array[]): Uint8Array => {
  const line = new DisguisedLine(disguise);
  return concatBytes(...pieces.map((piece) => line.push(piece)));
};
/** The vector login-request of the reference, section 12. */
const login = fromLatin1('\x0201:001\t010:MyUserId\t011:SeCrEt\t18\x03');

describe('a disguised password', () => {
  it('is the same in settings and in a login, of the same length, and leaves the checksum right (section 1.5)', () => {
    const decoded = decodePacket(told(login));
    expect(decoded).toMatchObject({ ok: true, hasChecksum: true, packet: { operation: 1, packetNumber: 1 } });
    const password = decoded.ok ? parameterOf(decoded.packet, 11) : '';
    expect(password).toHaveLength('SeCrEt'.length);
    expect(password).toBe(disguise.password('SeCrEt'));
    expect(password).not.toBe('SeCrEt');
    expect(decoded.ok && parameterOf(decoded.packet, 10)).toBe('MyUserId');
  });

  it('leaves a wrong checksum wrong', () => {
    const wrong = fromLatin1(toLatin1(login).replace('\t18', '\t19'));
    expect(decodePacket(told(wrong))).toMatchObject({ ok: false, damage: 'checksum' });
  });

  it('is the same however the line is cut, and loses no byte', () => {
    const line = concatBytes(fromLatin1('noise\t011:x'), login, login, fromLatin1('\x0240:003\t3C\x03'));
    const whole = told(line);
    expect(whole).toHaveLength(line.length);
    fc.assert(
      fc.property(fc.array(fc.nat(line.length), { maxLength: 12 }), (cuts) => {
        const at = [0, ...cuts.sort((one, other) => one - other), line.length];
        const pieces = at.slice(1).map((end, index) => line.subarray(at[index], end));
        expect(told(...pieces)).toEqual(whole);
      }),
    );
  });

  it('tells two passwords apart exactly where they differ', () => {
    const password = fc.string({ minLength: 1, maxLength: 32 });
    fc.assert(
      fc.property(password, password, (one, other) => {
        expect(disguise.password(one) === disguise.password(other)).toBe(one === other);
      }),
    );
  });

  it('changes nothing else: any bytes without a password stay as they are', () => {
    const bytes = fc.uint8Array({ maxLength: 300 }).filter((some) => !toLatin1(some).includes('011:'));
    fc.assert(
      fc.property(bytes, (some) => {
        expect(told(some)).toEqual(some);
      }),
    );
  });
});
