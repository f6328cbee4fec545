/**
 * A simulated handset for programs: lines in, lines of JSON out, until the input ends and everything sent has an outcome.
 * A line is what one may type on a terminal, or an object `{"to":…,"text":…}`.
 */
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { exitStatus } from '../exit-status.ts';
import { isoText } from '../recording/moment.ts';
import type { HandsetClient, HandsetStatus, HandsetText, SentOutcome } from './handset-client.ts';
import { parseTyped, type Typed } from './handset-typing.ts';

export interface HandsetStreamOptions {
  readonly client: HandsetClient;
  /** Whom plain lines are for; otherwise who wrote last. */
  readonly peer: string | undefined;
  readonly input: Readable;
  /** Longest wait for the answer to a text. */
  readonly timeoutMs: number;
  readonly write: (document: object) => void;
  /** Aborted by a signal: ends at once. */
  readonly signal: AbortSignal;
}

/**
 * @returns the exit status: 0; 3, 6 or 8 if all were refused, all still wait, or only some were answered
 * @throws OperatorError `CONTROL_UNREACHABLE` where the simulator ended
 */
export async function streamHandset(options: HandsetStreamOptions): Promise<number> {
  const { client, input, signal } = options;
  const write = (type: string, fields: object): void => options.write({ schema: 'handset.event/1', type, ...fields });
  const counts = { sent: 0, answered: 0, refused: 0 };
  let peer = options.peer;
  const came = (text: HandsetText): void => {
    if (/^\+?\d+$/.test(text.from)) peer = text.from;
    const { from, stamps, at, repeats, messageClass } = text;
    const parts = stamps.length;
    write('received', {
      from,
      text: text.text,
      parts,
      repeats,
      at,
      ...(messageClass === undefined ? {} : { messageClass }),
    });
  };
  const complain = (message: string): void => write('error', { message });
  const send = async (to: string | undefined, text: string): Promise<void> => {
    const number = to ?? peer;
    if (number === undefined) return complain('To whom? Give --to, {"to":…,"text":…} or /to NUMBER.');
    peer = number;
    counts.sent += 1;
    // In order: the next line is read when this one is with the simulator, but not when it is answered.
    const { ref, ...first } = await client.send(number, text);
    write('sent', { ref, to: number });
    pending.push(follow(ref, first).catch((error: unknown) => fail(error)));
  };
  const follow = async (ref: number, first: SentOutcome): Promise<void> => {
    const { result, ...rest } = first.result === 'waiting' ? await client.outcome(ref, options.timeoutMs) : first;
    if (result !== 'waiting') counts[result] += 1;
    write(result, { ref, ...rest });
  };
  const take = async (line: string): Promise<'go-on' | 'quit'> => {
    const wanted = parseLine(line);
    if (typeof wanted === 'string') complain(wanted);
    else if (wanted.type === 'send') await send(wanted.to, wanted.text);
    else if (wanted.type === 'turn-to') peer = wanted.to;
    else if (wanted.type === 'set-state') await client.setState(wanted.state);
    else if (wanted.type === 'status') write('status', statusDocument(await client.status()));
    return typeof wanted !== 'string' && wanted.type === 'quit' ? 'quit' : 'go-on';
  };
  const pending: Promise<void>[] = [];
  const { state, waiting, number } = await client.status();
  write('ready', { number, state, waiting });
  let fail: (error: unknown) => void = () => undefined;
  const gone = new Promise<never>((_resolve, reject) => {
    fail = reject;
  });
  client.listen({
    received: came,
    state: (now) => write('state', { state: now }),
    missed: ({ type, error }) => write(type, { error }),
    gone: (error) => fail(error),
  });
  const interrupted = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
  const lines = createInterface({ input });
  const work = async (): Promise<void> => {
    for await (const line of lines) if ((await take(line)) === 'quit') break;
    await Promise.all(pending);
  };
  try {
    await Promise.race([work(), gone, interrupted]);
  } finally {
    lines.close();
    client.close();
  }
  return statusOf(counts);
}

/** Without the inbox, whose texts were told as they came. */
function statusDocument({ number, state, received, waiting, queue }: HandsetStatus): object {
  const shown = queue.map(({ acceptedAt, nextAttemptAt, validUntil, ...rest }) => ({
    ...rest,
    acceptedAt: isoText(acceptedAt),
    nextAttemptAt: isoText(nextAttemptAt),
    validUntil: isoText(validUntil),
  }));
  return { number, state, received, waiting, queue: shown };
}

/** @returns what is wanted, or why it cannot be understood */
function parseLine(line: string): Typed | string {
  if (!line.trimStart().startsWith('{')) {
    const typed = parseTyped(line);
    return typed.ok ? typed.value : typed.fault.message;
  }
  try {
    const { to, text } = Object(JSON.parse(line));
    if (typeof text === 'string' && (to === undefined || typeof to === 'string')) return { type: 'send', to, text };
  } catch (error) {
    // No JSON is one of the things that may come.
    if (!(error instanceof SyntaxError)) throw error;
  }
  return 'The line is neither a text nor {"to":…,"text":…}.';
}

function statusOf({ sent, answered, refused }: { sent: number; answered: number; refused: number }): number {
  if (answered === sent) return exitStatus.done;
  if (refused === sent) return exitStatus.refused;
  return answered + refused === 0 ? exitStatus.outcomeUnknown : exitStatus.partlyDone;
}
