/**
 * What the IM server is told of the session with the SMSC: that it is up or down, since when and why. A session that is
 * replaced at once is no news, so a fall is told when it has lasted; that bounds the rate as well. The session itself is
 * `core/handshake/client.ts`. Entry: docs/link-protocol.md, `session`.
 */
import type { ErrorCode } from '../../base/errors.ts';
import { type Instant, instant, later } from '../../base/time.ts';
import type { SessionState } from '../../handshake/client-io.ts';
import type { SessionEntry } from '../../link/entries.ts';
import type { SessionView } from '../../store/ring-view.ts';

/**
 * A fall that is shorter is not told. Long enough for a session that the SMSC closes and that is logged in again at once,
 * short enough that people who write see it before they wonder.
 */
export const fallLastsMs = 2_000;

interface Fallen {
  readonly code: ErrorCode | undefined;
  readonly refusedWith: number;
}

type Session = { readonly since: Instant } & ({ readonly state: 'up' } | ({ readonly state: 'down' } & Fallen));

export class SessionNews {
  #session: Session = { state: 'down', since: instant(0), code: undefined, refusedWith: 0 };
  /** What this connection was told last; `nobody`: there is none, or it takes no such entry. */
  #told: 'nobody' | 'nothing' | { readonly session: Session; readonly at: Instant } = 'nobody';

  /** The role starts: nobody has logged in yet. */
  begin(now: Instant): void {
    this.#session = { state: 'down', since: now, code: undefined, refusedWith: 0 };
  }

  view(): SessionView {
    const session = this.#session;
    const { state, since } = session;
    if (session.state === 'up') return { state, since };
    const { code, refusedWith } = session;
    return {
      state,
      since,
      ...(code === undefined ? {} : { code }),
      ...(refusedWith === 0 ? {} : { refusedWith }),
    };
  }

  /** @param why of a fall, as far as it is known */
  changed(state: SessionState, why: Fallen, now: Instant): void {
    if (state === 'ready') {
      this.#session = { state: 'up', since: now };
      return;
    }
    const { state: before, since } = this.#session;
    // On the way to the next login the reason stays that of the last failure.
    const isReason = state === 'down' || state === 'ended';
    if (before === 'up') this.#session = { state: 'down', since: now, ...why };
    else if (isReason) this.#session = { state: 'down', since, ...why };
  }

  /** A connection to the IM server is up. */
  linkUp(peer: 'takes-sessions' | 'takes-none'): void {
    this.#told = peer === 'takes-sessions' ? 'nothing' : 'nobody';
  }

  linkDown(): void {
    this.#told = 'nobody';
  }

  /** What is to be told now, if anything. */
  take(now: Instant): SessionEntry | undefined {
    if (!this.#isNews() || now < this.#dueAt()) return undefined;
    const session = this.#session;
    this.#told = { session, at: now };
    const { code, refusedWith } = session.state === 'down' ? session : { code: undefined, refusedWith: 0 };
    return { type: 'session', state: session.state, forMs: now - session.since, code, refusedWith };
  }

  deadline(): Instant | undefined {
    return this.#isNews() ? this.#dueAt() : undefined;
  }

  #isNews(): boolean {
    if (this.#told === 'nobody') return false;
    if (this.#told === 'nothing') return true;
    const { session } = this.#told;
    return session.state !== this.#session.state || reasonOf(session) !== reasonOf(this.#session);
  }

  /** Of one fall after another reason no more than one in so long. */
  #dueAt(): Instant {
    const { state, since } = this.#session;
    if (state === 'up') return since;
    const told = this.#told;
    const before = typeof told === 'object' && told.session.state === 'down' ? told.at : since;
    return later(before, fallLastsMs);
  }
}

function reasonOf(session: Session): string {
  return session.state === 'up' ? '' : `${session.code} ${session.refusedWith}`;
}
