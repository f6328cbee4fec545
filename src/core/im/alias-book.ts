/**
 * Addresses that users have in other networks (`alice@example.org`), as a gateway told them: whoever writes to such an
 * address means the user. Not how the user logs in there; that is the gateway's affair.
 */
import type { ExchangeInput } from './exchange-io.ts';
import { aliasValue, keys } from './records.ts';
import type { Turn } from './turn.ts';

export interface Alias {
  /** As the gateway spells it; lower case. */
  readonly address: string;
  readonly user: string;
  readonly gateway: string;
}

export class AliasBook {
  readonly #aliases = new Map<string, Alias>();

  restore(alias: Alias): void {
    this.#aliases.set(alias.address, alias);
  }

  change(input: Extract<ExchangeInput, { type: 'alias' }>, turn: Turn): void {
    const { address, user, gateway } = input;
    if (user === undefined) {
      this.#aliases.delete(address);
      turn.delete(keys.alias(address));
    } else {
      this.restore({ address, user, gateway });
      turn.put(keys.alias(address), aliasValue({ address, user, gateway }));
    }
  }

  /** @param typed as somebody wrote it @returns the name of the user it belongs to */
  userOf(typed: string): string | undefined {
    return this.#aliases.get(typed.trim().toLowerCase())?.user;
  }

  /** The user was removed. */
  forget(user: string, turn: Turn): void {
    for (const alias of [...this.#aliases.values()]) {
      if (alias.user === user) this.change({ type: 'alias', ...alias, user: undefined }, turn);
    }
  }
}
