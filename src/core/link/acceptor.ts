/**
 * The IM server's end of one link connection: who dials is asked for proof before anything else is read, then the
 * connection lives until it is cut, dies or is replaced. Which stores are admitted is decided by the owner.
 * SPEC: DESIGN section 3.
 */
import { concatBytes } from '../base/bytes.ts';
import type { ErrorCode } from '../base/errors.ts';
import { assertNever } from '../base/invariant.ts';
import { logEvent } from '../base/log-event.ts';
import type { Machine } from '../base/machine.ts';
import { type Instant, later } from '../base/time.ts';
import { type Entry, sessionCapability } from './entries.ts';
import { decodeFrame, linkVersion, linkVersions } from './frame.ts';
import {
  commonVersion,
  decodeLogin,
  encodeRefusal,
  encodeWelcome,
  encodeWelcomeBody,
  type Introduction,
  isProof,
  proofOf,
  type Refusal,
} from './login.ts';
import { Pulse } from './pulse.ts';
import type { LinkOutput, LinkSettings } from './session-io.ts';

export interface AcceptorSettings extends LinkSettings {
  /** The secret of that SMSC's buffer; undefined if no such SMSC is configured. */
  readonly secretOf: (smscId: string) => Uint8Array | undefined;
  /** The owner's last word after the proof: undefined admits. */
  readonly admit: (peer: Introduction) => Refusal | undefined;
}

export type AcceptorInput =
  | { readonly type: 'opened'; readonly binding: Uint8Array }
  | { readonly type: 'frame-in'; readonly bytes: Uint8Array }
  | { readonly type: 'closed'; readonly reason: string }
  /** A newer connection took its place, or the role drains. */
  | { readonly type: 'replace'; readonly code: ErrorCode; readonly reason: string }
  | { readonly type: 'tick' };

type AcceptorState =
  | { readonly type: 'opening' }
  | { readonly type: 'awaiting-hello'; readonly binding: Uint8Array; readonly until: Instant }
  | {
      readonly type: 'awaiting-proof';
      readonly peer: Introduction;
      readonly secret: Uint8Array;
      readonly parts: readonly Uint8Array[];
      readonly binding: Uint8Array;
      readonly until: Instant;
    }
  | { readonly type: 'up'; readonly peer: Introduction; readonly pulse: Pulse }
  /** `claimed`: for which SMSC it wanted to be, proved or not. */
  | { readonly type: 'closed'; readonly claimed: string | undefined };

const loginTimeoutMs = 15_000;

export class LinkAcceptor implements Machine<AcceptorInput, LinkOutput> {
  readonly #settings: AcceptorSettings;
  #state: AcceptorState = { type: 'opening' };

  constructor(settings: AcceptorSettings) {
    this.#settings = settings;
  }

  get peer(): Introduction | undefined {
    return this.#state.type === 'up' ? this.#state.peer : undefined;
  }

  /** Whose link it would be, or would have been; undefined as long as that was not said. */
  get claimed(): string | undefined {
    const state = this.#state;
    if (state.type === 'closed') return state.claimed;
    return state.type === 'up' || state.type === 'awaiting-proof' ? state.peer.smscId : undefined;
  }

  get pulse(): Pulse | undefined {
    return this.#state.type === 'up' ? this.#state.pulse : undefined;
  }

  handle(input: AcceptorInput, now: Instant): readonly LinkOutput[] {
    switch (input.type) {
      case 'opened':
        this.#state = { type: 'awaiting-hello', binding: input.binding, until: later(now, loginTimeoutMs) };
        return [];
      case 'frame-in':
        return this.#take(input.bytes, now);
      case 'closed':
        return this.#end('LINK_UNREACHABLE', input.reason);
      case 'replace':
        return this.#state.type === 'closed' ? [] : this.#abandon(input.code, input.reason);
      case 'tick':
        return this.#tick(now);
      default:
        return assertNever(input);
    }
  }

