/** A chat for a person: carries `chat-machine.ts` between the keyboard, the screen and the server. No rules of its own. */
import { randomUUID } from 'node:crypto';
import type { OperatorError } from '../../core/base/errors.ts';
import { assertNever } from '../../core/base/invariant.ts';
import { BottomLine } from '../bottom-line.ts';
import type { Painter } from '../colour.ts';
import { exitStatus } from '../exit-status.ts';
import { rowIndent } from './chat-lines.ts';
import { type ChatInput, ChatMachine, type ChatOutput } from './chat-machine.ts';
import { ImClient, type ImClientOptions } from './im-client.ts';

export interface ChatTerminalOptions extends Omit<ImClientOptions, 'on' | 'presence'> {
  readonly peer: string | undefined;
  readonly paint: Painter;
}

/**
 * @returns the exit status: 0, or 130 if it was left with something that the server had not stored
 * @throws OperatorError with exit status 4 or 5 where it never came to a conversation
 */
export function chatOnTerminal({ peer, paint, ...login }: ChatTerminalOptions): Promise<number> {
  const machine = new ChatMachine({ peer, paint, newCid: randomUUID, now: Date.now });
  return new Promise((resolve, reject) => {
    const end = (settle: () => void): void => {
      for (const signal of signals) process.off(signal, leave);
      line.close();
      client.close();
      settle();
    };
    const leave = (): void => {
      const lost = client.unstoredCount;
      end(() => {
        if (lost > 0) line.print(paint.red(`✖ not stored by the server, and not sent: ${lost}`));
        resolve(lost === 0 ? exitStatus.done : exitStatus.interrupted);
      });
    };
    const perform = (output: ChatOutput): void => {
      switch (output.type) {
        case 'print':
          return line.print(output.row, output.key);
        case 'rewrite':
          if (!line.rewrite(output.key, output.row) && output.otherwise !== undefined) line.print(output.otherwise);
          return;
        case 'submit':
          return client.submit(output.cid, output.to, output.text);
        case 'ask-history':
          return client.askHistory(output.peer, output);
        case 'ask-conversations':
          return client.askConversations();
        case 'show-people':
          return client.showPeople(output.names);
        case 'mark-read':
          return client.markRead(output.peer, output.order);
        case 'leave':
          return leave();
        default:
          return assertNever(output);
      }
    };
    const take = (input: ChatInput): void => {
      const before = machine.prompt();
      for (const output of machine.handle(input)) perform(output);
      if (input.type !== 'typed' && machine.prompt() !== before) line.prompt();
    };
    const client = new ImClient({
      ...login,
      presence: 'here',
      on: {
        ready: ({ user }) => take({ type: 'ready', user }),
        text: (text) => take({ type: 'text', text }),
        refused: ({ cid, message }) => take({ type: 'refused', cid, message }),
        links: take,
        conversations: take,
        history: take,
        people: ({ connected, away, numbers }) => take({ type: 'people', connected, away, numbers }),
        read: ({ peer: whose, order }) => take({ type: 'read', peer: whose, order }),
        lost: (reason) => take({ type: 'lost', reason }),
        failed: (error: OperatorError) => end(() => reject(error)),
      },
    });
    const line = new BottomLine({
      prompt: () => machine.prompt(),
      completer: (typed) => machine.complete(typed),
      ...{ entered: 'goes', indent: rowIndent },
      onLine: (typed) => take({ type: 'typed', line: typed }),
      // What is half typed goes; on an empty line there is nothing else to end but the chat.
      onInterrupt: (typed) => (typed === '' ? leave() : undefined),
      onEnd: leave,
    });
    for (const signal of signals) process.on(signal, leave);
    line.prompt();
    client.open();
  });
}

const signals = ['SIGTERM', 'SIGHUP'] as const;
