/**
 * Records a role: what goes into its machine and when, what it asked of chance and store, which slots moved, what it
 * logged and why, and the link. It is told of each input behind the machine's answer, keeps no output waiting, and never
 * throws. Where from a recording is replayed is docs/decisions, 0013; the form of its entries is `entry-kind.ts`.
 */
import { type LogEvent, logEvent } from '../../core/base/log-event.ts';
import type { Instant } from '../../core/base/time.ts';
import type { PlainValue } from '../../core/base/values.ts';
import type { RingSight } from '../../core/roles/ring-news.ts';
import type { StoreIdentity } from '../../core/store/identity.ts';
import type { Persist } from '../../core/store/record.ts';
import type { LinkView } from '../../core/store/ring-view.ts';
import { type SlotNotes, slotNoteToValue } from '../../core/store/slot-note.ts';
import type { Noted } from '../../core/sync/lane-io.ts';
import type { Clock } from '../clock.ts';
import type { Witness } from '../runner.ts';
import { ownVersion } from '../version.ts';
import { AnswersNoted, type AskedTools, sizeOf } from './answers.ts';
import { discretionOf, type RecordPrivacy } from './discretion.ts';
import { entryKind } from './entry-kind.ts';
import { digestNumbers } from './held-rings.ts';
import { inputForm } from './input-form.ts';
import { LaneMirror, type RecordedRole } from './lane-mirror.ts';
import { toPlain } from './plain-form.ts';
import { RecordingFile } from './recording-file.ts';
import { Retelling } from './retelling.ts';
import { saidNumber } from './said.ts';

/** What the operator set. */
export interface RecordSettings {
  /** Bytes of all files together. */
  readonly limitBytes: number;
  /** Milliseconds that anything is kept at most. */
  readonly keepMs: number;
  /** How far numbers and texts are kept; left out, `full`. */
  readonly privacy?: RecordPrivacy | undefined;
}

export interface RecorderOptions extends RecordSettings {
  readonly role: RecordedRole;
  /** Whose rings this role holds; none of an SMSC. */
  readonly smscIds: readonly string[];
  readonly stateDir: string;
  /** Without secrets: passwords and keys are blanked by whoever gives them. */
  readonly settings: object;
  /** Undefined for a role without a store. */
  readonly identity: StoreIdentity | undefined;
  /** What the machine is to be given; it gets {@link Recorder.tools} instead. */
  readonly tools: AskedTools;
  readonly links: () => readonly LinkView[];
  /** The rings of the machine that there is now; none of an SMSC. */
  readonly sights: () => readonly RingSight[];
  /** An input as it is written down, where it has secrets in it; left out, as it is. */
  readonly retell?: (input: Input) => Input;
  readonly clock: Clock;
  readonly log: (event: LogEvent) => void;
}

/** Answers in one entry: each is below a few kilobytes. */
const answersPerEntry = 200;

/** A start that reads more than this part of the limit from its store would push out the rest, and is not recorded. */
const partForAStart = 16;

/** Links and digests are looked at no more often. */
const lookEveryMs = 1_000;

type Output = { readonly type: string };
type Input = { readonly type: string };

export class Recorder implements Witness<Input, Output> {
  readonly #options: RecorderOptions;
  readonly #answers: AnswersNoted;
  readonly #file: RecordingFile;
  /** Undefined where everything is kept. */
  readonly #retelling: Retelling | undefined;
  #mirror: LaneMirror | undefined;
  #lookedAt = 0;
  #hasMoved = false;
  #linkTold = '';

  constructor(options: RecorderOptions) {
    this.#options = options;
    this.#answers = new AnswersNoted(options.tools, options.limitBytes / partForAStart);
    const { stateDir, limitBytes, keepMs, clock, log, privacy = 'full', tools } = options;
    this.#retelling = privacy === 'full' ? undefined : new Retelling(discretionOf(privacy, tools));
    this.#file = new RecordingFile({ stateDir, limitBytes, keepMs, clock, log, opening: () => this.#opening() });
  }

  /** Entries that were not kept, since it began. */
  get dropped(): number {
    return this.#file.droppedInAll;
  }

  /** What the machine is made with. */
  get tools(): AskedTools {
    return this.#retelling === undefined ? this.#answers.tools : this.#options.tools;
  }

