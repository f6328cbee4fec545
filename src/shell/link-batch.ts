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
  #entries: Entry[] = [];

  constructor(transport: LinkTransport) {
    this.#transport = transport;
  }

  add(entry: Entry): void {
    this.#entries.push(entry);
  }

  /** A frame of the login: nothing waits in front of it. */
  sendAtOnce(frame: Uint8Array): void {
    this.#transport.send(frame);
  }

  flush(): void {
    if (this.#entries.length === 0) return;
    const entries = this.#entries;
    this.#entries = [];
    for (const frame of encodeFrames(entries, valueCodec)) this.#transport.send(frame);
  }

  close(reason: string): void {
    this.flush();
    this.#transport.close(4000, reason);
  }
}
