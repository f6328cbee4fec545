/**
 * Entries of one connection that became ready in one turn or commit travel together: collected here, sent as frames when
 * the turn ends. SPEC: DESIGN section 3. What only tells how far a message has come waits a little longer, because mostly
 * its end is told before anybody would miss it.
 */
import type { Entry, StatusEntry } from '../core/link/entries.ts';
import { encodeFrames } from '../core/link/frame.ts';
import { encodeForAMoment, valueCodec } from './values.ts';
import type { LinkTransport } from './web-socket.ts';

/** A passing status is told after this, and before twice this, unless a later one of its message came meanwhile. */
export const passingMs = 50;

/** Entries are copied into their frame at once. */
const codec = { encode: encodeForAMoment, decode: valueCodec.decode };

export class LinkBatch {
  readonly #transport: LinkTransport;
  /** Undefined where a later status of the same message took the place. */
  #entries: (Entry | undefined)[] = [];
  readonly #statusAt = new Map<string, number>();
  /** Passing statuses by message, since this span of time and since the one before. */
  #passing = new Map<string, StatusEntry>();
  #passingLonger = new Map<string, StatusEntry>();
  #timer: NodeJS.Timeout | undefined;

  constructor(transport: LinkTransport) {
    this.#transport = transport;
  }

  /** Of several statuses of one message only the last goes: a copy never becomes an earlier one, so it says it all. */
  add(entry: Entry): void {
    if (entry.type === 'status' && this.#replaces(entry)) return;
    this.#entries.push(entry);
  }

  /** A frame of the login: nothing waits in front of it. */
  sendAtOnce(frame: Uint8Array): void {
    this.#transport.send(frame);
  }

  flush(): void {
    if (this.#entries.length === 0) return;
    const entries = this.#entries.filter((entry) => entry !== undefined);
    this.#entries = [];
    this.#statusAt.clear();
    for (const frame of encodeFrames(entries, codec)) this.#transport.send(frame);
  }

  close(reason: string): void {
    clearTimeout(this.#timer);
    this.#entries.push(...this.#passingLonger.values(), ...this.#passing.values());
    this.#passingLonger.clear();
    this.#passing.clear();
    this.flush();
    this.#transport.close(4000, reason);
  }

  /** Takes what was said of the message before out of the batch. @returns true where the new one waits as well */
  #replaces(entry: StatusEntry): boolean {
    const message = `${entry.lane} ${entry.state.seq}`;
    const before = this.#statusAt.get(message);
    if (before !== undefined) this.#entries[before] = undefined;
    const waited = this.#passing.get(message) ?? this.#passingLonger.get(message);
    if (isPassing(entry) && before === undefined) {
      // At the place of the earlier one, so that a message that moves often is told of as often as any.
      if (this.#passingLonger.has(message)) this.#passingLonger.set(message, entry);
      else this.#passing.set(message, entry);
      this.#timer ??= setTimeout(this.#spanOver, passingMs);
      return true;
    }
    if (waited !== undefined && !this.#passing.delete(message)) this.#passingLonger.delete(message);
    this.#statusAt.set(message, this.#entries.length);
    return false;
  }

  readonly #spanOver = (): void => {
    this.#entries.push(...this.#passingLonger.values());
    this.#passingLonger = this.#passing;
    this.#passing = new Map();
    this.#timer = this.#passingLonger.size > 0 ? setTimeout(this.#spanOver, passingMs) : undefined;
    this.flush();
  };
}

/** Nobody acts on these: neither an end nor a doubt. */
function isPassing({ state }: StatusEntry): boolean {
  return (state.status === 'mirrored' || state.status === 'in-flight') && !state.possibleDuplicate;
}
