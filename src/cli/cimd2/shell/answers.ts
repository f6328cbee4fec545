/**
 * How `cimd2 shell` answers what the SMSC sends by itself, and what is held until a line answers it.
 * SPEC: docs/reference/cimd2.md sections 2.9 and 2.10.
 */
import type { Packet, Parameter } from '../../../core/codec/packet.ts';
import { formatPacketNumber } from '../../../core/codec/packet-number.ts';
import type { Answering } from './command.ts';
import { badLine } from './shell-errors.ts';

export class Answers {
  mode: Answering = { type: 'auto' };
  /** By packet number: 256 at most. One that the SMSC repeats takes the place of itself. */
  readonly #held = new Map<number, Packet>();

  get heldCount(): number {
    return this.#held.size;
  }

  /** @returns what to answer a deliver or a report with; undefined where it is held */
  take(packet: Packet): readonly Parameter[] | undefined {
    const { mode } = this;
    if (mode.type === 'hold') {
      this.#held.set(packet.packetNumber, packet);
      return undefined;
    }
    return mode.type === 'error' && packet.operation === 20 ? [{ code: 900, value: String(mode.code) }] : [];
  }

  /** @throws OperatorError USAGE_BAD_VALUE where no such packet waits */
  held(which: number | 'all'): readonly Packet[] {
    const all = [...this.#held.values()];
    const wanted = all.filter(({ packetNumber }) => which === 'all' || packetNumber === which);
    if (wanted.length > 0) return wanted;
    const waiting = all.map(({ packetNumber }) => formatPacketNumber(packetNumber)).join(', ');
    throw badLine(`No such packet waits for an answer${waiting === '' ? '' : `; there are ${waiting}`}.`);
  }

  answered({ packetNumber }: Packet): void {
    this.#held.delete(packetNumber);
  }

  /** The connection they came on is gone. */
  forget(): void {
    this.#held.clear();
  }
}
