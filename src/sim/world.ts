/**
 * The whole bridge in one process under virtual time: SMSCs with handsets, buffers, links, the IM server and its people.
 * Nothing here waits; a test says what happens, lets time pass, and looks. The same seed is the same world.
 */
import type { LogEvent } from '../core/base/log-event.ts';
import type { Machine } from '../core/base/machine.ts';
import { type Random, type RandomBytes, seededRandom } from '../core/base/random.ts';
import { type Instant, instant, later } from '../core/base/time.ts';
import type { TextView } from '../core/im/text.ts';
import type { ImServerSettings } from '../core/roles/im-server/im-server-io.ts';
import type { SmscEvent } from '../core/roles/smsc/smsc-io.ts';
import { Agenda } from './agenda.ts';
import type { Happening } from './happening.ts';
import { ImHouse } from './im-house.ts';
import { Site, type SiteOptions } from './site.ts';
import type { WorldMeans, WorldTools } from './world-tools.ts';

export interface WorldOptions {
  /** Default: one, `hel1`. */
  readonly sites?: readonly SiteOptions[];
  readonly imServer?: Partial<Omit<ImServerSettings, 'exchange'>> & {
    readonly exchange?: Partial<ImServerSettings['exchange']>;
  };
  /** One way between buffer and IM server. Default 100. */
  readonly linkDelayMs?: number;
  /** How long a commit takes at most; each takes from half of it to all of it. Default 4. */
  readonly commitMs?: number;
  readonly seed?: number;
  /** Whether log and events of the SMSCs can be asked for later (if left out), or only be watched: for long worlds. */
  readonly records?: 'kept' | 'watched';
  /** Sees all that happens. */
  readonly watch?: (happening: Happening) => void;
}

export interface Said {
  readonly at: Instant;
  readonly who: string;
  readonly event: LogEvent;
}

/** A machine that is due over and over at one instant would burn a processor in the real world. */
const tickLimit = 100;

export class World {
  readonly im: ImHouse;
  readonly log: Said[] = [];
  readonly random: Random;
  readonly #sites: ReadonlyMap<string, Site>;
  readonly #watch: ((happening: Happening) => void) | undefined;
  readonly #agenda = new Agenda();
  #now = instant(1_795_348_800_000);
  #ticked = { at: this.#now, count: 0 };
  #cids = 0;
  #injections = 0;

