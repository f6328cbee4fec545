/**
 * The client end of sessions with an SMSC: connects, keeps one session at a time, and connects again when it is lost.
 * What happens within one connection is `client-session.ts`; what becomes of a message is its owner's affair.
 * Source: docs/reference/cimd2.md sections 6.3, 6.4 and 11.4; DESIGN section 5.
 */
import type { ErrorCode } from '../base/errors.ts';
import { assertNever, invariant } from '../base/invariant.ts';
import { type LogEvent, logEvent } from '../base/log-event.ts';
import { earliest, type Machine } from '../base/machine.ts';
import type { Random } from '../base/random.ts';
import { type Instant, later } from '../base/time.ts';
import { cimdErrorMeaning } from '../codec/error-codes.ts';
import { Backoff } from './backoff.ts';
import type { ClientInput, ClientOutput, ClientSettings, SessionState } from './client-io.ts';
import { ClientSession, type SessionEnding, type SessionInput } from './client-session.ts';

type State =
  /** Not asked to connect yet. */
  | { readonly type: 'idle' }
  | { readonly type: 'connecting'; readonly since: Instant }
  /** The line is open, and what an earlier session left on it comes to its end. */
  | { readonly type: 'listening'; readonly since: Instant; readonly until: Instant }
  /** `again`: a login without 019, on the connection where the window was refused. */
  | { readonly type: 'open'; readonly session: ClientSession; readonly login: 'first' | 'again' }
  /** Down; the next attempt is at `retryAt`. */
  | { readonly type: 'waiting'; readonly retryAt: Instant }
  | { readonly type: 'ended' };

/** Why there is no session. */
interface Failure {
  readonly code: ErrorCode | undefined;
  readonly reason: string;
  readonly refusedWith: number | undefined;
}

/** A line that never falls silent is logged in to after so many times the silence that was wanted. */
const silencesAtMost = 5;

export class CimdClient implements Machine<ClientInput, ClientOutput> {
  /** The window becomes 1 once the SMSC refused it. */
  #settings: ClientSettings;
  readonly #reconnect: Backoff;
  readonly #afterRefusal: Backoff;
  #state: State = { type: 'idle' };
  #lastToken = 0;

