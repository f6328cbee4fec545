/** Counts what was found: packets by operation, faults by code, bytes that were no packets. Grows with the tables only. */
import type { ErrorCode } from '../../core/base/errors.ts';
import { formatOperation, operationName } from '../../core/codec/operations.ts';
import type { Painter } from '../colour.ts';
import { formatTable } from '../table.ts';
import type { Finding } from './decode-finder.ts';

interface OperationCount {
  packets: number;
  faulty: number;
  refused: number;
}

export interface FirstFault {
  readonly code: ErrorCode;
  /** With the place where it was found. */
  readonly message: string;
}

export class DecodeSummary {
  /** Operation code to counts, 0 for unreadable headers: at most 100. */
  readonly #operations = new Map<number, OperationCount>();
  readonly #faults = new Map<ErrorCode, number>();
  #packets = 0;
  #faulty = 0;
  #noiseBytes = 0;
  #first: FirstFault | undefined;

  get packets(): number {
    return this.#packets;
  }

  get firstFault(): FirstFault | undefined {
    return this.#first;
  }

  take(finding: Finding): void {
    switch (finding.type) {
      case 'noise':
        this.#noiseBytes += finding.sizeBytes;
        break;
      case 'fault': {
        const where = finding.place.line === undefined ? '' : ` (line ${finding.place.line})`;
        this.#fault(finding.fault.code, `After packet ${this.#packets}${where}: ${finding.fault.message}`);
        break;
      }
      case 'packet': {
        this.#packets += 1;
        const { operation = 0, faults, kind } = finding.report;
        const count = this.#operations.get(operation) ?? { packets: 0, faulty: 0, refused: 0 };
        this.#operations.set(operation, count);
        count.packets += 1;
        if (kind === 'negative response') count.refused += 1;
        if (faults.length > 0) {
          count.faulty += 1;
          this.#faulty += 1;
        }
        const where = finding.place.line === undefined ? '' : `, line ${finding.place.line}`;
        for (const { code, message, section } of faults) {
          this.#fault(code, `Packet ${this.#packets}${where}: ${message.replace(/\.$/, '')} (section ${section}).`);
        }
        break;
      }
    }
  }

  document(): object {
    return {
      schema: 'cimd2.summary/1',
      packets: this.#packets,
      faulty: this.#faulty,
      noiseBytes: this.#noiseBytes,
      operations: this.#sorted().map(([operation, counts]) => ({
        operation: operation === 0 ? null : operation,
        name: nameOf(operation),
        ...counts,
      })),
      faults: [...this.#faults].map(([code, count]) => ({ code, count })),
      firstFault: this.#first ?? null,
    };
  }

  lines(paint: Painter): readonly string[] {
    const cell = (count: number) => (count === 0 ? '' : String(count));
    const rows = this.#sorted().map(([operation, { packets, faulty, refused }]) => [
      operation === 0 ? '??' : formatOperation(operation),
      nameOf(operation),
      String(packets),
      cell(refused),
      cell(faulty),
    ]);
    const head = ['', 'OPERATION', 'PACKETS', 'REFUSED', 'FAULTY'];
    const align = ['left', 'left', 'right', 'right', 'right'] as const;
    const faults = [...this.#faults].map(([code, count]) => [code, String(count)]);
    return [
      ...(rows.length === 0 ? [] : formatTable([head, ...rows], { align })),
      ...(faults.length === 0
        ? []
        : ['', ...formatTable([['FAULT', 'COUNT'], ...faults], { align: ['left', 'right'] })]),
      ...(this.#first === undefined ? [] : [`${paint.red('✖')} first: ${this.#first.message}`]),
      this.sentence(),
    ];
  }

  /** `3 packets, 1 with faults, 108 bytes outside packets` */
  sentence(): string {
    const count = (amount: number, one: string, many: string) => `${amount} ${amount === 1 ? one : many}`;
    return [
      count(this.#packets, 'packet', 'packets'),
      ...(this.#faulty === 0 ? [] : [`${this.#faulty} with faults`]),
      ...(this.#noiseBytes === 0 ? [] : [`${count(this.#noiseBytes, 'byte', 'bytes')} outside packets`]),
    ].join(', ');
  }

  #fault(code: ErrorCode, message: string): void {
    this.#first ??= { code, message };
    this.#faults.set(code, (this.#faults.get(code) ?? 0) + 1);
  }

  #sorted(): readonly (readonly [number, OperationCount])[] {
    return [...this.#operations].sort(([a], [b]) => a - b);
  }
}

function nameOf(operation: number): string {
  return operation === 0 ? 'unreadable header' : operationName(operation);
}
