/**
 * Which users have a page or a terminal open just now, for those who write to them. A client names the people it shows and
 * is told when one of them comes or goes. Nobody learns it of somebody by whom they are blocked; who writes from XMPP is not
 * counted, since their own server tells that.
 */

/** People that one client may ask about; the rest of a longer list is passed over. */
export const shownPeopleLimit = 500;

export interface PresenceWatcher {
  readonly user: string | undefined;
  tellPeople(connected: readonly string[]): void;
}

export interface PresenceOptions {
  readonly watchers: () => Iterable<PresenceWatcher>;
  /** Whether that user lets this one see it. */
  readonly isOpenTo: (shown: string, user: string) => boolean;
}

interface Shown {
  readonly names: ReadonlySet<string>;
  /** What it was told last, joined; undefined: nothing yet. */
  told: string | undefined;
}

export class Presence {
  readonly #options: PresenceOptions;
  readonly #shown = new Map<PresenceWatcher, Shown>();

  constructor(options: PresenceOptions) {
    this.#options = options;
  }

  /** From now on that client shows these; it is told at once. */
  show(watcher: PresenceWatcher, names: readonly string[]): void {
    const shown: Shown = { names: new Set(names.slice(0, shownPeopleLimit)), told: undefined };
    this.#shown.set(watcher, shown);
    this.#tell(watcher, shown, this.#connected());
  }

  forget(watcher: PresenceWatcher): void {
    this.#shown.delete(watcher);
  }

  /** A client of that user came or went. */
  changed(user: string): void {
    const connected = this.#connected();
    for (const [watcher, shown] of this.#shown) if (shown.names.has(user)) this.#tell(watcher, shown, connected);
  }

  #connected(): ReadonlySet<string> {
    const names = new Set<string>();
    for (const { user } of this.#options.watchers()) if (user !== undefined) names.add(user);
    return names;
  }

  #tell(watcher: PresenceWatcher, shown: Shown, connected: ReadonlySet<string>): void {
    const { user } = watcher;
    if (user === undefined) return;
    const names = [...shown.names].filter((name) => connected.has(name) && this.#options.isOpenTo(name, user));
    const told = names.join(' ');
    if (told === shown.told) return;
    shown.told = told;
    watcher.tellPeople(names);
  }
}
