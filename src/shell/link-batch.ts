/**
 * Entries of one connection that became ready in one turn or commit travel together: collected here, sent as frames when
 * the turn ends. SPEC: DESIGN section 3.
 */
import type { Entry } from '../core/link/entries.ts';
import { encodeFrames } from '../core/link/frame.ts';
import { valueCodec } from './values.ts';
import type { LinkTransport } from './web-socket.ts';

export class LinkBatch {
  readonly #transport: LinkTransport;
  /** Undefined where a later status of the same message took the place. */
  #entries: (Entry | undefined)[] = [];
  readonly #statusAt = new Map<string, number>();

  constructor(transport: LinkTransport) {
    this.#transport = transport;
  }

  /** Of several statuses of one message only the last goes: a copy never becomes an earlier one, so it says it all. */
  add(entry: Entry): void {
    if (entry.type === 'status') {
      const message = `${entry.lane} ${entry.state.seq}`;
      const before = this.#statusAt.get(message);
      if (before !== undefined) this.#entries[before] = undefined;
      this.#statusAt.set(message, this.#entries.length);
    }
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
    for (const frame of encodeFrames(entries, valueCodec)) this.#transport.send(frame);
  }

  close(reason: string): void {
    this.flush();
    this.#transport.close(4000, reason);
  }
}
