/**
 * What can be seen of a world while it runs: texts and steps as its users' terminals get them, what its handsets receive,
 * the link and both rings, looked at several times a second. It changes nothing in that world.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { OperatorError } from '../../core/base/errors.ts';
import type { TextView } from '../../core/im/text.ts';
import type { SmscEvent } from '../../core/roles/smsc/smsc-io.ts';
import { callControl, streamControl } from '../../shell/control-client.ts';
import type { ImpairCounts } from '../../shell/impair.ts';
import type { ImClient } from '../im/im-client.ts';
import { type LanePair, pairRings } from '../ring/ring-pairs.ts';
import { readAllRings } from '../ring/ring-source.ts';
import { signIn } from './signed-in.ts';
import type { DemoView, HandsetLine, MessageLine } from './view.ts';
import type { World } from './world.ts';

export interface WatchOptions {
  readonly world: World;
  /** Numbers whose inboxes are shown from the start; others appear when something comes. */
  readonly handsets: readonly string[];
  /** Something is new: a message or a step of one. */
  readonly onMessage: (line: MessageLine) => void;
}

const lookMs = 200;
/** Messages remembered, to be shown. */
const messageLimit = 200;
const handsetLimit = 2;

export class Watch {
  readonly #options: WatchOptions;
  readonly #clients = new Map<string, ImClient>();
  readonly #messages = new Map<string, MessageLine>();
  readonly #handsets = new Map<string, HandsetLine>();
  readonly #stopped = new AbortController();
  #seen: Pick<DemoView, 'link' | 'cuts' | 'lanes'> = { link: undefined, cuts: undefined, lanes: [] };

  constructor(options: WatchOptions) {
    this.#options = options;
    for (const number of options.handsets) this.#handsets.set(number, { number, received: 0, last: '' });
  }

  get now(): Omit<DemoView, 'invitation'> {
    return { ...this.#seen, messages: [...this.#messages.values()], handsets: [...this.#handsets.values()] };
  }

  /** Resolves when the users are logged in; then it goes on by itself until {@link stop}. */
  async start(onBug: (error: unknown) => void): Promise<void> {
    const { world } = this.#options;
    await Promise.all(world.users.map(({ name, password }) => this.#openClient(world.imUrl, name, password)));
    this.#keepLooking().catch(onBug);
    this.#listenToHandsets().catch(onBug);
  }

  /** Hands a text in as that user's terminal would. */
  submit(user: string, cid: string, to: string, text: string): void {
    this.#clients.get(user)?.submit(cid, to, text);
  }

  stop(): void {
    this.#stopped.abort();
    for (const client of this.#clients.values()) client.close();
  }

  #openClient(url: URL, user: string, password: string): Promise<void> {
    const { client, ready } = signIn({ url, user, password }, { text: (text) => this.#tell(user, text) });
    this.#clients.set(user, client);
    return ready;
  }

  #tell(user: string, text: TextView): void {
    const key = `${user} ${text.id}`;
    const line = messageLine(user, text, Date.now(), this.#messages.get(key)?.time);
    this.#messages.set(key, line);
    for (const oldest of this.#messages.keys()) {
      if (this.#messages.size <= messageLimit) break;
      this.#messages.delete(oldest);
    }
    this.#options.onMessage(line);
  }

  async #keepLooking(): Promise<void> {
    const { dirs } = this.#options.world;
    while (!this.#stopped.signal.aborted) {
      try {
        const [read, cuts] = await Promise.all([
          readAllRings([dirs.buffer, dirs.imServer]),
          callControl(dirs.link, 'GET /counts'),
        ]);
        const [rings] = pairRings(read.rings, read.links, { smscId: undefined, side: 'both', lane: undefined });
        const lanes: readonly LanePair[] = rings?.lanes ?? [];
        // Our own process, of this very version.
        this.#seen = { link: rings?.link, cuts: cuts as ImpairCounts, lanes };
      } catch (error) {
        // A role that is being ended, or that somebody killed to see what happens: it shows as it was.
        if (!(error instanceof OperatorError)) throw error;
      }
      await delay(lookMs, undefined, { signal: this.#stopped.signal }).catch(() => undefined);
    }
  }

  async #listenToHandsets(): Promise<void> {
    try {
      for await (const value of streamControl(this.#options.world.dirs.smsc, 'GET /events')) {
        // Our own process, of this very version.
        const event = value as SmscEvent;
        if (this.#stopped.signal.aborted) return;
        if (event.type === 'received') this.#received(event.to, event.text);
      }
    } catch (error) {
      // The stream ends with the SMSC.
      if (!this.#stopped.signal.aborted && !(error instanceof OperatorError)) throw error;
    }
  }

  #received(to: string, text: string): void {
    const known = [...this.#handsets.keys()].find((number) => digits(number) === digits(to)) ?? to;
    const received = (this.#handsets.get(known)?.received ?? 0) + 1;
    if (this.#handsets.has(known) || this.#handsets.size < handsetLimit + 1) {
      this.#handsets.set(known, { number: known, received, last: text });
    }
  }
}

const words: Readonly<Record<TextView['step'], Pick<MessageLine, 'step' | 'mood'>>> = {
  stored: { step: 'stored', mood: 'waiting' },
  accepted: { step: 'at the SMSC', mood: 'waiting' },
  delivered: { step: 'on the handset', mood: 'good' },
  failed: { step: 'failed', mood: 'bad' },
  unknown: { step: 'unknown', mood: 'unknown' },
};

/** @param firstSeen the time on the line so far; an incoming text itself only has the SMSC's */
function messageLine(
  user: string,
  { direction, peer, text, at, step, marks }: TextView,
  now: number,
  firstSeen: string | undefined,
): MessageLine {
  const time = firstSeen ?? new Date(now).toTimeString().slice(0, 8);
  const seconds = Math.max(0, (now - at) / 1_000).toFixed(1);
  if (direction === 'in') return { time, from: peer, to: user, text, step: 'arrived', mood: 'good' };
  const { step: said, mood } = words[step];
  const mark = marks.includes('possible-duplicate') ? ', perhaps twice' : '';
  return { time, from: user, to: peer, text, step: `${said}${mark}, ${seconds} s`, mood };
}

function digits(number: string): string {
  return number.replace(/^\+/, '');
}
