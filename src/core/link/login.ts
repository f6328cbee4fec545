/**
 * How two ends prove that they hold the same secret, before anything else is said: `hello`, `welcome`, `proof`, or
 * `refuse` with a reason. Each proof is the HMAC of the role's name and of every byte of the login so far, so nothing
 * of it can be changed, replayed or turned round. SPEC: DESIGN section 3.
 */
import { concatBytes, equalBytesInConstantTime, fromLatin1 } from '../base/bytes.ts';
import { type ErrorCode, errorCodes } from '../base/errors.ts';
import type { HmacSha256 } from '../base/hashing.ts';
import { fail, ok, type Result } from '../base/result.ts';
import { type Instant, instant } from '../base/time.ts';
import type { PlainValue, ValueCodec } from '../base/values.ts';
import { linkVersion } from './frame.ts';
import { isTime } from './wire.ts';

/** First element of each login array; entries begin at 10. */
export const loginKinds = { hello: 1, welcome: 2, proof: 3, refuse: 4 } as const;

export const nonceBytes = 32;

/** What the two ends tell of themselves. */
export interface Introduction {
  /** Lowest and highest version of the link protocol this end speaks. */
  readonly versions: readonly [number, number];
  readonly smscId: string;
  /** Name of the machine or process, for people. */
  readonly node: string;
  readonly storeId: string;
  readonly nonce: Uint8Array;
  readonly capabilities: readonly string[];
  readonly clock: Instant;
  /** This end holds the TLS itself, so the exporter can be part of the proof. */
  readonly holdsTls: boolean;
}

export interface Refusal {
  readonly code: ErrorCode;
  readonly message: string;
}

export type LoginMessage =
  | { readonly type: 'hello'; readonly introduction: Introduction }
  | {
      readonly type: 'welcome';
      readonly introduction: Introduction;
      /** What the proof covers besides the hello. */
      readonly body: Uint8Array;
      readonly mac: Uint8Array;
    }
  | { readonly type: 'proof'; readonly mac: Uint8Array }
  | { readonly type: 'refuse'; readonly refusal: Refusal };

/**
 * The version that two ends speak: the highest that both know. A newer end keeps speaking the version before its own, so
 * that neighbours work together while one of them is upgraded.
 *
 * @returns undefined where they have none in common
 */
export function commonVersion(own: readonly [number, number], peer: readonly [number, number]): number | undefined {
  const highest = Math.min(own[1], peer[1]);
  return highest >= Math.max(own[0], peer[0]) ? highest : undefined;
}

export function encodeHello(introduction: Introduction, codec: ValueCodec): Uint8Array {
  return codec.encode([linkVersion, [loginKinds.hello, introductionValue(introduction)]]);
}

/** The part of the welcome that its own proof covers. */
export function encodeWelcomeBody(introduction: Introduction, codec: ValueCodec): Uint8Array {
  return codec.encode(introductionValue(introduction));
}

export function encodeWelcome(body: Uint8Array, mac: Uint8Array, codec: ValueCodec): Uint8Array {
  return codec.encode([linkVersion, [loginKinds.welcome, body, mac]]);
}

export function encodeProof(mac: Uint8Array, codec: ValueCodec): Uint8Array {
  return codec.encode([linkVersion, [loginKinds.proof, mac]]);
}

export function encodeRefusal(refusal: Refusal, codec: ValueCodec): Uint8Array {
  return codec.encode([linkVersion, [loginKinds.refuse, refusal.code, refusal.message]]);
}

export interface Transcript {
  readonly secret: Uint8Array;
  readonly role: 'buffer' | 'im-server';
  /** Every byte of the login so far, in order. */
  readonly parts: readonly Uint8Array[];
  /** TLS exporter where both ends hold the TLS, else empty. */
  readonly binding: Uint8Array;
}

export function proofOf(transcript: Transcript, hmac: HmacSha256): Uint8Array {
  const { secret, role, parts, binding } = transcript;
  return hmac(secret, concatBytes(fromLatin1(`ringbridge.link.1 ${role}\n`), ...parts, binding));
}

export function isProof(mac: Uint8Array, transcript: Transcript, hmac: HmacSha256): boolean {
  return equalBytesInConstantTime(mac, proofOf(transcript, hmac));
}

/** Parses a frame of the login. Anything else at this point is a fault. */
export function decodeLogin(bytes: Uint8Array, codec: ValueCodec): Result<LoginMessage> {
  if (bytes.length > 4_096) return fail('LINK_FRAME_TOO_LARGE', `a login frame of ${bytes.length} bytes`);
  const frame = codec.decode(bytes);
  if (!isList(frame) || !isList(frame[1]) || frame.length !== 2) return fail('LINK_BAD_FRAME', 'no login frame');
  if (frame[0] !== linkVersion) return fail('LINK_VERSION', `a login of version ${String(frame[0])}`);
  const [kind, first, second] = frame[1];
  if (kind === loginKinds.hello) {
    const introduction = parseIntroduction(first);
    if (introduction !== undefined) return ok({ type: 'hello', introduction });
  }
  if (kind === loginKinds.welcome && first instanceof Uint8Array && second instanceof Uint8Array) {
    const introduction = parseIntroduction(codec.decode(first));
    if (introduction !== undefined) return ok({ type: 'welcome', introduction, body: first, mac: second });
  }
  if (kind === loginKinds.proof && first instanceof Uint8Array) return ok({ type: 'proof', mac: first });
  if (kind === loginKinds.refuse && typeof second === 'string') {
    const code = errorCodes.find((known) => known === first) ?? 'LINK_BAD_FRAME';
    return ok({ type: 'refuse', refusal: { code, message: second.slice(0, 300) } });
  }
  return fail('LINK_BAD_FRAME', 'a login frame with a field out of range');
}

function introductionValue(introduction: Introduction): PlainValue {
  const { versions, smscId, node, storeId, nonce, capabilities, clock, holdsTls } = introduction;
  return [...versions, smscId, node, storeId, nonce, capabilities, clock, holdsTls];
}

function parseIntroduction(value: PlainValue | undefined): Introduction | undefined {
  if (!isList(value)) return undefined;
  const [lowest, highest, smscId, node, storeId, nonce, capabilities, clock, holdsTls] = value;
  if (!isVersion(lowest) || !isVersion(highest) || lowest > highest || !isTime(clock)) return undefined;
  if (!isName(smscId) || !isName(node) || !isName(storeId) || typeof holdsTls !== 'boolean') return undefined;
  if (!(nonce instanceof Uint8Array) || nonce.length !== nonceBytes) return undefined;
  if (!isList(capabilities) || !capabilities.every(isName)) return undefined;
  return { versions: [lowest, highest], smscId, node, storeId, nonce, capabilities, clock: instant(clock), holdsTls };
}

function isVersion(value: PlainValue | undefined): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 1;
}

function isList(value: PlainValue | undefined): value is readonly PlainValue[] {
  return Array.isArray(value) && value.length <= 64;
}

function isName(value: PlainValue | undefined): value is string {
  return typeof value === 'string' && value.length <= 128;
}