  /** @param random jitter between connections */
  constructor(settings: ClientSettings, random: Random) {
    invariant(settings.window >= 1 && settings.window <= 128, 'a window has 1–128 places');
    const { first, cap, afterRefusedLogin } = settings.reconnectMs;
    this.#settings = settings;
    this.#reconnect = new Backoff({ firstMs: first, capMs: cap }, random);
    // At least twice the first wait, so that clients refused together do not come back together.
    this.#afterRefusal = new Backoff(
      { firstMs: afterRefusedLogin, capMs: Math.max(cap, 2 * afterRefusedLogin) },
      random,
    );
  }

  get state(): SessionState {
    switch (this.#state.type) {
      case 'idle':
      case 'waiting':
        return 'down';
      case 'open':
        return this.#state.session.state;
      case 'listening':
        return 'connecting';
      case 'connecting':
      case 'ended':
        return this.#state.type;
      default:
        return assertNever(this.#state);
    }
  }

  /** Requests that may be sent now: 0 unless `ready`. */
  capacity(): number {
    return this.#state.type === 'open' ? this.#state.session.capacity() : 0;
  }

  /** @throws InvariantError for a `request` without capacity, which is a bug of the owner */
  handle(input: ClientInput, now: Instant): readonly ClientOutput[] {
    invariant(input.type !== 'request' || this.capacity() > 0, 'a request is sent only while there is capacity');
    switch (this.#state.type) {
      case 'idle':
        return this.#whileIdle(input, now);
      case 'connecting':
        return this.#whileConnecting(this.#state.since, input, now);
      case 'listening':
        return this.#whileListening(this.#state, input, now);
      case 'open':
        // One log-in at a time: while a session is open, asking for one changes nothing.
        return input.type === 'log-in' ? [] : this.#forward(this.#state.session, input, now);
      case 'waiting':
        return this.#whileWaiting(this.#state.retryAt, input, now);
      case 'ended':
        if (input.type === 'log-in') return this.#connect(now);
        return input.type === 'opened' ? [{ type: 'disconnect', reason: 'The client has ended.' }] : [];
      default:
        return assertNever(this.#state);
    }
  }

  deadline(): Instant | undefined {
    switch (this.#state.type) {
      case 'connecting':
        return later(this.#state.since, this.#settings.answerTimeoutMs);
      case 'listening':
        return this.#state.until;
      case 'open':
        return this.#state.session.deadline();
      case 'waiting':
        return this.#state.retryAt;
      case 'idle':
      case 'ended':
        return undefined;
      default:
        return assertNever(this.#state);
    }
  }

  #whileIdle(input: ClientInput, now: Instant): readonly ClientOutput[] {
    if (input.type === 'log-in') return this.#connect(now);
    return input.type === 'log-out'
      ? this.#end({ code: undefined, reason: 'Logged out.', refusedWith: undefined })
      : [];
  }

  #whileConnecting(since: Instant, input: ClientInput, now: Instant): readonly ClientOutput[] {
    const { answerTimeoutMs } = this.#settings;
    switch (input.type) {
      case 'opened': {
        const { silenceBeforeLoginMs: silenceMs = 0 } = this.#settings;
        if (silenceMs === 0) return this.#begin(now);
        this.#state = { type: 'listening', since: now, until: later(now, silenceMs) };
        return [logEvent('info', 'session.listening', { silenceMs })];
      }
      case 'closed': {
        const reason = `No connection to the SMSC: ${input.reason}`;
        return this.#down({ code: 'PEER_UNREACHABLE', reason, refusedWith: undefined }, this.#reconnect.next(), now);
      }
      case 'tick': {
        if (now < later(since, answerTimeoutMs)) return [];
        const reason = `No connection to the SMSC within ${answerTimeoutMs} ms.`;
        const failure: Failure = { code: 'PEER_UNREACHABLE', reason, refusedWith: undefined };
        return [{ type: 'disconnect', reason }, ...this.#down(failure, this.#reconnect.next(), now)];
      }
      case 'log-out': {
        const reason = 'Logged out before the connection was open.';
        return [{ type: 'disconnect', reason }, ...this.#end({ code: undefined, reason, refusedWith: undefined })];
      }
      case 'log-in':
      case 'received':
      case 'request':
      case 'repeat':
      case 'stop-polling':
      case 'answer':
        return [];
      default:
        return assertNever(input);
    }
  }

  /** SPEC: DESIGN section 5: a serial line has no end of connection, so silence comes before a new login. */
  #whileListening(
    { since, until }: Extract<State, { readonly type: 'listening' }>,
    input: ClientInput,
    now: Instant,
  ): readonly ClientOutput[] {
    switch (input.type) {
      case 'received': {
        const { silenceBeforeLoginMs: silenceMs = 0 } = this.#settings;
        const atMost = later(since, silencesAtMost * silenceMs);
        this.#state = { type: 'listening', since, until: earliest(later(now, silenceMs), atMost) ?? atMost };
        return [logEvent('debug', 'session.not-silent', { sizeBytes: input.bytes.length })];
      }
      case 'tick':
        return now < until ? [] : this.#begin(now);
      case 'closed':
      case 'log-out':
        return this.#whileConnecting(since, input, now);
      case 'opened':
      case 'log-in':
      case 'request':
      case 'repeat':
      case 'stop-polling':
      case 'answer':
        return [];
      default:
        return assertNever(input);
    }
  }

  #whileWaiting(retryAt: Instant, input: ClientInput, now: Instant): readonly ClientOutput[] {
    switch (input.type) {
      case 'tick':
        return now >= retryAt ? this.#connect(now) : [];
      case 'log-out':
        return this.#end({ code: undefined, reason: 'Logged out.', refusedWith: undefined });
      case 'opened':
        // A transport that opened after it was given up.
        return [{ type: 'disconnect', reason: 'The connection opened too late.' }];
      case 'log-in':
      case 'received':
      case 'closed':
      case 'request':
      case 'repeat':
      case 'stop-polling':
      case 'answer':
        return [];
      default:
        return assertNever(input);
    }
  }

  #connect(now: Instant): readonly ClientOutput[] {
    this.#state = { type: 'connecting', since: now };
    return [{ type: 'session', state: 'connecting' }, { type: 'connect' }];
  }

  #begin(now: Instant): readonly ClientOutput[] {
    const session = new ClientSession(this.#settings, () => this.#newToken(), now);
    this.#state = { type: 'open', session, login: 'first' };
    return this.#forward(session, { type: 'opened' }, now);
  }

  #forward(session: ClientSession, input: SessionInput, now: Instant): readonly ClientOutput[] {
    const before: Before = { state: session.state, readySince: session.readySince, isClosed: input.type === 'closed' };
    return session
      .handle(input, now)
      .flatMap((output) => (output.type === 'finished' ? this.#finished(output.ending, before, now) : [output]));
  }

  /**
   * First the transport goes, so that no answer comes behind the verdict; then what the session leaves behind; last
   * the session itself, when its owner knows the fate of everything in it.
   */
  #finished(ending: SessionEnding, before: Before, now: Instant): readonly ClientOutput[] {
    const { how, code, reason, refusedWith, unknown, withdrawn } = ending;
    const failure: Failure = { code, reason, refusedWith };
    const again = this.#withoutWindow(ending, before, now);
    if (again !== undefined) return [...withdrawn.map((token) => ({ type: 'withdrawn', token }) as const), ...again];
    const isEnd = how === 'left' || before.state === 'logging-out';
    return [
      ...(before.isClosed ? [] : [{ type: 'disconnect', reason } as const]),
      ...unknown.map((ref) => ({ type: 'unknown', ref, code: code ?? 'SESSION_LOST', reason }) as const),
      ...withdrawn.map((token) => ({ type: 'withdrawn', token }) as const),
      ...(isEnd ? this.#end(failure) : this.#down(failure, this.#waitMs(how, before.readySince, now), now)),
    ];
  }

  /**
   * SPEC: section 5.1: a window that is refused (104, 105) is not counter-offered, so the login goes again without 019:
   * on the same connection, as a refused login leaves it open (section 6.3), and under the next number, as the first one
   * may be remembered with its answer. Where the SMSC closes the connection all the same, on a new one at once. The
   * window stays refused for the life of the client: it is a property of the account.
   *
   * @returns undefined where that is no answer to how the session ended
   */
  #withoutWindow(ending: SessionEnding, before: Before, now: Instant): readonly ClientOutput[] | undefined {
    if (this.#state.type !== 'open') return undefined;
    const { session, login } = this.#state;
    const isWindowRefused = ending.refusedWith === 104 || ending.refusedWith === 105;
    if (isWindowRefused && this.#settings.window > 1) {
      const told = windowRefused(ending.refusedWith ?? 0, this.#settings.window);
      this.#settings = { ...this.#settings, window: 1 };
      const settings = { ...this.#settings, greetingWaitMs: 0 };
      const next = new ClientSession(settings, () => this.#newToken(), now, session.nextNumber);
      this.#state = { type: 'open', session: next, login: 'again' };
      return [told, ...this.#forward(next, { type: 'opened' }, now)];
    }
    const isAnswerLost = login === 'again' && before.state === 'logging-in' && before.isClosed;
    return isAnswerLost ? this.#connect(now) : undefined;
  }

  /** How long to stay away after a session that nobody wanted to end. */
  #waitMs(how: SessionEnding['how'], readySince: Instant | undefined, now: Instant): number {
    if (how === 'refused') {
      this.#reconnect.reset();
      return this.#afterRefusal.next();
    }
    if (readySince === undefined) return this.#reconnect.next();
    this.#afterRefusal.reset();
    // A session that held is replaced at once (DESIGN section 11); one that fell right after the login is a failure
    // like any other, or two ends that disagree would log in and out as fast as the line allows.
    if (now < later(readySince, this.#settings.reconnectMs.first)) return this.#reconnect.next();
    this.#reconnect.reset();
    return 0;
  }

  #down(failure: Failure, waitMs: number, now: Instant): readonly ClientOutput[] {
    const down = { type: 'session', state: 'down', ...reasonOf(failure) } as const;
    if (this.#settings.reconnect === 'once') return [down, ...this.#end(failure)];
    this.#state = { type: 'waiting', retryAt: later(now, waitMs) };
    return [down, logEvent('info', 'session.waiting', { waitMs, code: failure.code })];
  }

  #end(failure: Failure): readonly ClientOutput[] {
    this.#state = { type: 'ended' };
    return [{ type: 'session', state: 'ended', ...reasonOf(failure) }];
  }

  #newToken(): number {
    this.#lastToken += 1;
    return this.#lastToken;
  }
}

/** What must be known of a session from before the input that ended it. */
interface Before {
  readonly state: SessionState;
  readonly readySince: Instant | undefined;
  readonly isClosed: boolean;
}

function reasonOf({ code, reason, refusedWith }: Failure): {
  readonly code?: ErrorCode;
  readonly reason: string;
  readonly refusedWith?: number;
} {
  return {
    reason,
    ...(code === undefined ? {} : { code }),
    ...(refusedWith === undefined ? {} : { refusedWith }),
  };
}

function windowRefused(refusedWith: number, window: number): LogEvent {
  const meaning = cimdErrorMeaning(refusedWith);
  return logEvent('warn', 'session.window-refused', { code: 'SESSION_LOGIN_REFUSED', refusedWith, meaning, window });
}
