/**
 * What went over the CIMD2 connections of a recorded role, both ways, with times. What came is in the recording; what was
 * sent is what the recorded machine says when it is played, or stands there itself where that cannot be. Source:
 * docs/decisions, 0013 and 0015.
 */
import { entryKind } from '../../shell/recording/entry-kind.ts';
import { inputOfForm } from '../../shell/recording/input-form.ts';
import { findRecording, type RecordedEntry, readRecording } from '../../shell/recording/recording-reader.ts';
import { Replay } from '../../shell/recording/replay.ts';
import { unreadableRecording } from './unreadable.ts';

/** Of a connection: the role that was recorded, or what it is connected with. */
export type TrafficEnd = 'role' | 'peer';

export type Traffic = {
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Unique within the recording. */
  readonly connection: string;
  readonly role: string;
} & (
  | { readonly type: 'opened' }
  | { readonly type: 'bytes'; readonly from: TrafficEnd; readonly bytes: Uint8Array }
  /** Once by each end that closes; the last is always that of the role's peer. */
  | { readonly type: 'closed'; readonly by: TrafficEnd }
);

export interface RecordedTraffic {
  /** `buffer` or `smsc`; others have no such connections. */
  readonly role: string;
  readonly smscIds: readonly string[];
  /** Times that bytes came and what was said to them is not known. */
  readonly unanswered: number;
}

type Bytes = { readonly type: string; readonly connection: number; readonly bytes: Uint8Array };
type Ends = { readonly type: string; readonly connection: number };

/**
 * Gives it in order; returns whose it was.
 *
 * @throws OperatorError RECORDING_MISSING, INPUT_UNREADABLE; RECORDING_UNREADABLE where nothing can be read of it
 */
export function* recordedTraffic(path: string): Generator<Traffic, RecordedTraffic> {
  const replay = new Replay();
  let life = 0;
  let role = '';
  let why = '';
  let isPrivate = false;
  let unanswered = 0;
  for (const item of readRecording(findRecording(path))) {
    const event = replay.take(item);
    if (event?.type === 'break') why = event.why;
    if (item.type !== 'entry') continue;
    const { entry } = item;
    const { at, kind, fields } = entry;
    const nameOf = (connection: number): string => `${life}-${connection}`;
    if (kind === entryKind.whose) {
      role = String(fields[0]);
      isPrivate = fields[3] !== undefined && fields[3] !== 'full';
    } else if (kind === entryKind.life) life += 1;
    else if (kind === entryKind.sent) {
      const [connection, bytes] = fields;
      if (typeof connection !== 'number' || !(bytes instanceof Uint8Array)) continue;
      yield { type: 'bytes', at, role, connection: nameOf(connection), from: 'role', bytes };
    } else if (kind === entryKind.input) {
      const came = cameOf(entry);
      if (came !== undefined) yield { ...came, at, role, connection: nameOf(came.connection) };
      const isPlayed = event?.type === 'step' && event.difference === undefined;
      if (!isPlayed && !isPrivate && came?.type === 'bytes') unanswered += 1;
      for (const output of isPlayed ? event.outputs : []) {
        const said = saidOf(output);
        if (said !== undefined) yield { ...said, at, role, connection: nameOf(said.connection) };
      }
    }
  }
  if (role === '') throw unreadableRecording(path, why);
  return { role, smscIds: replay.smscIds, unanswered };
}

function cameOf({ fields: [form] }: RecordedEntry) {
  const input = inputOfForm(form ?? null);
  switch (input?.type) {
    case 'smsc-opened':
    case 'opened':
      // Of both roles the inputs of these types have these fields; so it is below.
      return { type: 'opened', connection: (input as Ends).connection } as const;
    case 'smsc-received':
    case 'received':
      return { type: 'bytes', from: 'peer', ...bytesOf(input as Bytes) } as const;
    case 'smsc-closed':
    case 'closed':
      return { type: 'closed', by: 'peer', connection: (input as Ends).connection } as const;
    default:
      return undefined;
  }
}

function saidOf(output: { readonly type: string }) {
  switch (output.type) {
    case 'smsc-write':
    case 'write':
      return { type: 'bytes', from: 'role', ...bytesOf(output as Bytes) } as const;
    case 'smsc-disconnect':
    case 'close':
      return { type: 'closed', by: 'role', connection: (output as Ends).connection } as const;
    default:
      return undefined;
  }
}

function bytesOf({ connection, bytes }: Bytes): { readonly connection: number; readonly bytes: Uint8Array } {
  return { connection, bytes };
}
