/** A script of `cimd2 shell` from login to logout: what it prints, and what it ends with. */
import { OperatorError } from '../../../core/base/errors.ts';
import { systemClock } from '../../../shell/clock.ts';
import { waitForShutdown } from '../../../shell/signals.ts';
import type { Painter } from '../../colour.ts';
import { exitStatus } from '../../exit-status.ts';
import type { SmscLogin } from '../smsc-session.ts';
import { writeOut } from '../written-out.ts';
import { helpLines } from './help.ts';
import { Recording, saveRecording } from './recording.ts';
import { runScript, type Script } from './script.ts';
import { Shell } from './shell.ts';
import { lineDocument, outcomeLines, packetDocument, packetLines, withoutPasswords } from './shell-lines.ts';

export interface UnattendedOptions {
  readonly login: SmscLogin;
  readonly script: Script;
  readonly aliveMs: number;
  readonly afterFailure: 'stop' | 'go-on';
  readonly form: 'text' | 'json';
  readonly paint: Painter;
}

/**
 * @returns the exit status where the script ended by a signal
 * @throws OperatorError of the first line that failed, after the result was printed; OUTCOME_UNKNOWN (6) where requests
 * were left without an answer
 */
export async function runUnattended(options: UnattendedOptions): Promise<number> {
  const { login, script, form, paint } = options;
  const now = systemClock();
  const recording = new Recording();
  let shown: 'wire' | 'words' = 'wire';
  const print = (document: () => object, lines: () => readonly string[]): Promise<void> => {
    const text = form === 'json' ? JSON.stringify(document()) : lines().join('\n');
    return text === '' ? Promise.resolve() : writeOut(process.stdout, text);
  };
  const notice = (text: string): void => {
    if (form === 'text') process.stderr.write(`${text}\n`);
  };
  const shell = new Shell({
    login,
    aliveMs: options.aliveMs,
    on: {
      seen: (seen) => {
        recording.seen(seen);
        if (form === 'json' && seen.line.direction === 'out') return Promise.resolve();
        return print(
          () => packetDocument(seen, now()),
          () => packetLines(seen, { shown, paint }, now()),
        );
      },
      notice,
      lost: (reason, unanswered) => {
        void print(
          () => ({ schema: 'cimd2.shell.closed/1', at: new Date(now()).toISOString(), reason, unanswered }),
          () => [paint.yellow(`The SMSC ended the connection: ${reason}`)],
        ).catch(() => undefined);
      },
      askPassword: () => Promise.resolve(undefined),
    },
  });
  const stop = new AbortController();
  const over = new AbortController();
  const shutdown = waitForShutdown({ onDrain: async () => stop.abort(), stop: over.signal });
  try {
    if (script.begins === 'logged-in') await shell.begin(stop.signal);
    const result = await runScript(script, {
      shell,
      afterFailure: options.afterFailure,
      signal: stop.signal,
      on: {
        begins: ({ line, typed }) => {
          recording.typed(typed);
          if (form === 'text')
            process.stdout.write(`${paint.dim(String(line).padStart(3))} ${paint.bold(withoutPasswords(typed))}\n`);
        },
        ended: async ({ file, line, typed }, outcome) => {
          if (outcome.type === 'owners') {
            const { command } = outcome;
            if (command.type === 'packets') shown = command.shown === 'on' ? 'wire' : 'words';
            if (command.type === 'save') await saveRecording(recording, command);
            if (command.type === 'help' && form === 'text')
              await writeOut(process.stdout, helpLines(command.topic).join('\n'));
          }
          await print(
            () => lineDocument(typed, { file, line }, outcome),
            () => outcomeLines(outcome, paint),
          );
        },
      },
    });
    const isInterrupted = stop.signal.aborted;
    const left = await shell.end(
      isInterrupted || result.error !== undefined ? 2_000 : login.answerTimeoutMs,
      over.signal,
    );
    const unanswered = left + shell.lostRequests;
    const { lines, expectations, failures } = result;
    const mark = failures === 0 && unanswered === 0 ? paint.green('✔') : paint.red('✖');
    await print(
      () => ({ schema: 'cimd2.shell/1', lines, expectations, failures, unanswered }),
      () => [`${mark} ${lines} lines   ${expectations} expected   ${failures} failed   ${unanswered} unanswered`],
    );
    over.abort();
    const cause = await shutdown;
    if (isInterrupted) return cause === 'SIGTERM' ? exitStatus.terminated : exitStatus.interrupted;
    if (result.error !== undefined) throw result.error;
    if (unanswered > 0) throw leftUnanswered(unanswered);
    return exitStatus.done;
  } finally {
    over.abort();
    await shutdown;
  }
}

function leftUnanswered(count: number): OperatorError {
  return new OperatorError({
    code: 'OUTCOME_UNKNOWN',
    message: `${count} ${count === 1 ? 'request was' : 'requests were'} left without an answer: what became of them is not known.`,
    hint: 'Do not repeat blindly; "expect closed" says in a script that it is meant to be so.',
    exitStatus: exitStatus.outcomeUnknown,
  });
}
