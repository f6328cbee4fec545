/**
 * Which users are at one of their clients just now, and which numbers are out of reach, for those who write to them. A client
 * names the people it shows and is told when one of them comes or goes. Nobody learns it of somebody by whom they are blocked.
 */
import { isNumber } from '../../core/im/address.ts';
import type { LinksEvent } from '../../core/im/exchange-io.ts';
import type { UserPresence } from '../../core/im/presence-book.ts';
import { changedWays, reachOf, type SmscWays, smscWaysOf } from '../../core/im/reach.ts';

/** People that one client may ask about; the rest of a longer list is passed over. */
export const shownPeopleLimit = 500;

export interface PresenceWatcher {
  readonly user: string | undefined;
  tellPeople(people: ShownPeople): void;
}

export interface ShownPeople {
  /** Of the users that a client shows those who are here. */
  readonly connected: readonly string[];
  /** And those who are connected, and not at their client. */
  readonly away: readonly string[];
  /** Of the numbers that it shows those with which something is out of order. */
  readonly numbers: readonly ShownNumber[];
}

export interface ShownNumber {
  readonly number: string;
  /** `available`: what is out of order hinders nobody for long. */
  readonly state: 'available' | 'away';
  /** A sentence for people. */
  readonly words: string;
}

export interface PresenceOptions {
  /** As `ImWorld.presenceOf`. */
  readonly presenceOf: (user: string) => UserPresence;
  /** Whether that user lets this one see it. */
  readonly isOpenTo: (shown: string, user: string) => boolean;
  /** As `ImWorld.smscsFor`. */
  readonly smscsFor: (number: string, user: string) => readonly string[];
}

interface Shown {
  readonly names: ReadonlySet<string>;
  /** What it was told last, as JSON; undefined: nothing yet. */
  told: string | undefined;
}

export class Presence {
  readonly #options: PresenceOptions;
  readonly #shown = new Map<PresenceWatcher, Shown>();
  #ways: SmscWays = new Map();

  constructor(options: PresenceOptions) {
    this.#options = options;
  }

  /** From now on that client shows these; it is told at once. */
  show(watcher: PresenceWatcher, names: readonly string[]): void {
    const shown: Shown = { names: new Set(names.slice(0, shownPeopleLimit)), told: undefined };
    this.#shown.set(watcher, shown);
    this.#tell(watcher, shown);
  }

  forget(watcher: PresenceWatcher): void {
    this.#shown.delete(watcher);
  }

  /** A user came, went, or is away. */
  changed(user: string): void {
    for (const [watcher, shown] of this.#shown) if (shown.names.has(user)) this.#tell(watcher, shown);
  }

  linksChanged(event: LinksEvent): void {
    const ways = smscWaysOf(event);
    const changed = changedWays(this.#ways, ways);
    this.#ways = ways;
    if (changed.length === 0) return;
    for (const [watcher, shown] of this.#shown) this.#tell(watcher, shown);
  }

  #tell(watcher: PresenceWatcher, shown: Shown): void {
    const { user } = watcher;
    if (user === undefined) return;
    const { presenceOf, isOpenTo } = this.#options;
    const those = (presence: UserPresence) =>
      [...shown.names].filter((name) => presenceOf(name) === presence && isOpenTo(name, user));
    const people: ShownPeople = {
      connected: those('here'),
      away: those('away'),
      numbers: [...shown.names].filter(isNumber).flatMap((number) => this.#numberOf(number, user)),
    };
    const told = JSON.stringify(people);
    if (told === shown.told) return;
    shown.told = told;
    watcher.tellPeople(people);
  }

  #numberOf(number: string, user: string): readonly ShownNumber[] {
    const { type, words } = reachOf(this.#options.smscsFor(number, user), this.#ways);
    return words === '' ? [] : [{ number, state: type, words }];
  }
}
