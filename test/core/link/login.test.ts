import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromLatin1 } from '../../../src/core/base/bytes.ts';
import { instant } from '../../../src/core/base/time.ts';
import type { PlainValue } from '../../../src/core/base/values.ts';
import { encodeFrames } from '../../../src/core/link/frame.ts';
import { decodeLogin, encodeRefusal } from '../../../src/core/link/login.ts';
import type { LinkOutput } from '../../../src/core/link/session-io.ts';
import { valueCodec } from '../../../src/shell/values.ts';
import { batchOf, LinkEnds, noBinding, said, secret } from './link-ends.ts';

const otherSecret = fromLatin1('x'.repeat(32));

/** Every frame with one byte changed, in three ways each. */
function* tampered(frame: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < frame.length; at += 1) {
    for (const change of [0x01, 0x80, 0xff]) {
      const other = Uint8Array.from(frame);
      other[at] = (other[at] ?? 0) ^ change;
      yield other;
    }
  }
}

function refusalIn(outputs: readonly LinkOutput[]): string | undefined {
  for (const output of outputs) {
    if (output.type !== 'frame') continue;
    const login = decodeLogin(output.bytes, valueCodec);
    if (login.ok && login.value.type === 'refuse') return login.value.refusal.code;
  }
  return undefined;
}

