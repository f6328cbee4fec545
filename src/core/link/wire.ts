/**
 * The byte form of entries: positional arrays that begin with a number for the kind. Parsing is the border: what passes
 * cannot be wrong below. Fields are listed in docs/link-protocol.md.
 */
import { fromHex, toHex } from '../base/bytes.ts';
import { assertNever } from '../base/invariant.ts';
import { fail, ok, type Result } from '../base/result.ts';
import { instant } from '../base/time.ts';
import type { PlainValue } from '../base/values.ts';
import { isEpoch, type RingDigest, type StorePosition } from '../ring/digest.ts';
import { outcomeFromValue, outcomeSources, outcomeToValue } from '../ring/outcome.ts';
import { isRingSize, isSeq, type Seq, slotOf } from '../ring/sequence.ts';
import type { SlotState } from '../ring/slot.ts';
import { isOutcome, laneNames, type SlotStatus, statuses } from '../ring/status.ts';
import { digestOccasions, type Entry } from './entries.ts';

/** First element of each array. Numbers are never reused for another meaning. */
export const entryKinds = {
  digest: 10,
  place: 11,
  status: 12,
  settled: 13,
  reconstruct: 14,
  resolve: 15,
  heartbeat: 16,
  session: 17,
} as const satisfies Record<Entry['type'], number>;

/** The largest message that fits a slot, in bytes; far above any short message. */
export const messageLimitBytes = 4_096;

const fates = ['known', 'unknown'] as const;
const decisions = ['not-sent', 'sent'] as const;
/** What a code looks like. */
const isCode = /^[A-Z0-9_]{1,64}$/;
const sessionStates = ['down', 'up'] as const;

export function entryToValue(entry: Entry): PlainValue {
  switch (entry.type) {
    case 'digest':
      return [
        entryKinds.digest,
        laneNames.indexOf(entry.lane),
        digestOccasions.indexOf(entry.occasion),
        entry.digest.epoch === undefined ? null : bytesOfHex(entry.digest.epoch),
        entry.digest.size,
        entry.digest.lastSeq,
        ...positionValues(entry.digest.producerSeen),
        entry.digest.slots.map((state) => stateValue(state, entry.digest.lastSeq)),
      ];
    case 'place':
      return [
        entryKinds.place,
        laneNames.indexOf(entry.lane),
        entry.seq,
        idBytes(entry.messageId),
        entry.bytes,
        entry.attempts,
        fates.indexOf(entry.fate),
        ...positionValues(entry.position),
      ];
    case 'status':
      return [entryKinds.status, laneNames.indexOf(entry.lane), ...progressValues(entry.state, 0)];
    case 'settled':
      return [entryKinds.settled, laneNames.indexOf(entry.lane), entry.seq, ...positionValues(entry.position)];
    case 'reconstruct':
      return [entryKinds.reconstruct, laneNames.indexOf(entry.lane), stateValue(entry.state, 0), entry.bytes];
    case 'resolve':
      return [
        entryKinds.resolve,
        laneNames.indexOf(entry.lane),
        entry.seq,
        entry.attempts,
        decisions.indexOf(entry.as),
        outcomeSources.indexOf(entry.by),
      ];
    case 'heartbeat':
      return [entryKinds.heartbeat, entry.clock, entry.echo, entry.heldMs, ...positionValues(entry.position)];
    case 'session': {
      const { state, forMs, code, refusedWith } = entry;
      return [entryKinds.session, sessionStates.indexOf(state), forMs, code ?? null, refusedWith];
    }
    default:
      return assertNever(entry);
  }
}

/** Parses one array; what is no entry of this version is a fault, never an exception. */
export function entryFromValue(value: PlainValue | undefined): Result<Entry> {
  if (!isList(value)) return fail('LINK_BAD_FRAME', 'an entry is no array');
  const entry = parseEntry(value);
  return entry === undefined
    ? fail('LINK_BAD_FRAME', `entry of kind ${String(value[0])} has a field out of range`)
    : ok(entry);
}