  /**
   * Makes a machine, the first or one in place of one that failed: a replay begins here.
   *
   * @param notes see `BufferTools`; left out by a role that has none
   */
  life<Machine>(make: () => Machine, notes?: SlotNotes): Machine {
    const { role, smscIds, settings, identity, tools, clock, log } = this.#options;
    const isFirst = this.#mirror === undefined;
    const retelling = this.#retelling;
    this.#mirror = new LaneMirror(smscIds, role, retelling && ((bytes) => retelling.message(bytes)));
    this.#mirror.recover(tools.store);
    const at = clock();
    const noted =
      notes === undefined ? null : [...notes].map(([slot, note]): PlainValue => [slot, slotNoteToValue(note)]);
    const known = identity?.toValue() ?? null;
    this.#answers.take();
    const machine = make();
    const answers = this.#answers.take();
    // A new file has them already.
    if (!isFirst) for (const rings of this.#rings()) this.#add(rings, at, 1_000);
    if (typeof answers === 'number') {
      this.#add([entryKind.gap, at, answers], at, 16);
      log(logEvent('warn', 'recording.start-too-large', { answers, limitBytes: this.#options.limitBytes }));
      return machine;
    }
    if (retelling !== undefined) {
      this.#add([entryKind.life, at, null, null, null], at, 16);
      return machine;
    }
    this.#add([entryKind.life, at, toPlain(settings), known, noted], at, 1_000);
    for (let first = 0; first < answers.length; first += answersPerEntry) {
      const some = answers.slice(first, first + answersPerEntry);
      this.#add(
        [entryKind.asked, at, ...some],
        at,
        some.reduce<number>((sum, one) => sum + sizeOf(one), 0),
      );
    }
    return machine;
  }

  handled(input: Input, now: Instant, outputs: readonly Output[]): void {
    const mirror = this.#mirror;
    if (mirror === undefined) return;
    let events: PlainValue[] | undefined;
    for (const output of outputs) {
      if (isPersist(output)) mirror.persisted(output.records);
      else if (isNoted(output)) mirror.noted(output);
      else if (isLog(output)) {
        events ??= [];
        events.push([output.level, output.event, this.#retelling?.fields(output.fields) ?? toPlain(output.fields)]);
      }
    }
    const moves = mirror.takeMoves();
    if (moves.length > 0) this.#hasMoved = true;
    const answers = this.#takeAnswers(now);
    const said = this.#retelling === undefined ? saidNumber(outputs) : 0;
    const entry: PlainValue[] = [entryKind.input, now, this.#formOf(input), said];
    if (moves.length > 0 || answers.length > 0 || events !== undefined) entry.push(moves);
    if (answers.length > 0 || events !== undefined) entry.push(answers);
    if (events !== undefined) entry.push(events);
    const size = 32 * (moves.length + 1) + (answers.length > 0 ? sizeOf(answers) : 0);
    this.#add(entry, now, size + sizeOfInput(input));
    if (this.#retelling !== undefined) this.#retellSent(outputs, now, this.#retelling);
    if (now - this.#lookedAt < lookEveryMs) return;
    this.#lookedAt = now;
    this.#lookAtLinks(now);
    this.#lookAtRings(now);
  }

  failed(input: Input, now: Instant, error: unknown): void {
    const text = error instanceof Error ? error.message : String(error);
    const statement = this.#retelling?.statement(text) ?? text;
    this.#add([entryKind.bug, now, this.#formOf(input), statement, this.#takeAnswers(now)], now, 1_000);
    this.#file.flushNow();
  }

  /** The role ended in order. */
  async close(): Promise<void> {
    const at = this.#options.clock();
    this.#lookAtRings(at);
    this.#add([entryKind.end, at, 'drained'], at, 16);
    await this.#file.close();
  }

  #formOf(input: Input): PlainValue {
    const told = this.#options.retell?.(input) ?? input;
    return inputForm(this.#retelling?.input(told) ?? told);
  }

  /** What a replay would say again; but of this there is none. */
  #retellSent(outputs: readonly Output[], now: Instant, retelling: Retelling): void {
    for (const output of outputs) {
      if (!isWrite(output)) continue;
      const bytes = retelling.packet(output.bytes);
      if (bytes.length > 0) this.#add([entryKind.sent, now, output.connection, bytes], now, bytes.length + 16);
    }
  }

  #opening(): readonly (readonly PlainValue[])[] {
    const { role, smscIds } = this.#options;
    return [[entryKind.whose, 0, role, ownVersion(), smscIds, this.#options.privacy ?? 'full'], ...this.#rings()];
  }

  #rings(): PlainValue[][] {
    return (this.#mirror?.rings() ?? []).map((lane) => [entryKind.rings, 0, ...lane]);
  }

  /** No input asks for as much as that; if one did, what follows could not be played. */
  #takeAnswers(at: Instant): readonly PlainValue[] {
    const answers = this.#answers.take();
    if (typeof answers !== 'number') return answers;
    this.#add([entryKind.gap, at, answers], at, 16);
    return [];
  }

  #add(entry: PlainValue[], at: number, sizeBytes: number): void {
    this.#file.add(entry, at, sizeBytes);
  }

  /** Costs as much as the ring is large, so not with every move; between two looks moves are compared. */
  #lookAtRings(now: Instant): void {
    if (!this.#hasMoved || this.#retelling !== undefined) return;
    this.#hasMoved = false;
    const numbers = digestNumbers(this.#options.sights());
    if (numbers.length > 0) this.#add([entryKind.digest, now, ...numbers], now, 16 + 5 * numbers.length);
  }

  #lookAtLinks(now: Instant): void {
    const links = this.#options.links();
    const told = links.map(({ state, rttMs }) => `${state} ${rttMs}`).join();
    if (told === this.#linkTold) return;
    this.#linkTold = told;
    for (const { smscId, state, rttMs } of links) {
      this.#add([entryKind.link, now, this.#options.smscIds.indexOf(smscId), state, rttMs ?? null], now, 32);
    }
  }
}

function isPersist(output: Output): output is Persist {
  return output.type === 'persist';
}

function isNoted(output: Output): output is Noted {
  return output.type === 'note';
}

/** Bytes to the SMSC, or of an SMSC to its clients. */
function isWrite(output: Output): output is Output & { readonly connection: number; readonly bytes: Uint8Array } {
  return output.type === 'smsc-write' || output.type === 'write';
}

function isLog(output: Output): output is LogEvent {
  return output.type === 'log';
}

function sizeOfInput(input: Input): number {
  return 'bytes' in input && input.bytes instanceof Uint8Array ? input.bytes.length : input.type === 'tick' ? 8 : 512;
}
