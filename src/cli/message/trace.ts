/** Everything about one message, put together: what the state directories say now, and what recordings tell. */
import { OperatorError } from '../../core/base/errors.ts';
import type { MessageQuestion } from '../../shell/message-reader.ts';
import { type ClockDifference, clockDifference, type NotedMoves } from './clock-difference.ts';
import { shortId } from './found-lines.ts';
import { type JourneyEvent, journeyOf } from './journey.ts';
import { type KnownMessage, knownMessages } from './known-message.ts';
import { type RecordedWay, readRecordedWay } from './recorded-way.ts';
import { type MessageSources, readSources } from './sources.ts';
import { type Verdict, verdictOf } from './verdict.ts';
import { type Whereabouts, whereabouts } from './whereabouts.ts';

export interface Trace {
  readonly message: KnownMessage;
  readonly where: Whereabouts;
  /** In order of time, on the clock of the IM server. */
  readonly events: readonly JourneyEvent[];
  readonly clock: ClockDifference | undefined;
  readonly verdict: Verdict;
  /** What is not known, and how more would be. */
  readonly notes: readonly string[];
}

export interface TraceOptions {
  /** Of a text or short message, or how it begins. */
  readonly id: string;
  readonly stateDirs: readonly string[] | undefined;
}

/** Messages that an id may begin before it is worth a list. */
const listedCount = 10;

/** @throws OperatorError MESSAGE_UNKNOWN, MESSAGE_AMBIGUOUS, and those of `readSources` and `readRecordedWay` */
export async function readTrace({ id, stateDirs }: TraceOptions): Promise<Trace> {
  const question: MessageQuestion = { id, limit: listedCount + 1 };
  const sources = await readSources(stateDirs, question);
  const message = onlyOne(knownMessages(sources, question), id, sources);
  const recorded = readRecordedWay(
    sources.dirs.filter(({ role }) => role !== 'smsc').map(({ stateDir }) => stateDir),
    message,
  );
  const number = message.way === 'mt' ? message.to : message.from;
  const handset = message.way === 'local' ? undefined : await sources.handset(number);
  const clock = clockDifference([...recorded.noted, ...liveMoves(sources)]);
  const { noted, ...told } = recorded;
  const { rings } = sources;
  const where = whereabouts(message);
  return {
    message,
    where,
    events: journeyOf(message, { ...told, rings, recorded: noted, clock, handset }),
    clock,
    verdict: verdictOf(message, where, { ...sources, handset, now: Date.now() }),
    notes: notesOf(message, sources, recorded, clock),
  };
}

/** Reports are on their way beside what people wrote; one is meant only where nothing else is. */
function onlyOne(all: readonly KnownMessage[], id: string, sources: MessageSources): KnownMessage {
  const written = all.filter((message) => !isReport(message));
  const messages = written.length > 0 ? written : all;
  const [first, ...more] = messages;
  if (first !== undefined && more.length === 0) return first;
  if (first === undefined) {
    const asked = sources.dirs.map(({ role, stateDir }) => `${role} (${stateDir})`).join(', ');
    throw new OperatorError({
      code: 'MESSAGE_UNKNOWN',
      message: `No message with an id that begins with ${id} is known to ${asked}.`,
      hint: 'Find its id with `ringbridge message find --number NUMBER`, and give the state directories of both ends.',
    });
  }
  const listed = messages.slice(0, listedCount).map((message) => message.id);
  throw new OperatorError({
    code: 'MESSAGE_AMBIGUOUS',
    message: `${messages.length > listedCount ? `More than ${listedCount}` : messages.length} messages have an id that begins with ${id}: ${listed.join(', ')}${messages.length > listedCount ? ', …' : ''}.`,
    hint: `Give more of it; ${shortId(first.id).length} characters mostly suffice.`,
  });
}

function isReport({ parts }: KnownMessage): boolean {
  return parts.some(({ copies }) => copies.some(({ view }) => view.message?.kind === 'status-report'));
}

/** What running roles remember of every message that is in a slot. */
function liveMoves({ rings }: MessageSources): readonly NotedMoves[] {
  return rings.flatMap(({ side, lane, slots }) =>
    slots.flatMap(({ messageId, slot, moves }): NotedMoves[] =>
      messageId === undefined || moves === undefined ? [] : [{ messageId, lane, side, slot, moves }],
    ),
  );
}

function notesOf(
  message: KnownMessage,
  { dirs }: MessageSources,
  recorded: RecordedWay,
  clock: ClockDifference | undefined,
): readonly string[] {
  if (message.way === 'local') return [];
  const bridge = dirs.filter(({ role }) => role !== 'smsc');
  const has = (role: string): boolean => bridge.some((dir) => dir.role === role);
  const unrecorded = bridge.filter(({ stateDir }) => !recorded.read.includes(stateDir)).map(({ role }) => role);
  const notes: string[] = [];
  if (!has('buffer')) notes.push('The buffer was not asked: give its --state-dir too.');
  if (!has('im-server')) notes.push('The IM server was not asked: give its --state-dir too.');
  if (unrecorded.length > 0) {
    notes.push(
      `Without a recording of the ${unrecorded.join(' and the ')} only what a running role remembers of its slots, and the last moves on disk (≤), are known. Start with --record 64MiB to keep more.`,
    );
  }
  if (recorded.broken > 0) notes.push('A recording has a gap in this time: moves may be missing.');
  if (bridge.length > 1 && clock === undefined) {
    notes.push('How far the clocks of both hosts differ is not known: times of the buffer are by its own.');
  }
  return notes;
}
