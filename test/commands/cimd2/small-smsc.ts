/** As much of an SMSC as `cimd2 send` and `cimd2 listen` need to be tried against, with faults on demand; not the simulator. */
import type { Parameter } from '../../../src/core/codec/packet.ts';
import { parameterOf } from '../../../src/core/codec/packet.ts';
import { formatSmscTime } from '../../../src/core/codec/smsc-time.ts';
import { CimdServerSession } from '../../../src/core/handshake/server.ts';
import type { ServerInput, ServerOutput } from '../../../src/core/handshake/server-io.ts';
import { formatAddress } from '../../../src/shell/address.ts';
import { systemClock } from '../../../src/shell/clock.ts';
import { MachineRunner, type Performed } from '../../../src/shell/runner.ts';
import { listenTransport } from '../../../src/shell/tcp.ts';
import type { TransportListener } from '../../../src/shell/transport.ts';

export interface SmallSmscOptions {
  readonly password?: string;
  /** The 900 that submits are refused with, by order of arrival from 1; 0 or nothing accepts. */
  readonly refuseWith?: (nth: number) => number;
  /** The 900 for one of several destinations; 0 or nothing accepts. */
  readonly refuseDestination?: (to: string) => number;
  /** `silent` reads the submit and says nothing; `cut` closes the connection instead of answering. */
  readonly answers?: 'all' | 'silent' | 'cut';
  /** 061 of the report that is sent if 056 asks for one; undefined sends none. */
  readonly reportStatus?: number;
  /** A report for somebody else that waits when the login is over. */
  readonly foreignReport?: 'waiting';
  /** Texts of messages from a handset that wait when the login is over, or until a delivery request comes. */
  readonly texts?: readonly string[];
  readonly textsCome?: 'by-themselves' | 'when-asked';
}

export interface SmallSmsc {
  readonly address: string;
  /** Parameters of every submit, in order of arrival. */
  readonly submits: readonly Parameter[][];
  /** 021/060 of the reports that were answered. */
  readonly answeredReports: readonly string[];
  /** For each text the 900 of its answer; 0 for a yes. */
  readonly answeredTexts: readonly (readonly [text: string, errorCode: number])[];
  /** Operations of all requests, in order of arrival. */
  readonly operations: readonly number[];
  close(): Promise<void>;
}

export async function startSmallSmsc(options: SmallSmscOptions = {}): Promise<SmallSmsc> {
  const submits: Parameter[][] = [];
  const answeredReports: string[] = [];
  const answeredTexts: (readonly [string, number])[] = [];
  const operations: number[] = [];
  const texts = [...(options.texts ?? [])];
  let stamp = 261_122_123_044;
  const listener: TransportListener = await listenTransport(
    { type: 'tcp', host: '127.0.0.1', port: 0 },
    (transport) => {
      const reports = new Map<number, string>();
      let lastRef = 0;
      const report = (destination: string, at: string, status: number): void => {
        lastRef += 1;
        reports.set(lastRef, `${destination}/${at}`);
        waiting.push({
          type: 'request',
          ref: lastRef,
          operation: 23,
          parameters: [
            { code: 21, value: destination },
            { code: 60, value: at },
            { code: 61, value: String(status) },
            { code: 63, value: at },
          ],
        });
      };
      const sentTexts = new Map<number, string>();
      const deliverText = (): boolean => {
        const text = texts.shift();
        if (text === undefined) return false;
        lastRef += 1;
        sentTexts.set(lastRef, text);
        waiting.push({
          type: 'request',
          ref: lastRef,
          operation: 20,
          parameters: [
            { code: 21, value: '28820001' },
            { code: 23, value: '+639171234567' },
            { code: 60, value: '261122120000' },
            { code: 33, value: text },
          ],
        });
        return true;
      };
      const waiting: ServerInput[] = [];
      const flush = (): void => {
        while (session.capacity() > 0) {
          const next = waiting.shift();
          if (next === undefined) return;
          runner.input(next);
        }
      };
      const session = new CimdServerSession({
        greeting: 'CIMD2-A ConnectionInfo: SessionId = 1\n',
        numbers: 'strict',
        answerTimeoutMs: 60_000,
        repeats: 3,
        loginTimeoutMs: 60_000,
        idleMs: 0,
        nackLimit: 10,
      });
      const perform = (output: Performed<ServerOutput>): void => {
        if (output.type === 'write') transport.write(output.bytes);
        else if (output.type === 'close') transport.close();
        else if (output.type === 'seen' && output.packet.operation < 50) operations.push(output.packet.operation);
        else if (output.type === 'response') {
          const text = sentTexts.get(output.ref);
          if (text === undefined) answeredReports.push(reports.get(output.ref) ?? '?');
          else answeredTexts.push([text, Number(parameterOf(output.packet, 900) ?? 0)]);
          flush();
        } else if (output.type === 'request') answer(output);
      };
      const answer = ({ token, packet }: Extract<ServerOutput, { type: 'request' }>): void => {
        if (packet.operation === 1) {
          const isRight = parameterOf(packet, 11) === (options.password ?? 'right');
          runner.input({ type: 'respond', token, parameters: isRight ? [] : [{ code: 900, value: '100' }] });
          if (isRight && options.foreignReport === 'waiting') report('+358409999999', '261122120000', 4);
          while (isRight && options.textsCome !== 'when-asked' && deliverText());
          flush();
          return;
        }
        if (packet.operation === 5) {
          const isThere = deliverText();
          runner.input({ type: 'respond', token, parameters: isThere ? [] : [{ code: 900, value: '7' }] });
          flush();
          return;
        }
        if (packet.operation === 9) {
          runner.input({ type: 'respond', token, parameters: [{ code: 501, value: smscTime() }] });
          return;
        }
        if (packet.operation !== 3) return;
        submits.push([...packet.parameters]);
        if (options.answers === 'cut') transport.destroy();
        if ((options.answers ?? 'all') !== 'all') return;
        const destination = parameterOf(packet, 21) ?? '';
        const refusal = options.refuseWith?.(submits.length) ?? 0;
        stamp += 1;
        const parameters = packet.parameters
          .filter(({ code }) => code === 21)
          .flatMap((to) => {
            const error = options.refuseDestination?.(to.value) ?? refusal;
            return [to, error === 0 ? { code: 60, value: String(stamp) } : { code: 900, value: String(error) }];
          });
        runner.input({ type: 'respond', token, parameters });
        const isReportWanted = (parameterOf(packet, 56) ?? '0') !== '0';
        if (refusal === 0 && isReportWanted && options.reportStatus !== undefined) {
          report(destination, String(stamp), options.reportStatus);
          flush();
        }
      };
      const runner = new MachineRunner<ServerInput, ServerOutput>({
        machine: session,
        clock: systemClock(),
        store: undefined,
        perform,
        log: () => undefined,
        onBug: (error) => {
          throw error;
        },
      });
      return {
        opened: () => runner.input({ type: 'opened' }),
        received: (bytes) => runner.input({ type: 'received', bytes }),
        closed: (reason) => {
          runner.input({ type: 'closed', reason });
          runner.stop();
        },
      };
    },
  );
  const address = formatAddress(listener.address);
  return { address, submits, answeredReports, answeredTexts, operations, close: () => listener.close() };
}

/** Eight hours ahead of UTC. */
function smscTime(): string {
  return formatSmscTime(systemClock()(), 8 * 60);
}
