/**
 * What goes over one connection, packet by packet, for `--show-packets`: read from the bytes themselves, so that what is
 * damaged is shown too. Answers carry the time since their request left.
 */
import { defaultReceiveLimitBytes, Framer } from '../../core/codec/framer.ts';
import { describePacket, type PacketLine, spellPacket } from './packet-text.ts';

/** Bytes of one gap between packets that are shown; a greeting has about a hundred. */
const shownNoiseBytes = 512;

export interface PacketTraceOptions {
  /** @param bytes of the packet; undefined for what is none */
  readonly onPacket: (line: PacketLine, bytes: Uint8Array | undefined) => void;
  /** Whether the greeting, other bytes between packets, and what never became a packet are shown. */
  readonly noise: 'show' | 'skip';
}

/** One per connection: what is left of a packet when it ends belongs to no other. */
export class PacketTrace {
  readonly #options: PacketTraceOptions;
  readonly #framer: Framer;
  /** When the last packet of each number left; 256 numbers at most. */
  readonly #sentAt = new Map<string, number>();

  constructor(options: PacketTraceOptions) {
    this.#options = options;
    const betweenLimitBytes = options.noise === 'show' ? shownNoiseBytes : 0;
    this.#framer = new Framer({ limitBytes: defaultReceiveLimitBytes, betweenLimitBytes });
  }

  sent(bytes: Uint8Array): void {
    const number = numberOf(bytes);
    if (/^\d{3}$/.test(number)) this.#sentAt.set(number, performance.now());
    this.#options.onPacket(describePacket('out', bytes, undefined), bytes);
  }

  received(bytes: Uint8Array): void {
    for (const event of this.#framer.push(bytes)) {
      if (event.type === 'packet') this.#packet(event.bytes);
      else if (this.#options.noise === 'skip') continue;
      else if (event.type === 'between') this.#noise(spellPacket(event.bytes), 'no packet: skipped');
      else this.#noise('', `damaged: ${event.fault.message}`);
    }
  }

  #packet(bytes: Uint8Array): void {
    // Answers have codes from 50 on; the time of anything else would be that of another turn.
    const isAnswer = (bytes[1] ?? 0) >= 0x35;
    const sentAt = isAnswer ? this.#sentAt.get(numberOf(bytes)) : undefined;
    const tookMs = sentAt === undefined ? undefined : performance.now() - sentAt;
    this.#options.onPacket(describePacket('in', bytes, tookMs), bytes);
  }

  #noise(wire: string, meaning: string): void {
    this.#options.onPacket({ direction: 'in', wire, meaning }, undefined);
  }
}

function numberOf(bytes: Uint8Array): string {
  return new TextDecoder('latin1').decode(bytes.subarray(4, 7));
}
