/**
 * The buffer's end of the link: dials, proves itself, asks for the other's proof, keeps the connection alive and dials
 * again for ever. SPEC: DESIGN section 3.
 */
import { concatBytes } from '../base/bytes.ts';
import type { ErrorCode } from '../base/errors.ts';
import { assertNever } from '../base/invariant.ts';
import { logEvent } from '../base/log-event.ts';
import type { Machine } from '../base/machine.ts';
import type { Random } from '../base/random.ts';
import { type Instant, later } from '../base/time.ts';
import { Backoff } from '../handshake/backoff.ts';
import { decodeFrame, linkVersion, linkVersions } from './frame.ts';
import { LinkStory } from './link-story.ts';
import {
  commonVersion,
  decodeLogin,
  encodeHello,
  encodeProof,
  encodeRefusal,
  type Introduction,
  isProof,
  proofOf,
} from './login.ts';
import { Pulse } from './pulse.ts';
import type { LinkOutput, LinkSettings } from './session-io.ts';

export interface DialerSettings extends LinkSettings {
  readonly smscId: string;
  readonly secret: Uint8Array;
}

export type DialerInput =
  | { readonly type: 'dial' }
  /** `binding`: TLS exporter, empty where this end does not hold the TLS. */
  | { readonly type: 'opened'; readonly binding: Uint8Array }
  | { readonly type: 'frame-in'; readonly bytes: Uint8Array }
  | { readonly type: 'closed'; readonly reason: string }
  /** This end's store went back: close, and log in anew with the store id of this moment. */
  | { readonly type: 'redial'; readonly reason: string }
  /** Drain: close, and dial no more. */
  | { readonly type: 'stop' }
  | { readonly type: 'tick' };

type DialerState =
  | { readonly type: 'idle' }
  | { readonly type: 'waiting'; readonly retryAt: Instant }
  | { readonly type: 'opening'; readonly until: Instant }
  | {
      readonly type: 'greeting';
      readonly hello: Uint8Array;
      readonly binding: Uint8Array;
      readonly until: Instant;
    }
  /** `peer` is silent until its first frame: only there it may still refuse. */
  | { readonly type: 'up'; readonly pulse: Pulse; readonly since: Instant; readonly peer: 'silent' | 'heard' }
  /** Closed by us: waits for the transport to say so. */
  | {
      readonly type: 'closing';
      readonly code: ErrorCode;
      readonly reason: string;
      readonly next: 'dial' | 'wait' | 'stop';
    };

const loginTimeoutMs = 15_000;
const reconnectMs = { firstMs: 100, capMs: 30_000 } as const;
/**
 * While only the line fails, a wait is at most this or a quarter of the time that it has failed: what comes back after
 * 8 s is used 2 s later at most. Doubling alone would stay away for 30 s from a link on which every second login fails.
 */
const awayWaitMs = 250;
const awayShare = 1 / 4;
/**
 * After a connection that held this long there is no wait at all. Long enough that two ends that disagree about the first
 * entries do not dial without rest; short enough that a link which lasts only a second at a time is used each time.
 */
const steadyMs = 500;

export class LinkDialer implements Machine<DialerInput, LinkOutput> {
  readonly #settings: DialerSettings;
  readonly #backoff: Backoff;
  /** For whoever asks how the link is. */
  readonly story = new LinkStory();
  #state: DialerState = { type: 'idle' };
  /** Since when the line fails; undefined where it was the peer that would not have us. */
  #awaySince: Instant | undefined;
  #lastProblem: { readonly code: ErrorCode; readonly reason: string } | undefined;

  constructor(settings: DialerSettings, random: Random) {
    this.#settings = settings;
    this.#backoff = new Backoff(reconnectMs, random);
  }

  get isUp(): boolean {
    return this.#state.type === 'up';
  }

  get pulse(): Pulse | undefined {
    return this.#state.type === 'up' ? this.#state.pulse : undefined;
  }

  /** Why the last attempt or connection ended; undefined while it is up. */
  get lastProblem(): { readonly code: ErrorCode; readonly reason: string } | undefined {
    return this.#lastProblem;
  }

  /** When it will be dialled again; undefined while it is, or is up. */
  get retryAt(): Instant | undefined {
    return this.#state.type === 'waiting' ? this.#state.retryAt : undefined;
  }

