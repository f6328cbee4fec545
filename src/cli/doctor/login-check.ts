/** Logs in to the SMSC, asks how long it takes to answer, and logs out: only where the operator wants it. */

import { OperatorError } from '../../core/base/errors.ts';
import { RecentDurations } from '../../core/base/recent-durations.ts';
import { openSmscSession, type SmscLogin } from '../cimd2/smsc-session.ts';
import { shortMs } from '../status/words.ts';
import { type Check, failed, passed } from './check.ts';

const alive = 40;
const questions = 10;

export interface LoginFound {
  readonly checks: readonly Check[];
  /** From a question to its answer, milliseconds; undefined where it answered none. */
  readonly turnAroundMs: number | undefined;
}

export async function tryLogin(login: SmscLogin): Promise<LoginFound> {
  const on = { packet: () => undefined, incoming: () => undefined };
  try {
    const session = await openSmscSession({ ...login, reconnect: 'once', on });
    try {
      const took = new RecentDurations(questions);
      for (let asked = 0; asked < questions; asked += 1) {
        const result = await session.request(alive, []);
        if (result.type !== 'answered') break;
        took.add(result.tookMs);
      }
      const median = took.view()?.medianMs;
      const text = `logged in as ${login.user}`;
      if (median === undefined) {
        return {
          checks: [failed('login', `${text}, and no alive was answered`, 'ask whoever runs the SMSC')],
          turnAroundMs: undefined,
        };
      }
      const answers = `${text}; an alive is answered in ${shortMs(median)} (median of ${questions})`;
      return { checks: [passed('login', answers)], turnAroundMs: median };
    } finally {
      await session.close();
    }
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error;
    return { checks: [failed('login', error.message, error.hint)], turnAroundMs: undefined };
  }
}
