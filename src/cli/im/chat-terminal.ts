/**
 * A chat for a person on a terminal: one line at the bottom to type on, everything else above it. `/to PEER` turns to
 * somebody else, `/quit` or Ctrl-D leaves.
 */
import { randomUUID } from 'node:crypto';
import type { OperatorError } from '../../core/base/errors.ts';
import { parseAddress } from '../../core/im/address.ts';
import type { TextView } from '../../core/im/text.ts';
import { BottomLine } from '../bottom-line.ts';
import type { Painter } from '../colour.ts';
import { exitStatus } from '../exit-status.ts';
import { progressLine, textLine } from './chat-lines.ts';
import { ImClient, type ImClientOptions } from './im-client.ts';

export interface ChatTerminalOptions extends Omit<ImClientOptions, 'on'> {
  readonly peer: string | undefined;
  readonly paint: Painter;
}

const help = '/to NUMBER-OR-NAME turns to somebody else, /quit leaves; what you type while away is sent afterwards';

/**
 * @returns the exit status: 0, or 130 if it was left with something that the server had not stored
 * @throws OperatorError with exit status 4 or 5 where it never came to a conversation
 */
export function chatOnTerminal(options: ChatTerminalOptions): Promise<number> {
  const { paint } = options;
  let peer = options.peer;
  const mine = new Set<string>();
  const seen = new Set<string>();
  const linkStates = new Map<string, string>();
  return new Promise((resolve, reject) => {
    const print = (row: string): void => line.print(row);
    const end = (settle: () => void): void => {
      line.close();
      client.close();
      settle();
    };
    const leave = (): void => {
      const lost = client.unstoredCount;
      if (lost > 0) process.stdout.write(`${lost} not stored by the server and not sent.\n`);
      end(() => resolve(lost === 0 ? exitStatus.done : exitStatus.interrupted));
    };
    const show = (text: TextView): void => {
      if (mine.has(text.cid) || seen.has(text.id)) print(progressLine(text, paint));
      else print(textLine(text, paint));
      seen.add(text.id);
      if (peer === undefined && text.direction === 'in') peer = text.peer;
    };
    const client = new ImClient({
      ...{ url: options.url, user: options.user, password: options.password },
      on: {
        ready: ({ user }) => print(paint.dim(`connected as ${user}; /help says what can be typed`)),
        text: show,
        refused: ({ message }) => print(paint.red(`✖ ${message}`)),
        links: ({ links }) => {
          for (const { smscId, state } of links) {
            const isNews = state === 'down' && linkStates.get(smscId) !== 'down';
            linkStates.set(smscId, state);
            if (isNews) print(paint.yellow(`link to ${smscId} is down; texts to it wait`));
          }
        },
        lost: (reason) => print(paint.yellow(`not connected (${reason}); trying again`)),
        failed: (error: OperatorError) => end(() => reject(error)),
      },
    });
    const take = (typed: string): void => {
      const [word, argument = ''] = typed.trim().split(/\s+/, 2);
      if (word === '/quit') leave();
      else if (word === '/help') print(paint.dim(help));
      else if (word === '/to') {
        const address = parseAddress(argument);
        if (!address.ok) print(paint.red(`✖ ${address.fault.message}`));
        else peer = address.value.type === 'user' ? address.value.name : address.value.number;
      } else if (typed.trim() !== '' && peer === undefined) print(paint.red('✖ To whom? /to NUMBER-OR-NAME'));
      else if (typed.trim() !== '' && peer !== undefined) {
        const cid = randomUUID();
        mine.add(cid);
        client.submit(cid, peer, typed);
      }
    };
    const line = new BottomLine({
      prompt: () => `${paint.bold(peer ?? 'nobody')} ${paint.dim('›')} `,
      onLine: take,
      onEnd: leave,
    });
    client.open();
  });
}
