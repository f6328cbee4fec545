/**
 * Asks where a text would go: a running IM server through its control socket, a stopped one by its store and its config
 * file. Nothing is changed in either case.
 */
import { OperatorError } from '../../core/base/errors.ts';
import { defaultExchangeSettings, type ExchangeSettings } from '../../core/im/exchange-io.ts';
import { ExchangeMemory, recoverExchange } from '../../core/im/exchange-memory.ts';
import { explainRoute, type RouteAnswer, type RouteQuestion } from '../../core/im/explain.ts';
import { historyTables, livePrefix } from '../../core/im/records.ts';
import { systemClock } from '../../shell/clock.ts';
import { callControl } from '../../shell/control-client.ts';
import { openStoreForReading } from '../../shell/lmdb-store.ts';
import { refusedQuestion } from '../../shell/route-question.ts';

export interface RouteSources {
  /** Of the IM server; undefined: by the config file alone, without users and handsets. */
  readonly stateDir: string | undefined;
  /** What the config file says; undefined where none was given. */
  readonly settings: Partial<ExchangeSettings> | undefined;
}

export interface RouteFinding {
  readonly answer: RouteAnswer;
  readonly askedOf: 'running' | 'stopped' | 'config';
}

/** @throws OperatorError IM_BAD_ADDRESS, IM_UNKNOWN_USER, USAGE_MISSING_VALUE, and as `openStoreForReading` */
export async function askRoute(question: RouteQuestion, sources: RouteSources): Promise<RouteFinding> {
  const { stateDir, settings } = sources;
  // A config file is a question about that file, whatever runs.
  if (settings === undefined && stateDir !== undefined) {
    const answer = await ifRunning(() => callControl(stateDir, 'POST /route', question));
    // The route of the same version: see `startImServer`.
    if (answer !== undefined) return { answer: answer as RouteAnswer, askedOf: 'running' };
  }
  if (settings === undefined) throw noConfig(stateDir);
  const known = stateDir === undefined ? new ExchangeMemory() : await readMemory(stateDir);
  const answer = explainRoute(question, { ...defaultExchangeSettings, ...settings }, known, systemClock()());
  if (!answer.ok) throw refusedQuestion(answer.fault);
  if (stateDir === undefined && dependsOnUsers(answer.value)) throw noUsers();
  return { answer: answer.value, askedOf: stateDir === undefined ? 'config' : 'stopped' };
}

/** Without users everything from a handset would be for nobody. */
function dependsOnUsers(answer: RouteAnswer): boolean {
  return answer.type === 'from-handset' && answer.rule !== 'service-word';
}

async function readMemory(stateDir: string): Promise<ExchangeMemory> {
  const store = await openStoreForReading(stateDir, historyTables);
  try {
    return recoverExchange(store.entries(livePrefix));
  } finally {
    await store.close();
  }
}

async function ifRunning(ask: () => Promise<unknown>): Promise<unknown> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof OperatorError && error.code === 'CONTROL_UNREACHABLE') return undefined;
    throw error;
  }
}

function noUsers(): OperatorError {
  return new OperatorError({
    code: 'USAGE_MISSING_VALUE',
    message: 'Who is meant by a text from a handset depends on the users, and a config file has none.',
    hint: 'Give --state-dir, too, with the state directory of the IM server, running or stopped.',
  });
}

function noConfig(stateDir: string | undefined): OperatorError {
  return new OperatorError({
    code: 'USAGE_MISSING_VALUE',
    message:
      stateDir === undefined
        ? 'Neither a state directory nor a config file was given.'
        : `No IM server runs on ${stateDir}, and a stopped one does not know its routes.`,
    hint: 'Give --config with the file of `im-server start`, or --state-dir of a running server.',
  });
}
