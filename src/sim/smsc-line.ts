/** Somebody with his hands on the line between a buffer and its SMSC: loses packets, changes answers, answers himself. */
import { decodePacket } from '../core/codec/decode.ts';
import { encodePacket } from '../core/codec/encode.ts';
import { Framer } from '../core/codec/framer.ts';
import type { Packet, Parameter } from '../core/codec/packet.ts';

/** What happens to a packet: `pass` as it is, `lose` it, another one `instead`, or an `answer` to it from here. */
export type Handling =
  | 'pass'
  | 'lose'
  | { readonly type: 'instead'; readonly parameters: readonly Parameter[] }
  | { readonly type: 'answer'; readonly parameters: readonly Parameter[] };

export interface Meddler {
  /** Packets of the buffer. */
  toSmsc: (packet: Packet) => Handling;
  fromSmsc: (packet: Packet) => Handling;
}

/** One way of one connection. */
export class LineWay {
  readonly #framer = new Framer({ limitBytes: 16_384, betweenLimitBytes: 4_096 });

  /** @returns what goes on, and what goes back */
  take(
    bytes: Uint8Array,
    handle: (packet: Packet) => Handling,
  ): { readonly on: Uint8Array[]; readonly back: Uint8Array[] } {
    const on: Uint8Array[] = [];
    const back: Uint8Array[] = [];
    for (const event of this.#framer.push(bytes)) {
      if (event.type !== 'packet') continue;
      const decoded = decodePacket(event.bytes);
      if (!decoded.ok) throw new Error(decoded.fault.message);
      const { packet } = decoded;
      const handling = handle(packet);
      if (handling === 'pass') on.push(event.bytes);
      else if (handling !== 'lose') {
        const operation = handling.type === 'answer' ? packet.operation + 50 : packet.operation;
        const other = encodePacket({ ...packet, operation, parameters: handling.parameters }, { checksum: 'send' });
        (handling.type === 'answer' ? back : on).push(other);
      }
    }
    return { on, back };
  }
}

/** The refusal of a request, as the SMSC says it. */
export function refusalOf(packet: Packet, errorCode: number): Handling {
  const destination = packet.parameters.filter(({ code }) => code === 21);
  return { type: 'answer', parameters: [...destination, { code: 900, value: String(errorCode) }] };
}

export function honestLine(): Meddler {
  return { toSmsc: () => 'pass', fromSmsc: () => 'pass' };
}