function parseEntry(value: readonly PlainValue[]): Entry | undefined {
  if (value[0] === entryKinds.heartbeat) return parseHeartbeat(value);
  if (value[0] === entryKinds.session) return parseSession(value);
  const lane = typeof value[1] === 'number' ? laneNames[value[1]] : undefined;
  if (lane === undefined) return undefined;
  switch (value[0]) {
    case entryKinds.digest: {
      const occasion = typeof value[2] === 'number' ? digestOccasions[value[2]] : undefined;
      const digest = parseDigest(value.slice(3));
      return occasion === undefined || digest === undefined ? undefined : { type: 'digest', lane, occasion, digest };
    }
    case entryKinds.place: {
      const [, , seq, id, bytes, attempts, fateIndex, ...rest] = value;
      const messageId = parseId(id);
      const fate = typeof fateIndex === 'number' ? fates[fateIndex] : undefined;
      const position = parsePosition(rest);
      if (!isSeq(seq) || messageId === undefined || !isCount(attempts)) return undefined;
      if (!isMessageBytes(bytes) || fate === undefined || position === undefined) return undefined;
      return { type: 'place', lane, seq, messageId, bytes, attempts, fate, position };
    }
    case entryKinds.status: {
      const state = parseProgress(value.slice(2), 0);
      return state === undefined ? undefined : { type: 'status', lane, state };
    }
    case entryKinds.settled: {
      const position = parsePosition(value.slice(3));
      return isSeq(value[2]) && position !== undefined ? { type: 'settled', lane, seq: value[2], position } : undefined;
    }
    case entryKinds.reconstruct: {
      const state = parseState(value[2], 0);
      return state !== undefined && isMessageBytes(value[3])
        ? { type: 'reconstruct', lane, state, bytes: value[3] }
        : undefined;
    }
    case entryKinds.resolve: {
      const [, , seq, attempts, decision, source] = value;
      const as = typeof decision === 'number' ? decisions[decision] : undefined;
      const by = typeof source === 'number' ? outcomeSources[source] : undefined;
      if (!isSeq(seq) || !isCount(attempts) || as === undefined || by === undefined || by === 'answer')
        return undefined;
      return { type: 'resolve', lane, seq, attempts, as, by };
    }
    default:
      return undefined;
  }
}

function parseHeartbeat(value: readonly PlainValue[]): Entry | undefined {
  const [, clock, echo, heldMs, ...rest] = value;
  const position = parsePosition(rest);
  if (!isTime(clock) || !isTime(echo) || !isTime(heldMs) || position === undefined) return undefined;
  return { type: 'heartbeat', clock: instant(clock), echo, heldMs, position };
}

function parseSession(value: readonly PlainValue[]): Entry | undefined {
  const [, stateIndex, forMs, given, refusedWith] = value;
  const state = typeof stateIndex === 'number' ? sessionStates[stateIndex] : undefined;
  if (state === undefined || !isTime(forMs) || !isCount(refusedWith)) return undefined;
  if (given === null) return { type: 'session', state, forMs, code: undefined, refusedWith };
  if (typeof given !== 'string' || !isCode.test(given)) return undefined;
  return { type: 'session', state, forMs, code: given, refusedWith };
}

function parseDigest(value: readonly PlainValue[]): RingDigest | undefined {
  const [epochBytes, size, lastSeq, run, count, slotValues] = value;
  const epoch = epochBytes instanceof Uint8Array ? toHex(epochBytes).toLowerCase() : undefined;
  const producerSeen = parsePosition([run ?? null, count ?? null]);
  if (epochBytes !== null && !isEpoch(epoch)) return undefined;
  if (!isRingSize(size) || !isCount(lastSeq) || producerSeen === undefined || !isList(slotValues)) return undefined;
  if (slotValues.length > size) return undefined;
  const slots: SlotState[] = [];
  let slotBefore = 0;
  for (const slotValue of slotValues) {
    const state = parseState(slotValue, lastSeq);
    if (state === undefined || state.seq > lastSeq) return undefined;
    // In the order of slots, so no slot twice: a ring made of this digest has one place for each.
    const slot = slotOf(state.seq, size);
    if (slot <= slotBefore) return undefined;
    slotBefore = slot;
    slots.push(state);
  }
  return { epoch: isEpoch(epoch) ? epoch : undefined, size, lastSeq, slots, producerSeen };
}

