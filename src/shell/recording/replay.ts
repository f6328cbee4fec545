/**
 * Plays a recording back: the same machines are made, given the recorded inputs at the recorded times, and what they do
 * is held against what was recorded. Nothing is opened, sent or written. It begins where a machine was made, so what
 * lies in front of the first such place, and what follows a gap, is passed over and counted.
 */
import { isDeepStrictEqual } from 'node:util';
import { type Instant, instant } from '../../core/base/time.ts';
import type { PlainValue } from '../../core/base/values.ts';
import type { Persist } from '../../core/store/record.ts';
import type { RingView } from '../../core/store/ring-view.ts';
import type { Noted } from '../../core/sync/lane-io.ts';
import { AnswersGiven, UnaskedQuestion } from './answers.ts';
import { entryKind } from './entry-kind.ts';
import { digestNumbers, ringsDifference } from './held-rings.ts';
import { inputOfForm } from './input-form.ts';
import { LaneMirror, type Move, roleNamed } from './lane-mirror.ts';
import { readMove } from './move.ts';
import { PastRings } from './past-rings.ts';
import { makeRecorded, type RecordedMachine, type ReplayedOutput } from './recorded-machine.ts';
import type { RecordedEntry, RecordingItem } from './recording-reader.ts';
import { saidNumber } from './said.ts';

/** Where replay and recording part. */
export interface Difference {
  /**
   * `moves`: other slots moved, or otherwise; `said`: the same moves, but something else was said; `asked`: the machine
   * asked chance or store for something else, or to be woken at another time; `rings`: it holds other rings than were
   * recorded; `failed`: only one of the two met a bug.
   */
  readonly kind: 'moves' | 'said' | 'asked' | 'rings' | 'failed';
  readonly text: string;
}

/** One input, played. */
export interface ReplayStep {
  readonly type: 'step';
  /** Counts all inputs of the recording from 1. */
  readonly number: number;
  readonly at: Instant;
  readonly input: string;
  readonly recorded: readonly Move[];
  readonly replayed: readonly Move[];
  readonly outputs: readonly ReplayedOutput[];
  readonly difference: Difference | undefined;
}

export type ReplayEvent =
  | ReplayStep
  /** A machine was made; what follows is played on it. */
  | { readonly type: 'life'; readonly at: Instant; readonly role: string; readonly version: string }
  /** What follows cannot be played until the next life. `count`: entries that the recorder dropped, if it told. */
  | {
      readonly type: 'break';
      readonly at: Instant;
      /** `private`: numbers and texts were not kept. */
      readonly why: 'gap' | 'torn' | 'damaged' | 'foreign' | 'private';
      readonly count: number;
    }
  /** The recorded machine failed here, and so did the one that replays. */
  | {
      readonly type: 'bug';
      readonly number: number;
      readonly at: Instant;
      readonly input: string;
      readonly text: string;
    }
  | { readonly type: 'end'; readonly at: Instant };

/** What was being put together when a machine is to be made: it is made when the first input comes. */
interface Beginning {
  readonly entry: RecordedEntry;
  readonly answers: PlainValue[];
}

export class Replay {
  #role = '';
  #version = '';
  #smscIds: readonly string[] = [];
  #privacy = 'full';
  #mirror: LaneMirror | undefined;
  /** As the recorded moves left them; undefined where no machine is played. */
  #recorded: PastRings | undefined;
  /** As told last, until a machine is made. */
  #rings: (readonly PlainValue[])[] = [];
  #beginning: Beginning | undefined;
  #machine: RecordedMachine | undefined;
  #answers = new AnswersGiven();
  #number = 0;
  #passedOver = 0;
  #at: Instant = instant(0);

  /** Inputs that no machine could be given. */
  get passedOver(): number {
    return this.#passedOver;
  }

  /** SMSC ids by their place. */
  get smscIds(): readonly string[] {
    return this.#smscIds;
  }

  /** As the machine holds them now; empty where none is being played. */
  rings(): readonly RingView[] {
    return this.#machine?.rings?.() ?? [];
  }

