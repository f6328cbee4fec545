/**
 * Runs the screen of `ring inspect`: joins what the roles tell, the keys and the clock into inputs, carries out what is
 * asked, and draws. It reads only. What is shown is decided in `take-input.ts` and `screen-view.ts`.
 */
import { OperatorError } from '../../../core/base/errors.ts';
import type { RingView } from '../../../core/store/ring-view.ts';
import { monochromePainter, type Painter } from '../../colour.ts';
import { valueOrThrow } from '../../flags.ts';
import type { Privacy } from '../../mask.ts';
import { letRolesGoFirst } from '../../roles-first.ts';
import { followRings, type LiveDir } from '../live-rings.ts';
import { pairRings, type RingSelection, type SmscRings } from '../ring-pairs.ts';
import { readAllRings } from '../ring-source.ts';
import { type LookBack, lookBack } from './look-back.ts';
import { MessageMemory } from './message-memory.ts';
import { Recordings } from './recordings.ts';
import { type Ask, lacksMessages, type ScreenInput, type ScreenState, startState } from './screen-state.ts';
import { screenLines } from './screen-view.ts';
import { parseQuery } from './slot-query.ts';
import { take } from './take-input.ts';
import { Terminal } from './terminal.ts';

export interface ScreenOptions {
  readonly stateDirs: readonly string[];
  readonly selection: RingSelection;
  readonly privacy: Privacy;
  /** Without colours it is drawn with what such terminals have. */
  readonly paint: Painter;
  readonly beginning: ScreenBeginning;
}

export interface ScreenBeginning {
  /** As they were read, with messages. */
  readonly rings: readonly RingView[];
  /** Where the cursor is; the first if left out. */
  readonly slot: number | undefined;
  /** A filter, as it would be typed. */
  readonly query: string | undefined;
}

/** What came meanwhile is drawn together. */
const drawEveryMs = 100;
/** Ages grow also where nothing happens. */
const clockEveryMs = 1_000;
/** In one line, for which the error has too many words. */
const notRecorded = 'Not recorded: a role that is started with --record 64MiB keeps what happens.';
/** Rings with their messages are asked for so often at most, and only while a shown slot lacks its message. */
const messagesEveryMs = 1_000;

/** Until somebody leaves. @throws OperatorError as `followRings` */
export async function runScreen(options: ScreenOptions): Promise<void> {
  letRolesGoFirst();
  const screen = new RingScreen(options);
  await screen.run();
}

class RingScreen {
  readonly #options: ScreenOptions;
  readonly #paint: Painter;
  readonly #terminal: Terminal;
  readonly #over = new AbortController();
  readonly #dirs = new Map<string, LiveDir>();
  readonly #messages = new MessageMemory();
  readonly #recordings: Recordings;
  #state: ScreenState;
  /** Something came of the rings that `#state` does not show yet. */
  #hasNews = false;
  #drawing: NodeJS.Timeout | undefined;
  #messagesAskedAt = 0;
  #looking: Promise<void> = Promise.resolve();
  /** Ends the screen, and is thrown when the terminal is as it was. */
  #bug: unknown;

