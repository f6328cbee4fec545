/** A simulated handset for a person on a terminal: what comes stands above, what is typed is sent. */
import type { OperatorError } from '../../core/base/errors.ts';
import { BottomLine } from '../bottom-line.ts';
import type { Painter } from '../colour.ts';
import type { HandsetClient, HandsetText, SentOutcome } from './handset-client.ts';
import { missedLine, outcomeLine, receivedLine, statusLines } from './handset-lines.ts';
import { handsetHelp, parseTyped } from './handset-typing.ts';

export interface HandsetTerminalOptions {
  readonly client: HandsetClient;
  readonly number: string;
  /** Whom the first lines are for; otherwise who wrote last. */
  readonly peer: string | undefined;
  readonly paint: Painter;
}

/** Earlier texts shown at the beginning. */
const earlierCount = 10;
/** When to say that a text still waits, and how long to look what becomes of it. */
const waitingNoticeMs = 3_000;
const outcomeLimitMs = 24 * 3_600_000;

/** @returns when it was left. @throws OperatorError `CONTROL_UNREACHABLE` where the simulator ended */
export async function handsetOnTerminal(options: HandsetTerminalOptions): Promise<void> {
  const { client, number, paint } = options;
  let peer = options.peer;
  const first = await client.status();
  return new Promise((resolve, reject) => {
    const end = (settle: () => void): void => {
      line.close();
      client.close();
      settle();
    };
    const complain = (error: unknown): void =>
      line.print(paint.red(`✖ ${error instanceof Error ? error.message : String(error)}`));
    const came = (text: HandsetText): void => {
      if (/^\+?\d+$/.test(text.from)) peer = text.from;
      line.print(receivedLine(text, paint));
    };
    const send = async (to: string, text: string): Promise<void> => {
      const sent = await client.send(to, text);
      void follow(sent, text).catch(complain);
    };
    const follow = async ({ ref, ...first }: SentOutcome & { readonly ref: number }, text: string): Promise<void> => {
      const soon = first.result === 'waiting' ? await client.outcome(ref, waitingNoticeMs) : first;
      line.print(outcomeLine(soon, text, await client.sessionCount(), paint));
      if (soon.result !== 'waiting') return;
      const late = await client.outcome(ref, outcomeLimitMs);
      if (late.result !== 'waiting') line.print(outcomeLine(late, text, 1, paint));
    };
    const take = async (typed: string): Promise<void> => {
      const parsed = parseTyped(typed);
      if (!parsed.ok) return complain(new Error(parsed.fault.message));
      const { value } = parsed;
      switch (value.type) {
        case 'nothing':
          return;
        case 'send':
          peer = value.to ?? peer;
          if (peer === undefined) return complain(new Error('To whom? /to NUMBER'));
          return send(peer, value.text);
        case 'turn-to':
          peer = value.to;
          return;
        case 'set-state':
          return client.setState(value.state);
        case 'status':
          for (const row of statusLines(await client.status(), Date.now(), paint)) line.print(row);
          return;
        case 'help':
          for (const row of handsetHelp) line.print(paint.dim(row));
          return;
        case 'quit':
          return end(resolve);
      }
    };
    let last = Promise.resolve();
    const line = new BottomLine({
      prompt: () => `${paint.bold(peer ?? 'nobody')} ${paint.dim('›')} `,
      // One after the other, so that texts that are pasted keep their order.
      onLine: (typed) => {
        last = last.then(() => take(typed)).catch(complain);
        return last;
      },
      onEnd: () => end(resolve),
    });
    line.print(paint.dim(`${number} is ${first.state}; /help says what can be typed`));
    for (const text of first.inbox.slice(-earlierCount)) came(text);
    // What came while the inbox was read is in both.
    const shown = new Set(first.inbox.map(keyOf));
    client.listen({
      received: (text) => {
        if (!shown.has(keyOf(text))) came(text);
      },
      state: (state) => line.print(paint.dim(`${number} is ${state}`)),
      missed: ({ type, error }) => line.print(missedLine(type, error, paint)),
      gone: (error: OperatorError) => end(() => reject(error)),
    });
  });
}

/** No other text from that sender has these stamps. */
function keyOf({ from, stamps }: HandsetText): string {
  return `${from} ${stamps.join(' ')}`;
}