/** `base`: in a digest numbers are told as the distance from the highest, which keeps 255 slots within one frame. */
function stateValue(state: SlotState, base: number): PlainValue {
  const hash = state.contentHash === '' ? null : bytesOfHex(state.contentHash);
  return [...progressValues(state, base), idBytes(state.messageId), hash];
}

function parseState(value: PlainValue | undefined, base: number): SlotState | undefined {
  if (!isList(value)) return undefined;
  const progress = parseProgress(value, base);
  const messageId = parseId(value[5]);
  const hash = value[6];
  if (progress === undefined || messageId === undefined) return undefined;
  if (hash === null) return { ...progress, messageId, contentHash: '' };
  if (!(hash instanceof Uint8Array) || hash.length !== 8) return undefined;
  return { ...progress, messageId, contentHash: toHex(hash) };
}

type Progress = Omit<SlotState, 'messageId' | 'contentHash'>;

function progressValues(state: Progress, base: number): PlainValue[] {
  const number = base === 0 ? state.seq : base - state.seq;
  const { outcome } = state;
  return [
    number,
    statuses.indexOf(state.status),
    state.attempts,
    state.possibleDuplicate,
    outcome === undefined ? null : outcomeToValue(outcome),
  ];
}

function parseProgress(value: readonly PlainValue[], base: number): Progress | undefined {
  const [number, statusIndex, attempts, possibleDuplicate, outcomeList] = value;
  if (typeof number !== 'number') return undefined;
  const seq: Seq | number = base === 0 ? number : base - number;
  const status: SlotStatus | undefined = typeof statusIndex === 'number' ? statuses[statusIndex] : undefined;
  if (!isSeq(seq) || status === undefined || status === 'free') return undefined;
  if (!isCount(attempts) || typeof possibleDuplicate !== 'boolean') return undefined;
  const outcome = outcomeList === null ? undefined : outcomeFromValue(outcomeList);
  if (outcomeList !== null && outcome === undefined) return undefined;
  // An outcome status without its outcome could not be told to anybody.
  if (isOutcome(status) !== (outcome !== undefined) && status !== 'settled') return undefined;
  return { seq, status, attempts, possibleDuplicate, outcome };
}

function positionValues(position: StorePosition): PlainValue[] {
  return [bytesOfHex(position.run), position.count];
}

function parsePosition(value: readonly PlainValue[]): StorePosition | undefined {
  const [run, count] = value;
  if (!(run instanceof Uint8Array) || (run.length !== 0 && run.length !== 16) || !isCount(count)) return undefined;
  return { run: toHex(run).toLowerCase(), count };
}

function idBytes(messageId: string): Uint8Array {
  return bytesOfHex(messageId.replaceAll('-', ''));
}

function parseId(value: PlainValue | undefined): string | undefined {
  if (!(value instanceof Uint8Array) || value.length !== 16) return undefined;
  const hex = toHex(value).toLowerCase();
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

function bytesOfHex(hex: string): Uint8Array {
  const bytes = fromHex(hex);
  if (bytes === undefined) throw new RangeError('no hex');
  return bytes;
}

function isList(value: PlainValue | undefined): value is readonly PlainValue[] {
  return Array.isArray(value);
}

function isCount(value: PlainValue | undefined): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

/** Milliseconds since 1970, or a number of them. */
export function isTime(value: PlainValue | undefined): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0;
}

function isMessageBytes(value: PlainValue | undefined): value is Uint8Array {
  return value instanceof Uint8Array && value.length <= messageLimitBytes;
}
