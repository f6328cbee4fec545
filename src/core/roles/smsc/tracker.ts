/**
 * What Enquire (04) can be told: the last known status of each message that a report was asked for. The oldest are
 * forgotten first. SPEC: docs/reference/cimd2.md sections 2.5 and 2.10.
 */
import { type HandsetMessage, status } from './handset-message.ts';
import { limits } from './settings.ts';

export interface TrackedStatus {
  /** 061 */
  readonly status: number;
  /** 062, 0 for none. */
  readonly error: number;
  /** 063: the last attempt; the stamp itself where there was none. */
  readonly triedAt: string;
}

export class Tracker {
  readonly #statuses = new Map<string, TrackedStatus>();

  /** SPEC: section 2.5: only where a report was requested. */
  begin(message: HandsetMessage): void {
    if (message.reportBits === 0) return;
    this.#set(keyOf(message), { status: status.inProcess, error: 0, triedAt: message.stamp });
  }

  /** News of a message; of one that is not tracked, or forgotten, nothing is kept. */
  note(message: HandsetMessage, news: TrackedStatus): void {
    const key = keyOf(message);
    if (message.reportBits !== 0 && this.#statuses.has(key)) this.#statuses.set(key, news);
  }

  /** SPEC: section 2.10: the application has acknowledged a final status. */
  forget(message: Pick<HandsetMessage, 'user' | 'destination' | 'stamp'>): void {
    this.#statuses.delete(keyOf(message));
  }

  find(message: Pick<HandsetMessage, 'user' | 'destination' | 'stamp'>): TrackedStatus | undefined {
    return this.#statuses.get(keyOf(message));
  }

  #set(key: string, tracked: TrackedStatus): void {
    this.#statuses.set(key, tracked);
    const [oldest] = this.#statuses.size > limits.tracked ? this.#statuses.keys() : [];
    if (oldest !== undefined) this.#statuses.delete(oldest);
  }
}

function keyOf({ user, destination, stamp }: Pick<HandsetMessage, 'user' | 'destination' | 'stamp'>): string {
  return `${user} ${destination} ${stamp}`;
}
