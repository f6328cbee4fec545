/** Ends of other versions are made by hand from the parts of the login: what they speak besides is of no matter here. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concatBytes } from '../../../src/core/base/bytes.ts';
import { sessionCapability } from '../../../src/core/link/entries.ts';
import {
  commonVersion,
  decodeLogin,
  encodeHello,
  encodeProof,
  encodeWelcome,
  encodeWelcomeBody,
  type Introduction,
  proofOf,
} from '../../../src/core/link/login.ts';
import { hmacSha256 } from '../../../src/shell/hashing.ts';
import { valueCodec } from '../../../src/shell/values.ts';
import { LinkEnds, noBinding, said, secret, start } from './link-ends.ts';

type Versions = readonly [number, number];

const introductionOf = (versions: Versions): Introduction => ({
  versions,
  smscId: 'hel1',
  node: 'of another version',
  storeId: 'its store',
  nonce: new Uint8Array(32).fill(7),
  capabilities: ['something-new'],
  clock: start,
  holdsTls: false,
});

/** A buffer of those versions logs in to our IM server. @returns what ours says in the end */
function dialWith(versions: Versions): readonly string[] {
  const ends = new LinkEnds();
  ends.accept({ type: 'opened', binding: noBinding });
  const hello = encodeHello(introductionOf(versions), valueCodec);
  const answer = ends.accept({ type: 'frame-in', bytes: hello });
  const welcome = decodeLogin(ends.fromAcceptor.at(-1) ?? noBinding, valueCodec);
  if (!welcome.ok || welcome.value.type !== 'welcome') return said(answer);
  const parts = [concatBytes(hello, welcome.value.body, welcome.value.mac)];
  const mac = proofOf({ secret, role: 'buffer', parts, binding: noBinding }, hmacSha256);
  return said(ends.accept({ type: 'frame-in', bytes: encodeProof(mac, valueCodec) }));
}

/** Our buffer logs in to an IM server of those versions. */
function acceptWith(versions: Versions): LinkEnds {
  const ends = new LinkEnds();
  ends.connect();
  const hello = ends.fromDialer.at(-1) ?? noBinding;
  const body = encodeWelcomeBody(introductionOf(versions), valueCodec);
  const mac = proofOf({ secret, role: 'im-server', parts: [hello, body], binding: noBinding }, hmacSha256);
  ends.dial({ type: 'frame-in', bytes: encodeWelcome(body, mac, valueCodec) });
  return ends;
}

describe('ends of different versions', () => {
  it('work together where the newer one still speaks the version before its own', () => {
    expect(dialWith([1, 2])).toContain('up');
    expect(acceptWith([1, 2]).dialer.isUp).toBe(true);
  });

  it('learn from each other which entries beyond the first seven the IM server takes', () => {
    const ends = new LinkEnds();
    ends.logIn();
    const up = ends.saidByDialer.find((output) => output.type === 'up');
    expect(up?.type === 'up' ? up.peer.capabilities : []).toEqual([sessionCapability]);
    const older = acceptWith([1, 1]).saidByDialer.find((output) => output.type === 'up');
    expect(older?.type === 'up' ? older.peer.capabilities : []).not.toContain(sessionCapability);
  });

  it.each<Versions>([
    [2, 2],
    [2, 3],
    [3, 3],
  ])('refuse each other with a reason where the newer speaks %i to %i only', (lowest, highest) => {
    expect(dialWith([lowest, highest])).toEqual(['frame', 'down LINK_VERSION', 'close LINK_VERSION']);
    const { dialer } = acceptWith([lowest, highest]);
    expect(dialer.isUp).toBe(false);
    expect(dialer.lastProblem).toEqual({
      code: 'LINK_VERSION',
      reason: `this buffer speaks version 1 of the link, the IM server ${lowest} to ${highest}`,
    });
  });

  it('take no versions that are none', () => {
    for (const versions of [
      [0, 1],
      [2, 1],
      [1, 1.5],
      [Number.NaN, 1],
    ] as const) {
      expect(dialWith(versions)).toEqual(['frame', 'down LINK_BAD_FRAME', 'close LINK_BAD_FRAME']);
    }
  });

  it('speak the highest version that both know, whichever of them is asked', () => {
    const version = fc.integer({ min: 1, max: 9 });
    const versions = fc.tuple(version, version).map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const);
    fc.assert(
      fc.property(versions, versions, (one, other) => {
        const known = (range: Versions, tried: number): boolean => range[0] <= tried && tried <= range[1];
        const common = [9, 8, 7, 6, 5, 4, 3, 2, 1].find((tried) => known(one, tried) && known(other, tried));
        expect(commonVersion(one, other)).toBe(common);
        expect(commonVersion(other, one)).toBe(common);
      }),
    );
  });
});
