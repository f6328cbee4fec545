/**
 * A chat for programs: lines in, lines of JSON out, until the input ends and everything handed in is stored or refused.
 * A line is a text for the peer of the command, or an object `{"to":…,"text":…,"cid":…}`.
 */
import { randomUUID } from 'node:crypto';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import type { OperatorError } from '../../core/base/errors.ts';
import { exitStatus } from '../exit-status.ts';
import { ImClient, type ImClientOptions } from './im-client.ts';

export interface ChatStreamOptions extends Omit<ImClientOptions, 'on'> {
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
  const { peer, input, signal } = options;
  const write = (type: string, fields: object): void => options.write({ schema: 'im.event/1', type, ...fields });
  const counts = { handedIn: 0, refused: 0 };
  return new Promise((resolve, reject) => {
    let isInputOver = false;
    const end = (settle: () => void): void => {
      signal.removeEventListener('abort', interrupted);
      lines.close();
      client.close();
      settle();
    };
    const interrupted = (): void =>
      end(() => resolve(client.unstoredCount === 0 ? exitStatus.done : exitStatus.interrupted));
    const endIfDone = (): void => {
      if (isInputOver && client.unstoredCount === 0) end(() => resolve(statusOf(counts)));
    };
    const refuse = (cid: string, code: string, message: string): void => {
      counts.refused += 1;
      write('refused', { cid, code, message });
      endIfDone();
    };
    const client = new ImClient({
      ...{ url: options.url, user: options.user, password: options.password },
      on: {
        ready: ({ user, suffix }) => {
          write('ready', { user, suffix: suffix ?? null });
          // The input may have been over before, with nothing in it.
          endIfDone();
        },
        text: (text) => {
          write('text', { ...text, at: new Date(text.at).toISOString() });
          endIfDone();
        },
        refused: ({ cid, code, message }) => refuse(cid, code, message),
        links: ({ links }) => write('links', { links }),
        lost: (reason) => write('lost', { reason }),
        failed: (error: OperatorError) => end(() => reject(error)),
      },
    });
    const lines = createInterface({ input });
    lines.on('line', (line) => {
      if (line.trim() === '') return;
      counts.handedIn += 1;
      const wanted = parseLine(line, peer);
      if (wanted === undefined)
        refuse('', 'IM_BAD_REQUEST', 'The line is neither a text with a TO nor {"to":…,"text":…}.');
      else client.submit(wanted.cid, wanted.to, wanted.text);
    });
    lines.on('close', () => {
      isInputOver = true;
      if (client.wasReady) endIfDone();
    });
    signal.addEventListener('abort', interrupted);
    client.open();
  });
}

function parseLine(
  line: string,
  peer: string | undefined,
): { readonly cid: string; readonly to: string; readonly text: string } | undefined {
  if (!line.trimStart().startsWith('{'))
    return peer === undefined ? undefined : { cid: randomUUID(), to: peer, text: line };
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const fields = new Map<string, unknown>(Object.entries(value));
  const [to, text, cid] = [fields.get('to') ?? peer, fields.get('text'), fields.get('cid') ?? randomUUID()];
  if (typeof to !== 'string' || typeof text !== 'string' || typeof cid !== 'string') return undefined;
  return { cid, to, text };
}

function statusOf({ handedIn, refused }: { readonly handedIn: number; readonly refused: number }): number {
  if (refused === 0) return exitStatus.done;
  return refused === handedIn ? exitStatus.refused : exitStatus.partlyDone;
}
