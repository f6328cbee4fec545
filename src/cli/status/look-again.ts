/**
 * Shows something that changes: once, or with `--watch` again and again until a signal, as a screen on a terminal and as lines
 * of JSON elsewhere. What is looked at is the caller's business.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { OperatorError } from '../../core/base/errors.ts';
import { LineOutput } from '../cimd2/decode-output.ts';
import { letRolesGoFirst } from '../roles-first.ts';
import { Screen } from '../screen.ts';
import { fitText } from '../table.ts';

/** What one look found. */
export interface Look {
  readonly lines: readonly string[];
  /** One line of JSON each; mostly one. */
  readonly documents: readonly object[];
}

export interface LookAgainOptions {
  readonly look: () => Promise<Look>;
  readonly everyMs: number;
  readonly form: 'screen' | 'jsonl';
}

/** Less would ask a role for all it holds without rest. */
export const leastEveryMs = 100;

/** Until SIGINT, SIGTERM or SIGHUP, or until nobody reads. @throws what `look` throws; USAGE_BAD_VALUE */
export async function lookAgain({ look, everyMs, form }: LookAgainOptions): Promise<void> {
  if (everyMs < leastEveryMs) {
    throw new OperatorError({
      code: 'USAGE_BAD_VALUE',
      message: `--every is less than ${leastEveryMs} ms.`,
      hint: `Give ${leastEveryMs}ms or more.`,
    });
  }
  letRolesGoFirst();
  const ended = new AbortController();
  const end = () => ended.abort();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, end);
  const show = form === 'screen' ? openScreen() : openLines(end);
  try {
    while (!ended.signal.aborted) {
      await show.show(await look());
      await pause(everyMs, undefined, { signal: ended.signal }).catch(() => undefined);
    }
  } finally {
    show.close();
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.off(signal, end);
  }
}

interface Show {
  show(look: Look): Promise<void>;
  close(): void;
}

function openScreen(): Show {
  const screen = new Screen(process.stdout);
  screen.open();
  return {
    show: async ({ lines }) => screen.draw(lines.map((line) => fitText(line, screen.size.columns))),
    close: () => screen.close(),
  };
}

function openLines(onUnread: () => void): Show {
  const output = new LineOutput(process.stdout);
  return {
    show: async ({ documents }) => {
      for (const document of documents) output.add(JSON.stringify(document));
      await output.written();
      if (output.isClosed) onUnread();
    },
    close: () => undefined,
  };
}
