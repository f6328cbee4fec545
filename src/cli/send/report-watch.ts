/**
 * Which of the things an SMSC sends by itself are reports on what this command submitted. Those are answered; what is
 * for others of the account is left to them unless it is asked for. SPEC: docs/reference/cimd2.md section 8.4.
 */
import { type Packet, parameterOf } from '../../core/codec/packet.ts';
import type { IncomingToken } from '../../core/handshake/client-io.ts';
import type { Incoming } from '../cimd2/smsc-session.ts';

export interface ReportWatchOptions {
  /** `leave`: what the SMSC has for others of the account stays unanswered; `take`: it is answered and told. */
  readonly others: 'leave' | 'take';
  /** Something for others of the account came; told once per packet. */
  readonly onOther: (packet: Packet) => void;
  readonly answer: (token: IncomingToken) => void;
}

/** A report that will come for a submit of ours. */
export interface ExpectedReport {
  /** 021 of the submit. */
  readonly destination: string;
  /** 060 of its answer. */
  readonly stamp: string;
  readonly take: (report: Packet) => void;
}

export class ReportWatch {
  readonly #options: ReportWatchOptions;
  /** Delivers and reports that are not answered yet; no more than the window, the SMSC waits. */
  readonly #incoming = new Map<IncomingToken, Packet>();
  /** Those of `incoming` that were told to be for others, so that each is told once. */
  readonly #told = new Set<IncomingToken>();
  #expected: readonly ExpectedReport[] = [];
  /** `all-known`: every submit is answered and every report of ours is expected, so what fits none is for others. */
  #ownReports: 'some-unknown' | 'all-known' = 'some-unknown';

  constructor(options: ReportWatchOptions) {
    this.#options = options;
  }

  take({ token, packet }: Incoming): void {
    this.#incoming.set(token, packet);
    this.#settle();
  }

  withdrawn(token: IncomingToken): void {
    this.#incoming.delete(token);
    this.#told.delete(token);
  }

  /** Calls back with the report of a submit, also if it is here already. */
  expect(expected: ExpectedReport): void {
    this.#expected = [...this.#expected, expected];
    this.#settle();
  }

  /** Every report of ours is expected now: anything else that comes is for others of the account. */
  noMoreSubmits(): void {
    this.#ownReports = 'all-known';
    this.#settle();
  }

  #settle(): void {
    for (const [token, packet] of [...this.#incoming]) {
      const expected = this.#expected.find((one) => isReportOf(packet, one));
      if (expected !== undefined) {
        this.#expected = this.#expected.filter((one) => one !== expected);
        this.#answer(token);
        expected.take(packet);
      } else if (this.#ownReports === 'all-known') {
        if (!this.#told.has(token)) this.#options.onOther(packet);
        this.#told.add(token);
        if (this.#options.others === 'take') this.#answer(token);
      }
    }
  }

  #answer(token: IncomingToken): void {
    this.#incoming.delete(token);
    this.#told.delete(token);
    this.#options.answer(token);
  }
}

/** The key is 021 and 060; the number may come back in another number plan. */
function isReportOf(packet: Packet, { destination, stamp }: ExpectedReport): boolean {
  if (packet.operation !== 23 || parameterOf(packet, 60) !== stamp) return false;
  const [reported, asked] = [digitsOf(parameterOf(packet, 21) ?? ''), digitsOf(destination)];
  return reported === asked || (asked.length >= 7 && reported.slice(-7) === asked.slice(-7));
}

function digitsOf(address: string): string {
  return address.replace(/\D/g, '');
}
