/**
 * Which users are at one of their clients just now, as the gateways tell of them. A client that was lost goes on counting as it
 * said for a few seconds, because most are back by then: a page that is loaded anew, a connection that broke. Not kept: after
 * a start nobody is here, and whoever is tells so again.
 */
import { earliest, type Machine } from '../base/machine.ts';
import { type Instant, later } from '../base/time.ts';
import type { ClientRef } from './exchange-io.ts';

/** `away`: connected, and their client says that they are not at it. `gone`: no client of theirs tells that they are here. */
export type UserPresence = (typeof userPresences)[number];
export const userPresences = ['here', 'away', 'gone'] as const;

/** What is told of one client. `lost`: it ended without a word, and may come back; one that is left in order is `gone`. */
export type ToldPresence = UserPresence | 'lost';

export type PresenceInput =
  | { readonly type: 'told'; readonly client: ClientRef; readonly user: string; readonly presence: ToldPresence }
  | { readonly type: 'tick' };

/** It is otherwise with that user than before. */
export interface PresenceOutput {
  readonly type: 'presence-changed';
  readonly user: string;
}

type Shown = Exclude<UserPresence, 'gone'>;

/** Milliseconds that a client that was lost goes on counting: a page is loaded anew in one or two seconds, also by a slow line. */
export const lostCountsMs = 5_000;

export class PresenceBook implements Machine<PresenceInput, PresenceOutput> {
  /** By user; of each at least one client. */
  readonly #users = new Map<string, Map<ClientRef, Shown>>();
  /** By user, until when a client that was lost counts as this; those that end first come first. One each, however many are lost. */
  readonly #lost: Readonly<Record<Shown, Map<string, Instant>>> = { here: new Map(), away: new Map() };

  /** The best that a client of that user says. */
  of(user: string): UserPresence {
    const clients = this.#users.get(user);
    if (this.#lost.here.has(user)) return 'here';
    for (const presence of clients?.values() ?? []) if (presence === 'here') return 'here';
    return clients !== undefined || this.#lost.away.has(user) ? 'away' : 'gone';
  }

  handle(input: PresenceInput, now: Instant): readonly PresenceOutput[] {
    const touched = new Set(Object.values(this.#lost).flatMap((lost) => [...dueIn(lost, now)]));
    if (input.type === 'told') touched.add(input.user);
    const before = [...touched].map((user) => [user, this.of(user)] as const);
    for (const lost of Object.values(this.#lost)) for (const user of dueIn(lost, now)) lost.delete(user);
    if (input.type === 'told') this.#tell(input, now);
    const changed = before.filter(([user, presence]) => this.of(user) !== presence);
    return changed.map(([user]) => ({ type: 'presence-changed', user }));
  }

  deadline(): Instant | undefined {
    return earliest(...Object.values(this.#lost).map((lost) => lost.values().next().value));
  }

  #tell({ client, user, presence }: Extract<PresenceInput, { type: 'told' }>, now: Instant): void {
    const clients = this.#users.get(user) ?? new Map<ClientRef, Shown>();
    const said = clients.get(client);
    if (presence === 'gone' || presence === 'lost') clients.delete(client);
    else clients.set(client, presence);
    if (clients.size === 0) this.#users.delete(user);
    else this.#users.set(user, clients);
    if (presence !== 'lost' || said === undefined) return;
    const lost = this.#lost[said];
    // Behind all others: it counts the longest.
    lost.delete(user);
    lost.set(user, later(now, lostCountsMs));
  }
}

/** @returns undefined for anything that is none */
export function parseUserPresence(value: unknown): UserPresence | undefined {
  return userPresences.find((known) => known === value);
}

function* dueIn(lost: ReadonlyMap<string, Instant>, now: Instant): Iterable<string> {
  for (const [user, until] of lost) {
    if (until > now) return;
    yield user;
  }
}
