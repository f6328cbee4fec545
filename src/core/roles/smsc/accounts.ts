/**
 * Who may log in, how often, and what each account waits for. Logins that are refused say why by their error code.
 * Source: docs/reference/cimd2.md sections 2.8, 5.1 and 6.3.
 */
import { type Packet, parameterOf } from '../../codec/packet.ts';
import { parseInteger } from '../../codec/parameter-value.ts';
import { validateParameters } from '../../codec/validate.ts';
import { Backlog } from './backlog.ts';
import { numberOf } from './handsets.ts';
import type { Account } from './settings.ts';

/** An account and what belongs to it while the process runs. */
export interface LiveAccount {
  readonly settings: Account;
  /** Begins as configured; Set (08) changes it until the end of the process. */
  password: string;
  readonly backlog: Backlog;
}

export type LoginVerdict =
  | { readonly type: 'granted'; readonly account: LiveAccount; readonly subaddress: string | undefined }
  /** `errorCode`: 900. */
  | { readonly type: 'refused'; readonly errorCode: number };

export class Accounts {
  readonly #byUser: ReadonlyMap<string, LiveAccount>;

  constructor(accounts: readonly Account[]) {
    this.#byUser = new Map(
      accounts.map((settings) => [settings.user, { settings, password: settings.password, backlog: new Backlog() }]),
    );
  }

  list(): Iterable<LiveAccount> {
    return this.#byUser.values();
  }

  get(user: string): LiveAccount | undefined {
    return this.#byUser.get(user);
  }

  /** @param sessionsOf how many sessions of that account are bound now */
  judgeLogin(packet: Packet, sessionsOf: (account: LiveAccount) => number): LoginVerdict {
    const problem = validateParameters(packet, 'request')[0];
    if (problem !== undefined) return { type: 'refused', errorCode: problem.errorCode };
    const account = this.#byUser.get(parameterOf(packet, 10) ?? '');
    if (account === undefined || account.password !== parameterOf(packet, 11))
      return { type: 'refused', errorCode: 100 };
    const window = parameterOf(packet, 19) ?? '';
    if (window !== '') {
      const { maxWindow } = account.settings;
      if (maxWindow === 1) return { type: 'refused', errorCode: 105 };
      if ((parseInteger(window) ?? 0) > maxWindow) return { type: 'refused', errorCode: 104 };
    }
    if (sessionsOf(account) >= account.settings.maxSessions) return { type: 'refused', errorCode: 102 };
    const subaddress = parameterOf(packet, 12) ?? '';
    return { type: 'granted', account, subaddress: subaddress === '' ? undefined : subaddress };
  }

  /** Whose number that is: the longest service number that it begins with. */
  ownerOf(number: string): LiveAccount | undefined {
    const digits = numberOf(number);
    let owner: LiveAccount | undefined;
    for (const account of this.#byUser.values()) {
      const own = numberOf(account.settings.number);
      if (digits.startsWith(own) && own.length > numberOf(owner?.settings.number ?? '').length) owner = account;
    }
    return owner;
  }
}
