/** The ways out as they are for one sender: the table of routes, the sender's default SMSC, and which SMSCs there are. */
import type { ExchangeSettings, Route } from './exchange-io.ts';
import type { ExchangeMemory } from './exchange-memory.ts';
import { type WayOut, wayTo } from './routing.ts';

export class Ways {
  readonly #memory: ExchangeMemory;
  readonly #smscIds: readonly string[] | undefined;
  readonly #routes: readonly Route[];

  constructor(settings: ExchangeSettings, memory: ExchangeMemory) {
    this.#memory = memory;
    this.#smscIds = settings.smscIds;
    this.#routes = settings.routes
      .filter(({ smscId }) => this.#isThere(smscId))
      .map((route) => ({ ...route, fallback: route.fallback?.filter((smscId) => this.#isThere(smscId)) ?? [] }));
  }

  /** @param user name of the sender; nobody of that name has no default SMSC */
  to(number: string, user: string): WayOut {
    // A user's SMSC may have gone from the settings since it was chosen.
    const wanted = this.#memory.users.get(user)?.smscId;
    return wayTo(number, this.#routes, wanted !== undefined && this.#isThere(wanted) ? wanted : undefined);
  }

  #isThere(smscId: string): boolean {
    return this.#smscIds === undefined || this.#smscIds.includes(smscId);
  }
}
