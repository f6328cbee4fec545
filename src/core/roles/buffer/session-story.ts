/** What a buffer remembers of its sessions with the SMSC for whoever asks how that goes. It decides nothing. */
import type { ErrorCode } from '../../base/errors.ts';
import type { Instant } from '../../base/time.ts';
import type { ClientOutput, SessionState } from '../../handshake/client-io.ts';

export interface SessionStatus {
  readonly state: SessionState;
  /** Since when it is `ready`, or since when it is not; of what lies between, since the way to `ready` began. */
  readonly since: Instant;
  /** When it connects again; undefined while it need not wait. */
  readonly nextAttemptAt: Instant | undefined;
  /** Why it is not ready, as the last attempt left it, with the 900 of a refused login. */
  readonly code?: ErrorCode;
  readonly reason?: string;
  readonly refusedWith?: number;
  /** Logins that the SMSC took, and attempts that came to nothing or sessions that broke, since the role began. */
  readonly logins: number;
  readonly failures: number;
}

type SessionNews = Extract<ClientOutput, { readonly type: 'session' }>;
type Problem = Pick<SessionStatus, 'code' | 'reason' | 'refusedWith'>;

export class SessionStory {
  #since: Instant;
  #isReady = false;
  #problem: Problem = {};
  #logins = 0;
  #failures = 0;

  /** @param now when the role began */
  constructor(now: Instant) {
    this.#since = now;
  }

  take({ state, code, reason, refusedWith }: SessionNews, now: Instant): void {
    const isReady = state === 'ready';
    if (isReady !== this.#isReady) this.#since = now;
    this.#isReady = isReady;
    if (isReady) {
      this.#logins += 1;
      this.#problem = {};
    } else if (state === 'down' || state === 'ended') {
      if (code !== undefined) this.#failures += 1;
      this.#problem = {
        ...(code === undefined ? {} : { code }),
        ...(reason === undefined ? {} : { reason }),
        ...(refusedWith === undefined ? {} : { refusedWith }),
      };
    }
  }

  status(state: SessionState, nextAttemptAt: Instant | undefined): SessionStatus {
    return {
      ...{ state, since: this.#since, nextAttemptAt },
      ...this.#problem,
      ...{ logins: this.#logins, failures: this.#failures },
    };
  }
}