  /** Plays one item. @returns what came of it; undefined where nothing is to be told */
  take(item: RecordingItem): ReplayEvent | undefined {
    if (item.type === 'trouble') return this.#broken(item.trouble.end, 0);
    const { entry } = item;
    this.#at = instant(entry.at);
    switch (entry.kind) {
      case entryKind.whose:
        this.#whose(entry.fields);
        return undefined;
      case entryKind.rings:
        this.#rings.push(entry.fields);
        return undefined;
      case entryKind.life:
        if (this.#privacy !== 'full') return this.#broken('private', 0);
        this.#machine = undefined;
        this.#mirror = this.#restoredMirror();
        this.#beginning = { entry, answers: [] };
        return { type: 'life', at: this.#at, role: this.#role, version: this.#version };
      case entryKind.asked:
        this.#beginning?.answers.push(...entry.fields);
        return undefined;
      case entryKind.input:
        return this.#input(entry);
      case entryKind.bug:
        return this.#bug(entry);
      case entryKind.gap:
        return this.#broken('gap', Number(entry.fields[0] ?? 0));
      case entryKind.digest:
        return this.#digest(entry);
      case entryKind.end:
        return { type: 'end', at: this.#at };
      default:
        return undefined;
    }
  }

  #whose([role, version, smscIds, privacy]: readonly PlainValue[]): void {
    this.#privacy = typeof privacy === 'string' ? privacy : 'full';
    this.#role = String(role);
    this.#version = String(version);
    this.#smscIds = isList(smscIds) ? smscIds.map(String) : [];
    this.#rings = [];
  }

  /** Whoever makes a machine says first what its store holds of the rings. In the middle of a life the mirror knows it. */
  #restoredMirror(): LaneMirror {
    const mirror = new LaneMirror(this.#smscIds, roleNamed(this.#role));
    this.#recorded = new PastRings(roleNamed(this.#role), this.#smscIds);
    for (const lane of this.#rings) {
      mirror.restore(lane);
      this.#recorded.told(lane);
    }
    this.#rings = [];
    return mirror;
  }

  #broken(why: Extract<ReplayEvent, { type: 'break' }>['why'], count: number): ReplayEvent {
    this.#machine = undefined;
    this.#beginning = undefined;
    return { type: 'break', at: this.#at, why, count };
  }

  #input({ fields }: RecordedEntry): ReplayEvent | undefined {
    this.#number += 1;
    const [form, said, moves, answers] = fields;
    const recorded = isList(moves) ? moves.filter(isList) : [];
    const input = inputOfForm(form ?? null);
    const step = { type: 'step', number: this.#number, at: this.#at, recorded, input: input?.type ?? '' } as const;
    const machine = this.#living();
    if (machine instanceof UnmadeMachine) return this.#parted(step, 'asked', machine.message);
    if (machine === undefined || input === undefined) {
      this.#passedOver += 1;
      return undefined;
    }
    this.#answers.give(isList(answers) ? answers : []);
    let outputs: readonly ReplayedOutput[];
    try {
      const due = machine.deadline();
      if (input.type === 'tick' && (due === undefined || due > this.#at)) {
        return this.#parted(step, 'asked', 'the machine did not ask to be woken by now');
      }
      outputs = machine.handle(input, this.#at);
      machine.deadline();
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      const isQuestion = error instanceof UnaskedQuestion;
      return this.#parted(step, isQuestion ? 'asked' : 'failed', isQuestion ? text : `the replay met a bug: ${text}`);
    }
    const replayed = this.#movesOf(outputs);
    const played: ReplayStep = { ...step, replayed, outputs, difference: undefined };
    if (!isDeepStrictEqual(recorded, replayed))
      return this.#part(played, 'moves', 'the slots did not move as recorded');
    if (this.#answers.leftCount > 0) {
      return this.#part(played, 'asked', `${this.#answers.leftCount} recorded answers were not asked for`);
    }
    if (saidNumber(outputs) !== said)
      return this.#part(played, 'said', 'something else was said to a peer, or to the log');
    const apart = recorded.length === 0 ? undefined : this.#ringsApart(recorded, machine);
    return apart === undefined ? played : this.#part(played, 'rings', apart);
  }

  #bug({ fields }: RecordedEntry): ReplayEvent | undefined {
    this.#number += 1;
    const [form, statement, answers] = fields;
    const input = inputOfForm(form ?? null);
    const step = { type: 'step', number: this.#number, at: this.#at, recorded: [], input: input?.type ?? '' } as const;
    const machine = this.#living();
    this.#machine = undefined;
    if (machine === undefined || machine instanceof UnmadeMachine || input === undefined) {
      this.#passedOver += 1;
      return undefined;
    }
    this.#answers.give(isList(answers) ? answers : []);
    try {
      machine.handle(input, this.#at);
      machine.deadline();
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      if (text === statement) return { type: 'bug', number: this.#number, at: this.#at, input: input.type, text };
      return this.#parted(step, 'failed', `recorded was the bug "${String(statement)}", the replay met "${text}"`);
    }
    return this.#parted(step, 'failed', `recorded was the bug "${String(statement)}", which the replay does not meet`);
  }

  /** The machine that is being played, made first if it is its time; an error where it asked for something else. */
  #living(): RecordedMachine | UnmadeMachine | undefined {
    const beginning = this.#beginning;
    if (beginning === undefined) return this.#machine;
    this.#beginning = undefined;
    this.#answers = new AnswersGiven();
    this.#answers.give(beginning.answers);
    const [settings, identity, notes] = beginning.entry.fields;
    try {
      this.#machine = makeRecorded({ role: this.#role, settings, identity, notes }, this.#answers);
    } catch (error) {
      return new UnmadeMachine(error instanceof Error ? error.message : String(error));
    }
    if (this.#answers.leftCount > 0) return new UnmadeMachine('the machine reads less of its store than was recorded');
    return this.#machine;
  }

  /** Where what the machine holds is not what the moves so far made of the rings; undefined where it is. */
  #ringsApart(moves: readonly Move[], machine: RecordedMachine): string | undefined {
    const rings = this.#recorded;
    if (rings === undefined) return undefined;
    for (const move of moves) {
      const read = readMove(move, this.#smscIds);
      if (read !== undefined) rings.moved(read, this.#at, () => undefined);
    }
    return ringsDifference(machine.ringSights?.() ?? [], this.#smscIds, rings.snapshot());
  }

  /** The digests of the recorded machine at the last input. @returns undefined where the replay holds the same */
  #digest(entry: RecordedEntry): ReplayStep | undefined {
    const machine = this.#machine;
    if (machine === undefined || this.#beginning !== undefined) return undefined;
    const numbers = digestNumbers(machine.ringSights?.() ?? []);
    if (isDeepStrictEqual([...numbers], [...entry.fields])) return undefined;
    const step = { type: 'step', number: this.#number, at: this.#at, recorded: [], input: 'digest' } as const;
    return this.#parted(step, 'rings', 'the digests of the rings are not those of the recorded machine');
  }

  #movesOf(outputs: readonly ReplayedOutput[]): readonly Move[] {
    for (const output of outputs) {
      if (isPersist(output)) this.#mirror?.persisted(output.records);
      else if (isNoted(output)) this.#mirror?.noted(output);
    }
    return this.#mirror?.takeMoves() ?? [];
  }

  #parted(step: Omit<ReplayStep, 'replayed' | 'outputs' | 'difference'>, kind: Difference['kind'], text: string) {
    return this.#part({ ...step, replayed: [], outputs: [], difference: undefined }, kind, text);
  }

  /** From here on the two are different, and comparing further would only tell consequences. */
  #part(step: ReplayStep, kind: Difference['kind'], text: string): ReplayStep {
    this.#machine = undefined;
    return { ...step, difference: { kind, text } };
  }
}

class UnmadeMachine extends Error {
  override readonly name = 'UnmadeMachine';
}

function isPersist(output: ReplayedOutput): output is Persist {
  return output.type === 'persist';
}

function isNoted(output: ReplayedOutput): output is Noted {
  return output.type === 'note';
}

function isList(value: PlainValue | undefined): value is readonly PlainValue[] {
  return Array.isArray(value);
}
