/**
 * A recording as it would be if numbers and texts had been masked when it was made: for handing it to somebody. What was
 * sent is played for it, because a masked one cannot be. What was masked or hashed before stays as it is. Source:
 * docs/decisions, 0015.
 */
import type { PlainValue } from '../../core/base/values.ts';
import { hmacSha256, randomBytes } from '../hashing.ts';
import { discretionOf } from './discretion.ts';
import { entryKind } from './entry-kind.ts';
import { inputForm, inputOfForm } from './input-form.ts';
import { fromPlain } from './plain-form.ts';
import type { RecordedEntry } from './recording-reader.ts';
import { Replay, type ReplayEvent } from './replay.ts';
import { Retelling } from './retelling.ts';
import { encodeBlock, readBlocks, segmentHeader } from './segment.ts';

type Entry = readonly PlainValue[];

/** Takes the files of one recording in their order. */
export class MaskedRecording {
  readonly #retelling = new Retelling(discretionOf('masked', { randomBytes, hmac: hmacSha256 }));
  readonly #replay = new Replay();
  #isPrivate = false;

  /** @returns the file, masked; it ends where this one cannot be read any more */
  file(bytes: Uint8Array): Uint8Array {
    const parts: Uint8Array[] = [segmentHeader];
    for (const { at, entries } of readBlocks(bytes)) {
      const masked = entries.flatMap((entry) => this.#entry(at, entry));
      if (masked.length > 0) parts.push(encodeBlock({ at, entries: masked }));
    }
    return Buffer.concat(parts);
  }

  #entry(base: number, entry: Entry): readonly Entry[] {
    const [kind, at, ...fields] = entry;
    if (typeof kind !== 'number' || typeof at !== 'number') return [];
    if (kind === entryKind.whose) {
      this.#isPrivate = typeof fields[3] === 'string' && fields[3] !== 'full';
    }
    if (this.#isPrivate) return [entry];
    const recorded: RecordedEntry = { kind, at: base + at, fields };
    const event = this.#replay.take({ type: 'entry', entry: recorded });
    return this.#masked(kind, at, fields, event);
  }

  #masked(kind: number, at: number, fields: readonly PlainValue[], event: ReplayEvent | undefined): readonly Entry[] {
    switch (kind) {
      case entryKind.whose:
        return [[kind, at, ...fields.slice(0, 3), 'masked']];
      case entryKind.rings:
        return [[kind, at, ...fields.slice(0, 4), this.#slots(fields[4])]];
      case entryKind.life:
        return [[kind, at, null, null, null]];
      case entryKind.input: {
        const [form, , moves, , events] = fields;
        const input: Entry = [kind, at, this.#form(form), 0, this.#moves(moves), [], this.#events(events)];
        return [input, ...this.#sent(at, event)];
      }
      case entryKind.bug:
        return [[kind, at, this.#form(fields[0]), this.#retelling.statement(String(fields[1])), []]];
      case entryKind.gap:
      case entryKind.link:
      case entryKind.end:
        return [[kind, at, ...fields]];
      default:
        // Answers of the store and digests could be tried out on a list of numbers; what is not known may be anything.
        return [];
    }
  }

  #form(form: PlainValue | undefined): PlainValue {
    const input = inputOfForm(form ?? null);
    return inputForm(input === undefined ? { type: 'unknown' } : this.#retelling.input(input));
  }

  /** The last field of a slot is its message. */
  #slots(slots: PlainValue | undefined): PlainValue {
    return listOf(slots).map((slot) => listOf(slot).map((field) => this.#message(field)));
  }

  #moves(moves: PlainValue | undefined): PlainValue {
    return listOf(moves).map((move) => listOf(move).map((field) => this.#message(field)));
  }

  #message(field: PlainValue): PlainValue {
    return field instanceof Uint8Array ? this.#retelling.message(field) : field;
  }

  #events(events: PlainValue | undefined): PlainValue {
    return listOf(events).map((event) => {
      const [level, name, form] = listOf(event);
      const fields = fromPlain(form ?? null);
      return [level ?? null, name ?? null, this.#retelling.fields(typeof fields === 'object' ? { ...fields } : {})];
    });
  }

  #sent(at: number, event: ReplayEvent | undefined): readonly Entry[] {
    if (event?.type !== 'step' || event.difference !== undefined) return [];
    return event.outputs.flatMap((output): Entry[] => {
      if (output.type !== 'smsc-write' && output.type !== 'write') return [];
      // Outputs of these types have these fields, of either role.
      const { connection, bytes } = output as typeof output & {
        readonly connection: number;
        readonly bytes: Uint8Array;
      };
      const packet = this.#retelling.packet(bytes);
      return packet.length === 0 ? [] : [[entryKind.sent, at, connection, packet]];
    });
  }
}

function listOf(value: PlainValue | undefined): readonly PlainValue[] {
  return Array.isArray(value) ? value : [];
}
