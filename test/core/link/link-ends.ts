/**
 * A dialer and an acceptor joined by nothing but the test: what one wants to send lies in its tray until the test hands
 * it to the other, changed or not. Time is set by hand.
 */
import { expect } from 'vitest';
import { fromLatin1 } from '../../../src/core/base/bytes.ts';
import { seededRandom } from '../../../src/core/base/random.ts';
import { type Instant, instant, later } from '../../../src/core/base/time.ts';
import { type AcceptorInput, type AcceptorSettings, LinkAcceptor } from '../../../src/core/link/acceptor.ts';
import { type DialerInput, type DialerSettings, LinkDialer } from '../../../src/core/link/dialer.ts';
import { encodeFrames } from '../../../src/core/link/frame.ts';
import type { LinkOutput } from '../../../src/core/link/session-io.ts';
import { hmacSha256 } from '../../../src/shell/hashing.ts';
import { valueCodec } from '../../../src/shell/values.ts';

export const secret = fromLatin1('k'.repeat(32));
export const noBinding: Uint8Array = new Uint8Array(0);
export const start = instant(Date.UTC(2026, 10, 22, 12));

const shared = { codec: valueCodec, hmac: hmacSha256, position: () => ({ run: '0'.repeat(32), count: 7 }) };

export class LinkEnds {
  now: Instant = start;
  readonly dialer: LinkDialer;
  readonly acceptor: LinkAcceptor;
  /** Frames of the login, in the order in which they were to be sent. */
  readonly fromDialer: Uint8Array[] = [];
  readonly fromAcceptor: Uint8Array[] = [];
  readonly saidByDialer: LinkOutput[] = [];
  readonly saidByAcceptor: LinkOutput[] = [];

  constructor(dialer: Partial<DialerSettings> = {}, acceptor: Partial<AcceptorSettings> = {}, seed = 1) {
    const bytes = seededRandom(seed);
    const randomBytes = (count: number) => Uint8Array.from({ length: count }, () => Math.floor(bytes() * 256));
    this.dialer = new LinkDialer(
      { ...shared, randomBytes, node: 'here', storeId: () => 'buffer store', smscId: 'hel1', secret, ...dialer },
      seededRandom(seed),
    );
    const secretOf = (smscId: string) => (smscId === 'hel1' ? secret : undefined);
    const admit = () => undefined;
    this.acceptor = new LinkAcceptor({
      ...shared,
      randomBytes,
      node: 'there',
      storeId: () => 'im store',
      secretOf,
      admit,
      ...acceptor,
    });
  }

  dial(input: DialerInput): readonly LinkOutput[] {
    const outputs = this.dialer.handle(input, this.now);
    this.saidByDialer.push(...outputs);
    this.fromDialer.push(...framesOf(outputs));
    return outputs;
  }

  accept(input: AcceptorInput): readonly LinkOutput[] {
    const outputs = this.acceptor.handle(input, this.now);
    this.saidByAcceptor.push(...outputs);
    this.fromAcceptor.push(...framesOf(outputs));
    return outputs;
  }

  /** Hands the acceptor what the dialer sent last, through `change`. */
  toAcceptor(change: (frame: Uint8Array) => Uint8Array = (frame) => frame): readonly LinkOutput[] {
    const frame = this.fromDialer.at(-1);
    if (frame === undefined) throw new Error('the dialer sent nothing');
    return this.accept({ type: 'frame-in', bytes: change(frame) });
  }

  toDialer(change: (frame: Uint8Array) => Uint8Array = (frame) => frame): readonly LinkOutput[] {
    const frame = this.fromAcceptor.at(-1);
    if (frame === undefined) throw new Error('the acceptor sent nothing');
    return this.dial({ type: 'frame-in', bytes: change(frame) });
  }

  /** A connection stands; nothing is proved yet but `hello` waits in the tray. */
  connect(binding = { dialer: noBinding, acceptor: noBinding }): void {
    this.dial({ type: 'dial' });
    this.accept({ type: 'opened', binding: binding.acceptor });
    this.dial({ type: 'opened', binding: binding.dialer });
  }

  /** The whole login. */
  logIn(): void {
    this.connect();
    this.toAcceptor();
    this.toDialer();
    this.toAcceptor();
    expect([this.dialer.isUp, this.acceptor.peer?.smscId]).toEqual([true, 'hel1']);
  }

  pass(ms: number): void {
    this.now = later(this.now, ms);
  }
}

export function framesOf(outputs: readonly LinkOutput[]): readonly Uint8Array[] {
  return outputs.flatMap((output) => (output.type === 'frame' ? [output.bytes] : []));
}

/** The entries to be sent, as the frames they would travel in. */
export function batchOf(outputs: readonly LinkOutput[]): readonly Uint8Array[] {
  return encodeFrames(
    outputs.flatMap((output) => (output.type === 'entry-out' ? [output.entry] : [])),
    valueCodec,
  );
}

/** `close LINK_BAD_SECRET`, `up`, … : all but the log. */
export function said(outputs: readonly LinkOutput[]): readonly string[] {
  return outputs.flatMap((output) => {
    if (output.type === 'log') return [];
    if (output.type === 'close' || output.type === 'down') return [`${output.type} ${output.code}`];
    if (output.type === 'entry-out' || output.type === 'entry-in') return [`${output.type} ${output.entry.type}`];
    return [output.type];
  });
}