  deadline(): Instant | undefined {
    switch (this.#state.type) {
      case 'awaiting-hello':
      case 'awaiting-proof':
        return this.#state.until;
      case 'up':
        return this.#state.pulse.deadline();
      case 'opening':
      case 'closed':
        return undefined;
      default:
        return assertNever(this.#state);
    }
  }

  #take(bytes: Uint8Array, now: Instant): LinkOutput[] {
    const state = this.#state;
    if (state.type === 'up') return this.#takeEntries(state.pulse, bytes, now);
    if (state.type !== 'awaiting-hello' && state.type !== 'awaiting-proof') return [];
    const login = decodeLogin(bytes, this.#settings.codec);
    if (!login.ok) return this.#refuse({ code: login.fault.code, message: login.fault.message });
    const message = login.value;
    if (message.type === 'hello' && state.type === 'awaiting-hello') {
      return this.#welcome(message.introduction, bytes, state.binding, now);
    }
    if (message.type === 'proof' && state.type === 'awaiting-proof') return this.#prove(message.mac, state, now);
    if (message.type === 'refuse') return this.#abandon(message.refusal.code, message.refusal.message);
    return this.#refuse({ code: 'LINK_BAD_FRAME', message: `a ${message.type} out of turn` });
  }

  #welcome(peer: Introduction, hello: Uint8Array, binding: Uint8Array, now: Instant): LinkOutput[] {
    const { codec, hmac, randomBytes, node, storeId } = this.#settings;
    if (commonVersion(linkVersions, peer.versions) === undefined) {
      const [lowest, highest] = peer.versions;
      const message = `this IM server speaks version ${linkVersion} of the link, the buffer ${lowest} to ${highest}`;
      return this.#refuse({ code: 'LINK_VERSION', message });
    }
    const secret = this.#settings.secretOf(peer.smscId);
    if (secret === undefined) {
      return this.#refuse({ code: 'LINK_UNKNOWN_SMSC', message: `no buffer is configured for SMSC id ${peer.smscId}` });
    }
    const shared = peer.holdsTls ? binding : new Uint8Array(0);
    const body = encodeWelcomeBody(
      {
        versions: linkVersions,
        smscId: peer.smscId,
        node,
        storeId: storeId(),
        nonce: randomBytes(32),
        capabilities: [sessionCapability],
        clock: now,
        holdsTls: binding.length > 0,
      },
      codec,
    );
    const mac = proofOf({ secret, role: 'im-server', parts: [hello, body], binding: shared }, hmac);
    const parts = [concatBytes(hello, body, mac)];
    this.#state = { type: 'awaiting-proof', peer, secret, parts, binding: shared, until: later(now, loginTimeoutMs) };
    return [{ type: 'frame', bytes: encodeWelcome(body, mac, codec) }];
  }

  #prove(mac: Uint8Array, state: Extract<AcceptorState, { type: 'awaiting-proof' }>, now: Instant): LinkOutput[] {
    const { secret, parts, binding, peer } = state;
    if (!isProof(mac, { secret, role: 'buffer', parts, binding }, this.#settings.hmac)) {
      return this.#refuse({ code: 'LINK_BAD_SECRET', message: 'the buffer holds another secret for this SMSC id' });
    }
    const refusal = this.#settings.admit(peer);
    if (refusal !== undefined) return this.#refuse(refusal);
    this.#state = { type: 'up', peer, pulse: new Pulse(now) };
    return [
      logEvent('info', 'link.up', { smsc: peer.smscId, peer: peer.node }),
      { type: 'up', peer },
      ...this.#tick(now),
    ];
  }

  #takeEntries(pulse: Pulse, bytes: Uint8Array, now: Instant): LinkOutput[] {
    pulse.hear(now);
    const frame = decodeFrame(bytes, this.#settings.codec);
    if (!frame.ok) return this.#refuse({ code: frame.fault.code, message: frame.fault.message });
    return frame.value.map((entry) => this.#takeEntry(pulse, entry, now));
  }

  #takeEntry(pulse: Pulse, entry: Entry, now: Instant): LinkOutput {
    switch (entry.type) {
      case 'heartbeat':
        pulse.take(entry, now);
        return { type: 'peer-position', position: entry.position };
      case 'session':
        return { type: 'peer-session', session: entry };
      default:
        return { type: 'entry-in', entry };
    }
  }

  #tick(now: Instant): LinkOutput[] {
    const state = this.#state;
    if (state.type === 'up') {
      if (state.pulse.isDead(now)) return this.#abandon('LINK_TIMEOUT', 'nothing was heard for 20 s');
      const beat = state.pulse.beat(now, this.#settings.position(state.peer.smscId));
      return beat === undefined ? [] : [{ type: 'entry-out', entry: beat }];
    }
    const isLate = (state.type === 'awaiting-hello' || state.type === 'awaiting-proof') && now >= state.until;
    return isLate ? this.#abandon('LINK_TIMEOUT', 'no login within 15 s') : [];
  }

  /** Says why, then closes. */
  #refuse(refusal: Refusal): LinkOutput[] {
    const wasUp = this.#state.type === 'up';
    return [
      ...(wasUp ? [] : [{ type: 'frame' as const, bytes: encodeRefusal(refusal, this.#settings.codec) }]),
      ...this.#abandon(refusal.code, refusal.message),
    ];
  }

  #abandon(code: ErrorCode, reason: string): LinkOutput[] {
    return [...this.#end(code, reason), { type: 'close', code, reason }];
  }

  #end(code: ErrorCode, reason: string): LinkOutput[] {
    const state = this.#state;
    if (state.type === 'closed') return [];
    const smsc = this.claimed;
    this.#state = { type: 'closed', claimed: smsc };
    const event = state.type === 'up' ? 'link.down' : 'link.refused';
    return [logEvent('warn', event, { smsc, code, reason }), { type: 'down', code, reason }];
  }
}
