/** Hands texts to a running simulator one after the other, at a pace, then waits for what becomes of all of them. */
import { setTimeout as delay } from 'node:timers/promises';
import { OperatorError } from '../core/base/errors.ts';
import type { NationalLanguages } from '../core/codec/national-language.ts';
import { callControl } from '../shell/control-client.ts';
import { exitStatus } from './exit-status.ts';
import type { InjectSummary } from './inject-outcome.ts';

export interface InjectOptions {
  readonly stateDir: string;
  readonly from: string;
  readonly to: string;
  /** @param n from 1 */
  readonly textOf: (n: number) => string;
  /** National tables that the texts may be written in. */
  readonly national: NationalLanguages;
  readonly count: number;
  /** Undefined: as fast as they are taken. */
  readonly pacePerSecond: number | undefined;
  /** From the last one on. */
  readonly timeoutMs: number;
}

/** The answers to `POST /inject` and `POST /injections`, as `shell/smsc-process.ts` makes them. */
type Injection =
  | { readonly ref: number; readonly result: 'answered' | 'waiting' }
  | { readonly ref: number; readonly result: 'refused'; readonly errorCode?: number; readonly reason: string };

/** @throws OperatorError `CONTROL_UNREACHABLE` (5) if none was handed in, `OUTCOME_UNKNOWN` (6) if some were */
export async function injectTexts(options: InjectOptions): Promise<InjectSummary> {
  const { stateDir, from, to, national, count, timeoutMs } = options;
  const startedAt = performance.now();
  const refs: number[] = [];
  try {
    for (let n = 1; n <= count; n += 1) {
      await waitForTurn(n, startedAt, options.pacePerSecond);
      const injection = await call(stateDir, 'POST /inject', { from, to, text: options.textOf(n), national });
      refs.push(injection.ref);
    }
    const answer = Object(
      await callControl(stateDir, 'POST /injections', { refs, timeoutMs }, { timeoutMs: timeoutMs + 10_000 }),
    );
    // Our own process on the other end of a socket that only this user can open.
    const injections = answer.injections as readonly Injection[];
    const counts = Object(await callControl(stateDir, 'GET /counts'));
    return summarize(injections, Number(counts.sessions), performance.now() - startedAt);
  } catch (error) {
    if (refs.length === 0 || !(error instanceof OperatorError)) throw error;
    throw new OperatorError({
      code: 'OUTCOME_UNKNOWN',
      message: `The simulator took ${refs.length} of ${count} and then stopped answering: ${error.message}`,
      hint: 'A simulator keeps nothing on disk: what was not delivered before it ended is gone.',
      exitStatus: exitStatus.outcomeUnknown,
      cause: error,
    });
  }
}

async function waitForTurn(n: number, startedAt: number, pacePerSecond: number | undefined): Promise<void> {
  if (pacePerSecond === undefined) return;
  const waitMs = startedAt + ((n - 1) * 1_000) / pacePerSecond - performance.now();
  if (waitMs > 0) await delay(waitMs);
}

async function call(stateDir: string, route: 'POST /inject', body: object): Promise<Injection> {
  // Our own process on the other end of a socket that only this user can open.
  return (await callControl(stateDir, route, body)) as Injection;
}

function summarize(injections: readonly Injection[], sessions: number, ms: number): InjectSummary {
  const errorCodes: Record<string, number> = {};
  let answered = 0;
  let refused = 0;
  let firstReason = '';
  for (const injection of injections) {
    if (injection.result === 'answered') answered += 1;
    if (injection.result !== 'refused') continue;
    refused += 1;
    if (firstReason === '') firstReason = injection.reason;
    const key = String(injection.errorCode ?? 0);
    errorCodes[key] = (errorCodes[key] ?? 0) + 1;
  }
  const waiting = injections.length - answered - refused;
  const { length: count } = injections;
  return { count, answered, refused, waiting, sessions, errorCodes, firstReason, ms: Math.round(ms) };
}