  constructor(options: ScreenOptions) {
    this.#options = options;
    const streams = { input: process.stdin, output: process.stdout };
    this.#terminal = new Terminal(streams, {
      onKey: (key) => this.#took({ type: 'key', key }, 'now'),
      onResize: (size) => this.#took({ type: 'resized', size }, 'now'),
      onEnd: () => this.#over.abort(),
    });
    const { beginning, privacy } = options;
    this.#messages.learn(beginning.rings);
    this.#recordings = new Recordings(options.stateDirs, options.selection);
    const query = beginning.query === undefined ? undefined : valueOrThrow(parseQuery(beginning.query));
    const start = startState({ size: this.#terminal.size, now: Date.now(), privacy });
    this.#state = { ...start, query, cursor: { ...start.cursor, slot: beginning.slot ?? 1 } };
    this.#paint = options.paint.isColoured ? options.paint : monochromePainter;
  }

  async run(): Promise<void> {
    this.#terminal.open();
    const clock = setInterval(() => this.#took({ type: 'clock', now: Date.now() }, 'soon'), clockEveryMs);
    try {
      await followRings({
        stateDirs: this.#options.stateDirs,
        signal: this.#over.signal,
        onUpdate: ({ dir }) => {
          this.#dirs.set(dir.stateDir, dir);
          this.#tellRings();
        },
      });
    } finally {
      this.#over.abort();
      clearInterval(clock);
      clearTimeout(this.#drawing);
      this.#terminal.close();
    }
    if (this.#bug !== undefined) throw this.#bug;
  }

  #took(input: ScreenInput, draw: 'now' | 'soon'): void {
    if (this.#over.signal.aborted) return;
    this.#take(input);
    if (draw === 'now') this.#draw();
    else this.#drawSoon();
  }

  #take(input: ScreenInput): void {
    const { state, asks } = take(this.#state, input);
    this.#state = state;
    for (const ask of asks) this.#perform(ask);
    if (lacksMessages(this.#state)) this.#readMessages();
  }

  #drawSoon(): void {
    this.#drawing ??= setTimeout(() => this.#draw(), drawEveryMs);
  }

  #draw(): void {
    clearTimeout(this.#drawing);
    this.#drawing = undefined;
    if (this.#over.signal.aborted) return;
    if (this.#hasNews) this.#takeNews();
    this.#terminal.draw(screenLines(this.#state, this.#paint));
  }

  #perform(ask: Ask): void {
    switch (ask.type) {
      case 'quit':
        return this.#over.abort();
      case 'suspend':
        return this.#terminal.suspend();
      case 'redraw':
        return this.#terminal.redraw();
      case 'read-messages':
        return this.#readMessages();
      case 'go':
      case 'seek':
      case 'read-history':
      case 'find-mover':
        return this.#lookBack(ask);
      default:
        return ask satisfies never;
    }
  }

  #lookBack(ask: LookBack): void {
    // One behind the other: two that read the same files at once would take everything in twice.
    if (this.#state.when.type !== 'past') {
      this.#looking = this.#looking.then(() => this.#readAndLookBack(ask)).catch((error) => this.#failed(error));
      return;
    }
    // At once, so that the next key goes on from there.
    try {
      this.#took(lookBack(this.#recordings, ask, this.#state), 'soon');
    } catch (error) {
      this.#failed(error);
    }
  }

  /** Recordings of running roles grow: what was added is read first. */
  async #readAndLookBack(ask: LookBack): Promise<void> {
    try {
      await this.#recordings.readOn();
    } catch (error) {
      // On the page of a slot the place for it is where its history would be.
      if (!(error instanceof OperatorError) || ask.type !== 'read-history') throw error;
      const lines = error.code === 'RECORDING_MISSING' ? [notRecorded] : [error.message, error.hint];
      this.#took({ type: 'word', word: { type: 'history', of: ask.cursor, lines } }, 'now');
      return;
    }
    this.#took(lookBack(this.#recordings, ask, this.#state), 'now');
  }

  #failed(error: unknown): void {
    if (!(error instanceof OperatorError)) {
      this.#bug = error;
      this.#over.abort();
      return;
    }
    const text = error.code === 'RECORDING_MISSING' ? notRecorded : `${error.message} ${error.hint}`;
    this.#took({ type: 'failed', text }, 'now');
  }

  /** Of all roles at once, and no more often than it is drawn: at full load each of them tells of every slot each time. */
  #takeNews(): void {
    this.#hasNews = false;
    const dirs = [...this.#dirs.values()];
    const rings = dirs.flatMap((dir) => dir.rings.map((ring) => this.#messages.complete(ring)));
    const links = dirs.flatMap((dir) => dir.links);
    const paired: readonly SmscRings[] = pairRings(rings, links, this.#options.selection);
    const sources = dirs.map(({ role, state }) => ({ role, state }));
    this.#take({ type: 'clock', now: Date.now() });
    this.#take({ type: 'rings', rings: paired, sources });
  }

  #tellRings(): void {
    this.#hasNews = true;
    this.#drawSoon();
  }

  /** Of all rings at once: the roles have no smaller answer, and it is asked for seldom. */
  #readMessages(): void {
    const now = Date.now();
    if (now - this.#messagesAskedAt < messagesEveryMs) return;
    this.#messagesAskedAt = now;
    readAllRings(this.#options.stateDirs).then(
      ({ rings }) => {
        this.#messages.learn(rings);
        this.#tellRings();
      },
      (error: unknown) => this.#failed(error),
    );
  }
}