  handle(input: DialerInput, now: Instant): readonly LinkOutput[] {
    switch (input.type) {
      case 'dial':
        if (this.#state.type !== 'idle') return [];
        this.#awaySince = now;
        return this.#open(now);
      case 'opened':
        return this.#greet(input.binding, now);
      case 'frame-in':
        return this.#take(input.bytes, now);
      case 'closed':
        return this.#closed(input.reason, now);
      case 'redial':
        return this.#state.type === 'up' ? this.#giveUp('STORE_WENT_BACK', input.reason, now) : [];
      case 'stop':
        return this.#stop(now);
      case 'tick':
        return this.#tick(now);
      default:
        return assertNever(input);
    }
  }

  deadline(): Instant | undefined {
    switch (this.#state.type) {
      case 'waiting':
        return this.#state.retryAt;
      case 'opening':
      case 'greeting':
        return this.#state.until;
      case 'up':
        return this.#state.pulse.deadline();
      case 'idle':
      case 'closing':
        return undefined;
      default:
        return assertNever(this.#state);
    }
  }

  #open(now: Instant): LinkOutput[] {
    this.#state = { type: 'opening', until: later(now, loginTimeoutMs) };
    return [{ type: 'open' }];
  }

  #greet(binding: Uint8Array, now: Instant): LinkOutput[] {
    if (this.#state.type !== 'opening') return [];
    const { codec, randomBytes, node, storeId, smscId } = this.#settings;
    const introduction: Introduction = {
      versions: linkVersions,
      smscId,
      node,
      storeId: storeId(),
      nonce: randomBytes(32),
      capabilities: [],
      clock: now,
      holdsTls: binding.length > 0,
    };
    const hello = encodeHello(introduction, codec);
    this.#state = { type: 'greeting', hello, binding, until: later(now, loginTimeoutMs) };
    return [{ type: 'frame', bytes: hello }];
  }

  #take(bytes: Uint8Array, now: Instant): LinkOutput[] {
    if (this.#state.type === 'greeting') return this.#takeLogin(bytes, now);
    if (this.#state.type !== 'up') return [];
    const { pulse, since, peer } = this.#state;
    pulse.hear(now);
    const frame = decodeFrame(bytes, this.#settings.codec);
    if (!frame.ok) {
      // Our proof was the last word of the login, so the verdict on it comes where the first entries would.
      const login = peer === 'silent' ? decodeLogin(bytes, this.#settings.codec) : undefined;
      const isRefused = login?.ok && login.value.type === 'refuse';
      const { code, message } = isRefused ? login.value.refusal : frame.fault;
      return this.#giveUp(code, message, now);
    }
    this.#state = { type: 'up', pulse, since, peer: 'heard' };
    return frame.value.flatMap((entry): LinkOutput[] => {
      // An IM server has no session to tell of.
      if (entry.type === 'session') return [];
      if (entry.type !== 'heartbeat') return [{ type: 'entry-in', entry }];
      pulse.take(entry, now);
      this.story.beat(pulse);
      return [{ type: 'peer-position', position: entry.position }];
    });
  }

  #takeLogin(bytes: Uint8Array, now: Instant): LinkOutput[] {
    if (this.#state.type !== 'greeting') return [];
    const { hello, binding } = this.#state;
    const { codec, hmac, secret } = this.#settings;
    const login = decodeLogin(bytes, codec);
    if (!login.ok) return this.#giveUp(login.fault.code, login.fault.message, now);
    const message = login.value;
    if (message.type === 'refuse') return this.#giveUp(message.refusal.code, message.refusal.message, now);
    if (message.type !== 'welcome') {
      return this.#giveUp('LINK_BAD_FRAME', `a ${message.type} where welcome belongs`, now);
    }
    const shared = message.introduction.holdsTls && binding.length > 0 ? binding : new Uint8Array(0);
    const transcript = { secret, role: 'im-server' as const, parts: [hello, message.body], binding: shared };
    if (!isProof(message.mac, transcript, hmac)) {
      const reason = 'the IM server does not hold the same secret for this SMSC id';
      const refusal = encodeRefusal({ code: 'LINK_BAD_SECRET', message: 'the buffer holds another secret' }, codec);
      return [{ type: 'frame', bytes: refusal }, ...this.#giveUp('LINK_BAD_SECRET', reason, now)];
    }
    const [lowest, highest] = message.introduction.versions;
    if (commonVersion(linkVersions, [lowest, highest]) === undefined) {
      const reason = `this buffer speaks version ${linkVersion} of the link, the IM server ${lowest} to ${highest}`;
      const refusal = encodeRefusal({ code: 'LINK_VERSION', message: reason }, codec);
      return [{ type: 'frame', bytes: refusal }, ...this.#giveUp('LINK_VERSION', reason, now)];
    }
    const parts = [concatBytes(hello, message.body, message.mac)];
    const proof = encodeProof(proofOf({ secret, role: 'buffer', parts, binding: shared }, hmac), codec);
    this.#state = { type: 'up', pulse: new Pulse(now), since: now, peer: 'silent' };
    this.#lastProblem = undefined;
    this.story.up(now);
    return [
      { type: 'frame', bytes: proof },
      logEvent('info', 'link.up', { smsc: this.#settings.smscId, peer: message.introduction.node }),
      { type: 'up', peer: message.introduction },
      ...this.#tick(now),
    ];
  }

  #tick(now: Instant): LinkOutput[] {
    switch (this.#state.type) {
      case 'waiting':
        return now >= this.#state.retryAt ? this.#open(now) : [];
      case 'opening':
      case 'greeting':
        return now >= this.#state.until
          ? this.#giveUp('LINK_TIMEOUT', 'the IM server did not answer the login', now)
          : [];
      case 'up': {
        const { pulse } = this.#state;
        if (pulse.isDead(now)) return this.#giveUp('LINK_TIMEOUT', 'nothing was heard for 20 s', now);
        const beat = pulse.beat(now, this.#settings.position(this.#settings.smscId));
        return beat === undefined ? [] : [{ type: 'entry-out', entry: beat }];
      }
      case 'idle':
      case 'closing':
        return [];
      default:
        return assertNever(this.#state);
    }
  }

  #giveUp(code: ErrorCode, reason: string, now: Instant): LinkOutput[] {
    const wasUp = this.#state.type === 'up';
    if (code !== 'LINK_TIMEOUT') this.#awaySince = undefined;
    else if (wasUp) this.#awaySince = now;
    this.#state = { type: 'closing', code, reason, next: this.#hasHeld(now) ? 'dial' : 'wait' };
    this.#lastProblem = { code, reason };
    if (!wasUp) this.story.failed(code, reason, now);
    return [...(wasUp ? this.#down(code, reason, now) : []), { type: 'close', code, reason }];
  }

  #stop(now: Instant): LinkOutput[] {
    const wasOpen = this.#state.type !== 'idle' && this.#state.type !== 'waiting';
    const wasUp = this.#state.type === 'up';
    const reason = 'the buffer is being stopped';
    this.#state = wasOpen ? { type: 'closing', code: 'LINK_UNREACHABLE', reason, next: 'stop' } : { type: 'idle' };
    return [
      ...(wasUp ? this.#down('LINK_UNREACHABLE', reason, now) : []),
      ...(wasOpen ? [{ type: 'close' as const, code: undefined, reason }] : []),
    ];
  }

  #closed(reason: string, now: Instant): LinkOutput[] {
    const state = this.#state;
    switch (state.type) {
      case 'idle':
      case 'waiting':
        return [];
      case 'closing':
        if (state.next === 'stop') {
          this.#state = { type: 'idle' };
          return [];
        }
        return state.next === 'dial' ? this.#dialAtOnce(now) : this.#wait(state.code, state.reason, now);
      case 'up':
        this.#lastProblem = { code: 'LINK_UNREACHABLE', reason };
        // The peer is there and proved who it is: only the line broke.
        this.#backoff.reset();
        this.#awaySince = now;
        return [
          ...this.#down('LINK_UNREACHABLE', reason, now),
          ...(this.#hasHeld(now) ? this.#dialAtOnce(now) : this.#wait('LINK_UNREACHABLE', reason, now)),
        ];
      case 'opening':
      case 'greeting':
        this.story.failed('LINK_UNREACHABLE', reason, now);
        return this.#wait('LINK_UNREACHABLE', reason, now);
      default:
        return assertNever(state);
    }
  }

  #hasHeld(now: Instant): boolean {
    return this.#state.type === 'up' && now - this.#state.since >= steadyMs;
  }

  /** SPEC: DESIGN section 3: reconnect at once, then with backoff. */
  #dialAtOnce(now: Instant): LinkOutput[] {
    this.#backoff.reset();
    return this.#open(now);
  }

  #wait(code: ErrorCode, reason: string, now: Instant): LinkOutput[] {
    const since = this.#awaySince;
    const mostMs = since === undefined ? reconnectMs.capMs : Math.max(awayWaitMs, (now - since) * awayShare);
    const waitMs = this.#backoff.next(mostMs);
    this.#lastProblem = { code, reason };
    this.#state = { type: 'waiting', retryAt: later(now, waitMs) };
    return [logEvent('warn', 'link.retry', { smsc: this.#settings.smscId, code, reason, waitMs })];
  }

  #down(code: ErrorCode, reason: string, now: Instant): LinkOutput[] {
    this.story.lost(code, reason, now);
    return [
      logEvent('warn', 'link.down', { smsc: this.#settings.smscId, code, reason }),
      { type: 'down', code, reason },
    ];
  }
}