describe('the login of the link', () => {
  it('lets both ends up after hello, welcome and proof, each knowing the other', () => {
    const ends = new LinkEnds();
    ends.connect();
    expect(said(ends.toAcceptor())).toEqual(['frame']);
    const up = ends.toDialer();
    expect(said(up)).toEqual(['frame', 'up', 'entry-out heartbeat']);
    expect(up.find((output) => output.type === 'up')).toMatchObject({ peer: { node: 'there', storeId: 'im store' } });
    const accepted = ends.toAcceptor();
    expect(said(accepted)).toEqual(['up', 'entry-out heartbeat']);
    expect(accepted.find((output) => output.type === 'up')).toMatchObject({
      peer: { smscId: 'hel1', node: 'here', storeId: 'buffer store' },
    });
  });

  it('proves by HMAC-SHA-256 over the name of the role and every byte so far, as docs/link-protocol.md has it', () => {
    const ends = new LinkEnds();
    const [dialer, acceptor] = [fromLatin1('t'.repeat(32)), fromLatin1('t'.repeat(32))];
    ends.connect({ dialer, acceptor });
    ends.toAcceptor();
    ends.toDialer();
    const [hello, proof] = ends.fromDialer.map((bytes) => ({ bytes, login: decodeLogin(bytes, valueCodec) }));
    const welcome = decodeLogin(ends.fromAcceptor[0] ?? noBinding, valueCodec);
    if (!welcome.ok || welcome.value.type !== 'welcome' || hello === undefined) throw new Error('a whole login');
    const { body, mac } = welcome.value;
    const hmacOf = (role: string, ...parts: readonly Uint8Array[]) => {
      const hmac = createHmac('sha256', secret).update(`ringbridge.link.1 ${role}\n`);
      for (const part of parts) hmac.update(part);
      return new Uint8Array(hmac.digest());
    };
    expect(mac).toEqual(hmacOf('im-server', hello.bytes, body, dialer));
    expect(proof?.login).toEqual({
      ok: true,
      value: { type: 'proof', mac: hmacOf('buffer', hello.bytes, body, mac, dialer) },
    });
  });

  it('says in its frames nothing but the login before the proof', () => {
    const ends = new LinkEnds();
    ends.connect();
    ends.toAcceptor();
    const before = [...ends.saidByDialer, ...ends.saidByAcceptor];
    expect(before.filter((output) => output.type === 'entry-out')).toEqual([]);
    ends.dial({ type: 'tick' });
    ends.accept({ type: 'tick' });
    expect([...ends.saidByDialer, ...ends.saidByAcceptor]).toEqual(before);
  });

  it('reads no entry before the proof, at neither end', () => {
    const entries = encodeFrames(
      [{ type: 'settled', lane: 'mt', seq: 1 as never, position: { run: '', count: 0 } }],
      valueCodec,
    );
    const [frame] = entries;
    if (frame === undefined) throw new Error('one frame');
    for (const step of ['hello', 'proof'] as const) {
      const ends = new LinkEnds();
      ends.connect();
      if (step === 'proof') ends.toAcceptor();
      expect(said(ends.accept({ type: 'frame-in', bytes: frame }))).toEqual([
        'frame',
        'down LINK_BAD_FRAME',
        'close LINK_BAD_FRAME',
      ]);
    }
    const ends = new LinkEnds();
    ends.connect();
    expect(said(ends.dial({ type: 'frame-in', bytes: frame }))).toEqual(['close LINK_BAD_FRAME']);
  });

  it('refuses an SMSC id that is not configured, and the buffer learns it', () => {
    const ends = new LinkEnds({ smscId: 'tku1' });
    ends.connect();
    const refused = ends.toAcceptor();
    expect(refusalIn(refused)).toBe('LINK_UNKNOWN_SMSC');
    expect(said(refused)).toEqual(['frame', 'down LINK_UNKNOWN_SMSC', 'close LINK_UNKNOWN_SMSC']);
    expect(said(ends.toDialer())).toEqual(['close LINK_UNKNOWN_SMSC']);
    expect(ends.dialer.lastProblem?.reason).toContain('tku1');
  });

  it('refuses an IM server that holds another secret, which learns that from the buffer', () => {
    const ends = new LinkEnds({}, { secretOf: () => otherSecret });
    ends.connect();
    ends.toAcceptor();
    const refused = ends.toDialer();
    expect(refusalIn(refused)).toBe('LINK_BAD_SECRET');
    expect(said(refused)).toEqual(['frame', 'close LINK_BAD_SECRET']);
    expect(ends.dialer.isUp).toBe(false);
    expect(said(ends.toAcceptor())).toEqual(['down LINK_BAD_SECRET', 'close LINK_BAD_SECRET']);
  });

  it('refuses a buffer that proves itself with another secret', () => {
    // It cannot have checked the welcome either: what it says as proof comes from an honest login with that secret.
    const other = new LinkEnds({ secret: otherSecret }, { secretOf: () => otherSecret });
    other.logIn();
    const ends = new LinkEnds();
    ends.connect();
    ends.toAcceptor();
    const refused = ends.accept({ type: 'frame-in', bytes: other.fromDialer.at(-1) ?? noBinding });
    expect(refusalIn(refused)).toBe('LINK_BAD_SECRET');
    expect(ends.acceptor.peer).toBeUndefined();
  });

  it('refuses another version of the link, and says which it speaks', () => {
    const ends = new LinkEnds();
    ends.connect();
    const value = valueCodec.decode(ends.fromDialer.at(-1) ?? noBinding);
    const [, login] = Array.isArray(value) ? value : [];
    const [kind, introduction] = Array.isArray(login) ? login : [];
    if (kind === undefined || !Array.isArray(introduction)) throw new Error('a hello');
    const later = valueCodec.encode([1, [kind, [2, 3, ...introduction.slice(2)]]]);
    expect(refusalIn(ends.accept({ type: 'frame-in', bytes: later }))).toBe('LINK_VERSION');
    expect(said(ends.toDialer())).toEqual(['close LINK_VERSION']);
    expect(ends.dialer.lastProblem?.reason).toMatch(/version 1/);
  });

  it('refuses a hello of which any byte was changed on the way', () => {
    const honest = new LinkEnds();
    honest.connect();
    for (const hello of tampered(honest.fromDialer.at(-1) ?? noBinding)) {
      const ends = new LinkEnds();
      ends.connect();
      const welcomed = ends.accept({ type: 'frame-in', bytes: hello });
      if (refusalIn(welcomed) !== undefined) continue;
      ends.toDialer();
      expect(ends.dialer.isUp).toBe(false);
      ends.toAcceptor();
      expect(ends.acceptor.peer).toBeUndefined();
    }
  });

  it('refuses a welcome of which any byte was changed on the way', () => {
    const honest = new LinkEnds();
    honest.connect();
    honest.toAcceptor();
    for (const welcome of tampered(honest.fromAcceptor.at(-1) ?? noBinding)) {
      const ends = new LinkEnds();
      ends.connect();
      ends.toAcceptor();
      ends.dial({ type: 'frame-in', bytes: welcome });
      expect(ends.dialer.isUp).toBe(false);
    }
  });

  it('refuses a proof of which any byte was changed on the way', () => {
    const honest = new LinkEnds();
    honest.logIn();
    for (const proof of tampered(honest.fromDialer.at(-1) ?? noBinding)) {
      const ends = new LinkEnds();
      ends.connect();
      ends.toAcceptor();
      ends.toDialer();
      ends.accept({ type: 'frame-in', bytes: proof });
      expect(ends.acceptor.peer).toBeUndefined();
    }
  });

  it('refuses a welcome and a proof of an earlier login', () => {
    const earlier = new LinkEnds({}, {}, 2);
    earlier.logIn();
    const ends = new LinkEnds({}, {}, 3);
    ends.connect();
    ends.toAcceptor();
    expect(said(ends.dial({ type: 'frame-in', bytes: earlier.fromAcceptor.at(-1) ?? noBinding }))).toContain(
      'close LINK_BAD_SECRET',
    );
    const [, proof] = earlier.fromDialer;
    expect(said(ends.accept({ type: 'frame-in', bytes: proof ?? noBinding }))).toContain('close LINK_BAD_SECRET');
  });

  it('refuses the own proof of an end, sent back to it', () => {
    const ends = new LinkEnds();
    ends.connect();
    ends.toAcceptor();
    const welcome = decodeLogin(ends.fromAcceptor.at(-1) ?? noBinding, valueCodec);
    if (!welcome.ok || welcome.value.type !== 'welcome') throw new Error('a welcome');
    const reflected = valueCodec.encode([1, [3, welcome.value.mac]]);
    expect(said(ends.accept({ type: 'frame-in', bytes: reflected }))).toContain('close LINK_BAD_SECRET');
    expect(said(ends.dial({ type: 'frame-in', bytes: ends.fromDialer[0] ?? noBinding }))).toEqual([
      'close LINK_BAD_FRAME',
    ]);
  });

  it.each([
    ['the same TLS at both ends', 'a', 'a', true],
    ['two TLS connections with somebody between them', 'a', 'b', false],
    ['a proxy that ends the TLS of the buffer', 'a', '', true],
    ['a proxy that makes a TLS of its own', '', 'b', true],
  ])('with %s binds the proof to the TLS where both hold it', (_, dialer, acceptor, isUp) => {
    const ends = new LinkEnds();
    const exporter = (letter: string) => fromLatin1(letter.repeat(letter === '' ? 0 : 32));
    ends.connect({ dialer: exporter(dialer), acceptor: exporter(acceptor) });
    ends.toAcceptor();
    ends.toDialer();
    expect(ends.dialer.isUp).toBe(isUp);
    if (isUp) expect(said(ends.toAcceptor())).toContain('up');
  });

  it.each(['LINK_STORE_RETIRED', 'LINK_ANOTHER_BUFFER'] as const)(
    'tells a buffer that proved itself but is not admitted why: %s',
    (code) => {
      const ends = new LinkEnds({}, { admit: () => ({ code, message: 'not this one' }) });
      ends.connect();
      ends.toAcceptor();
      ends.toDialer();
      const refused = ends.toAcceptor();
      expect(refusalIn(refused)).toBe(code);
      expect(said(refused)).not.toContain('up');
      // The dialer has taken the link as up: it had proof of the other end.
      expect(said(ends.toDialer())).toEqual([`down ${code}`, `close ${code}`]);
      expect(ends.dialer.lastProblem).toEqual({ code, reason: 'not this one' });
    },
  );

  it('takes a refusal only in the place of the first frame behind the proof, not once entries came', () => {
    const ends = new LinkEnds();
    ends.logIn();
    const [beat] = batchOf(ends.saidByAcceptor);
    ends.dial({ type: 'frame-in', bytes: beat ?? noBinding });
    const late = encodeRefusal({ code: 'LINK_STORE_RETIRED', message: 'too late' }, valueCodec);
    expect(said(ends.dial({ type: 'frame-in', bytes: late }))).toEqual(['down LINK_BAD_FRAME', 'close LINK_BAD_FRAME']);
  });

  it('takes any bytes at all as a message of the login or a fault', () => {
    const ends = new LinkEnds();
    ends.connect();
    const hello = ends.fromDialer.at(-1) ?? noBinding;
    const changed = fc.tuple(fc.nat(), fc.uint8Array({ minLength: 1, maxLength: 6 })).map(([pick, put]) => {
      const bytes = Uint8Array.from(hello);
      bytes.set(put.subarray(0, bytes.length - (pick % bytes.length)), pick % bytes.length);
      return bytes;
    });
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }), changed), (bytes) => {
        const login = decodeLogin(bytes, valueCodec);
        if (!login.ok) expect(['LINK_BAD_FRAME', 'LINK_VERSION']).toContain(login.fault.code);
      }),
      { numRuns: 1_000 },
    );
    expect(decodeLogin(new Uint8Array(4_097), valueCodec)).toMatchObject({ fault: { code: 'LINK_FRAME_TOO_LARGE' } });
  });

  it('refuses names, nonces and lists that are too long', () => {
    const name = 'n'.repeat(128);
    const introduction: readonly PlainValue[] = [1, 1, name, name, name, new Uint8Array(32), [], instant(1), false];
    const parse = (at: number, value: PlainValue) =>
      decodeLogin(valueCodec.encode([1, [1, introduction.with(at, value)]]), valueCodec).ok;
    expect(parse(2, name)).toBe(true);
    for (const at of [2, 3, 4]) expect(parse(at, `${name}n`)).toBe(false);
    expect(parse(5, new Uint8Array(31))).toBe(false);
    expect(parse(6, new Array<string>(65).fill(''))).toBe(false);
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, -1])(
    'refuses %s as a clock, which validities are reckoned by',
    (clock) => {
      const introduction: readonly PlainValue[] = [1, 1, 'a', 'b', 'c', new Uint8Array(32), [], instant(clock), false];
      expect(decodeLogin(valueCodec.encode([1, [1, introduction]]), valueCodec).ok).toBe(false);
    },
  );
});
