/**
 * A chat for programs: lines in, lines of JSON out, until the input ends and everything handed in is stored or refused and
 * everything asked is answered. What the lines are is parsed in `stream-line.ts`; the schema is in docs/im-chat.md.
 */
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import type { OperatorError } from '../../core/base/errors.ts';
import type { TextView } from '../../core/im/text.ts';
import { exitStatus } from '../exit-status.ts';
import { ImClient, type ImClientOptions } from './im-client.ts';
import { parseStreamLine, type StreamLine } from './stream-line.ts';

type Question = Exclude<StreamLine, { type: 'send' | 'presence' }>;

/** Questions without an answer yet. */
const askedLimit = 100;

export interface ChatStreamOptions extends Omit<ImClientOptions, 'on' | 'presence'> {
  /** Whom plain lines are for. */
  readonly peer: string | undefined;
  readonly input: Readable;
  readonly write: (document: object) => void;
  /** Aborted by a signal: ends at once. */
  readonly signal: AbortSignal;
}

/**
 * @returns the exit status: 0, 3 or 8 if all or some were refused, 130 if it was interrupted with something not stored
 * @throws OperatorError with exit status 4 or 5 where it never came to a conversation
 */
export function streamChat(options: ChatStreamOptions): Promise<number> {
  const { peer, input, signal, url, user, password, ca, position } = options;
  const write = (type: string, fields: object): void => options.write({ schema: 'im.event/1', type, ...fields });
  const counts = { handedIn: 0, refused: 0 };
  return new Promise((resolve, reject) => {
    let isInputOver = false;
    /** Questions whose answers are to come, also on another connection. */
    const asked: Question[] = [];
    /** What was read while there was no connection. */
    const reads: Question[] = [];
    /** Of whom it wants to be told; a new connection does not know. */
    const shown: Question[] = [];
    const end = (settle: () => void): void => {
      signal.removeEventListener('abort', interrupted);
      lines.close();
      client.close();
      settle();
    };
    const interrupted = (): void =>
      end(() => resolve(client.unstoredCount === 0 ? exitStatus.done : exitStatus.interrupted));
    const endIfDone = (): void => {
      const isWaiting = client.unstoredCount > 0 || client.isResuming || asked.length > 0 || reads.length > 0;
      if (isInputOver && !isWaiting) end(() => resolve(statusOf(counts)));
    };
    const refuse = (cid: string, code: string, message: string): void => {
      counts.refused += 1;
      write('refused', { cid, code, message });
      endIfDone();
    };
    const client = new ImClient({
      ...{ url, user, password, ca, position },
      // Nobody sits at a program; one behind which somebody does says so.
      presence: 'gone',
      on: {
        ready: ({ user, suffix, position }) => {
          write('ready', { user, suffix: suffix ?? null, position });
          const again = asked.some(({ type }) => type === 'people') ? [] : shown;
          for (const question of [...again, ...asked, ...reads.splice(0)]) ask(question);
          // The input may have been over before, with nothing in it.
          endIfDone();
        },
        text: (text) => {
          write('text', textDocument(text));
          endIfDone();
        },
        refused: ({ cid, code, message }) => refuse(cid, code, message),
        links: ({ links }) => write('links', { links }),
        read: ({ peer: whose, order }) => write('read', { peer: whose, order }),
        history: ({ peer: whose, texts, hasMore }) => {
          write('history', { peer: whose, texts: texts.map(textDocument), hasMore });
          answered('history');
        },
        conversations: ({ conversations, next }) => {
          const shown = conversations.map(({ last, ...rest }) => ({ ...rest, last: textDocument(last) }));
          write('conversations', { conversations: shown, ...(next === undefined ? {} : { next }) });
          answered('conversations');
        },
        people: ({ connected, away, numbers }) => {
          write('people', { connected, away, numbers });
          answered('people');
        },
        resumed: endIfDone,
        lost: (reason) => write('lost', { reason }),
        failed: (error: OperatorError) => end(() => reject(error)),
      },
    });
    const ask = (question: Question): void => {
      if (question.type === 'history') client.askHistory(question.peer, question);
      else if (question.type === 'conversations') client.askConversations(question.before);
      else if (question.type === 'people') client.showPeople(question.names);
      else client.markRead(question.peer, question.order);
    };
    // Answers come in the order of the questions.
    const answered = (type: 'history' | 'conversations' | 'people'): void => {
      const index = asked.findIndex((question) => question.type === type);
      if (index >= 0) asked.splice(index, 1);
      endIfDone();
    };
    const lines = createInterface({ input });
    lines.on('line', (line) => {
      if (line.trim() === '') return;
      counts.handedIn += 1;
      const parsed = parseStreamLine(line, peer);
      if (!parsed.ok) return refuse('', parsed.fault.code, parsed.fault.message);
      const wanted = parsed.value;
      if (wanted.type === 'send') return client.submit(wanted.cid, wanted.to, wanted.text);
      if (wanted.type === 'presence') return client.tellPresence(wanted.presence);
      if (asked.length + reads.length >= askedLimit) {
        return refuse('', 'IM_TOO_FAST', 'Too many questions wait for their answers.');
      }
      if (wanted.type === 'people') shown.splice(0, 1, wanted);
      // Nothing answers to having read.
      if (wanted.type !== 'read') asked.push(wanted);
      else if (!client.isReady) reads.push(wanted);
      if (client.isReady) ask(wanted);
    });
    lines.on('close', () => {
      isInputOver = true;
      if (client.wasReady) endIfDone();
    });
    signal.addEventListener('abort', interrupted);
    client.open();
  });
}

/** Like the messages of the HTTP API: times as ISO 8601. */
function textDocument(text: TextView): object {
  return { ...text, at: new Date(text.at).toISOString() };
}

function statusOf({ handedIn, refused }: { readonly handedIn: number; readonly refused: number }): number {
  if (refused === 0) return exitStatus.done;
  return refused === handedIn ? exitStatus.refused : exitStatus.partlyDone;
}