  constructor(options: WorldOptions, means: WorldMeans) {
    const random = seededRandom(options.seed ?? 1);
    this.random = random;
    this.#watch = options.watch;
    const { linkDelayMs = 100, commitMs = 4, sites = [{ smscId: 'hel1' }], records = 'kept' } = options;
    const randomBytes: RandomBytes = (count) => Uint8Array.from({ length: count }, () => Math.floor(random() * 256));
    const tools: WorldTools = {
      means,
      records,
      agenda: this.#agenda,
      now: () => this.#now,
      random,
      randomBytes,
      commitMs: () => commitMs * (0.5 + random() / 2),
      log: (who, event) => {
        if (records === 'kept') this.log.push({ at: this.#now, who, event });
        this.tell({ type: 'log', who, event });
      },
      tell: (happening) => this.tell(happening),
    };
    const smscIds = sites.map(({ smscId }) => smscId);
    // The exchange's settings that are not given are filled in by the house.
    const imServer = (options.imServer ?? {}) as Partial<ImServerSettings>;
    this.im = new ImHouse(imServer, smscIds, tools, () => linkDelayMs);
    this.#sites = new Map(
      sites.map((site) => [site.smscId, new Site(site, tools, (near, from) => this.im.accept(near, from))]),
    );
  }

  /** Starts everything, lets alice and bob in, and waits until the links are in step. */
  begin(): void {
    this.im.start();
    this.im.addUser('alice', '0001', 'default');
    this.im.addUser('bob', '0002');
    for (const site of this.sites) site.start();
    this.until('all links are up and all sessions ready', () =>
      this.sites.every(({ role }) => role?.link().state === 'up' && role.status().session === 'ready'),
    );
  }

  get now(): Instant {
    return this.#now;
  }

  get sites(): readonly Site[] {
    return [...this.#sites.values()];
  }

  site(smscId = 'hel1'): Site {
    const site = this.#sites.get(smscId);
    if (site === undefined) throw new Error(`no site ${smscId}`);
    return site;
  }

  /** To be seen by whoever watches. */
  tell(happening: Happening): void {
    this.#watch?.(happening);
  }

  // --- what people do ---------------------------------------------------------------------------------------------

  /** A user types a text to a number. @returns the client's id of it */
  send(user: string, to: string, text: string): string {
    this.#cids += 1;
    const cid = `c${this.#cids}`;
    this.im.send(user, to, text, cid);
    return cid;
  }

  /** A handset sends a text. */
  inject(from: string, to: string, text: string, smscId = 'hel1'): void {
    this.#injections += 1;
    this.tell({ type: 'injected', smscId, from, to, text });
    this.site(smscId).smscInput({ type: 'inject', ref: this.#injections, from, to, text });
  }

  // --- what is to be seen -----------------------------------------------------------------------------------------

  /** The conversation as the user sees it, oldest first. */
  talk(user: string, peer: string): readonly TextView[] {
    return this.im.history.history(user, peer, { limit: 10_000 });
  }

  /** Texts on the handset, in the order in which they came. */
  received(number: string, smscId = 'hel1'): readonly string[] {
    const digits = (address: string) => address.replace('+', '');
    const texts = this.eventsOf('received', smscId);
    return texts.filter(({ to }) => digits(to) === digits(number)).map(({ text }) => text);
  }

  eventsOf<T extends SmscEvent['type']>(type: T, smscId = 'hel1'): readonly Extract<SmscEvent, { readonly type: T }>[] {
    return this.site(smscId).smscEvents.filter(
      (event): event is Extract<SmscEvent, { readonly type: T }> => event.type === type,
    );
  }

  logged(event: string): readonly Said[] {
    return this.log.filter((said) => said.event.event === event);
  }

  // --- time -------------------------------------------------------------------------------------------------------

  /** Lets something happen so many milliseconds from now. */
  plan(inMs: number, happen: () => void): void {
    this.#agenda.add(later(this.#now, inMs), happen);
  }

  pass(ms: number): void {
    const end = later(this.#now, ms);
    while (this.#step(end));
    this.#now = end;
  }

  /** Lets time pass until something holds; after so long without it the world is stuck, which is an error. */
  until(what: string, holds: () => boolean, limitMs = 120_000): void {
    const end = later(this.#now, limitMs);
    while (!holds()) {
      if (!this.#step(end)) throw new Error(`not within ${limitMs} ms: ${what}`);
    }
  }

  /** One thing happens. @returns false if nothing more does until then */
  #step(end: Instant): boolean {
    let due: { readonly at: Instant; readonly tick: () => void } | undefined;
    for (const { at, tick } of this.#clocks()) {
      if (at !== undefined && (due === undefined || at < due.at)) due = { at, tick };
    }
    const planned = this.#agenda.nextAt;
    const at = instant(Math.max(this.#now, Math.min(planned ?? Infinity, due?.at ?? Infinity)));
    if (at > end) return false;
    this.#now = at;
    if (planned !== undefined && planned <= at) {
      this.#agenda.take()?.();
    } else {
      this.#ticked = { at, count: this.#ticked.at === at ? this.#ticked.count + 1 : 1 };
      if (this.#ticked.count > tickLimit) throw new Error(`something is due at ${at} over and over`);
      due?.tick();
    }
    return true;
  }

  *#clocks(): Iterable<{ readonly at: Instant | undefined; readonly tick: () => void }> {
    for (const site of this.#sites.values()) {
      const smsc: Machine<never, unknown> = site.smsc;
      yield { at: smsc.deadline(), tick: () => site.smscInput({ type: 'tick' }) };
      yield { at: site.carried?.deadline(), tick: () => site.carried?.tick() };
    }
    yield { at: this.im.carried?.deadline(), tick: () => this.im.carried?.tick() };
  }
}
