/**
 * Who may log in, how often, and what each account waits for. Logins that are refused say why by their error code.
 * Source: docs/reference/cimd2.md sections 2.8, 5.1 and 6.3.
 */
import { type Packet, parameterOf } from '../../codec/packet.ts';
import { parseInteger } from '../../codec/parameter-value.ts';
import { validateParameters } from '../../codec/validate.ts';
import { Backlog } from './backlog.ts';
import { numberOf } from './handset-message.ts';
import { Pace } from './pace.ts';
import { type Refusal, refusal, refusalFor } from './refusal.ts';
import type { Account, Rules } from './settings.ts';

/** An account and what belongs to it while the process runs. */
export interface LiveAccount {
  readonly settings: Account;
  /** Begins as configured; Set (08) changes it until the end of the process. */
  password: string;
  readonly backlog: Backlog;
  readonly pace: Pace;
}

export type LoginVerdict =
  | { readonly type: 'granted'; readonly account: LiveAccount; readonly subaddress: string | undefined }
  | { readonly type: 'refused'; readonly refusal: Refusal };

/** 012 of each session that an account has now; undefined for a session without. */
export type SubaddressesOf = (account: LiveAccount) => readonly (string | undefined)[];

export class Accounts {
  readonly #byUser: ReadonlyMap<string, LiveAccount>;

  constructor(accounts: readonly Account[]) {
    this.#byUser = new Map(accounts.map((settings) => [settings.user, live(settings)]));
  }

  list(): Iterable<LiveAccount> {
    return this.#byUser.values();
  }

  get(user: string): LiveAccount | undefined {
    return this.#byUser.get(user);
  }

  judgeLogin(packet: Packet, subaddressesOf: SubaddressesOf, rules: Rules): LoginVerdict {
    const unknownParameters = rules === 'strict' ? 'refuse' : 'ignore';
    const problem = validateParameters(packet, 'request', { unknownParameters })[0];
    if (problem !== undefined) return { type: 'refused', refusal: refusalFor(problem) };
    const account = this.#byUser.get(parameterOf(packet, 10) ?? '');
    if (account === undefined || account.password !== parameterOf(packet, 11)) {
      return refused(100, 'Unknown user or wrong password.', '6.3');
    }
    const { maxWindow, maxSessions } = account.settings;
    const window = parameterOf(packet, 19) ?? '';
    if (window !== '' && maxWindow === 1) return refused(105, 'This account has no window.', '5.1');
    if ((parseInteger(window) ?? 0) > maxWindow) {
      return refused(104, `This account has a window of ${maxWindow} at most.`, '5.1');
    }
    const subaddresses = subaddressesOf(account);
    if (subaddresses.length >= maxSessions) {
      return refused(102, `This account has ${maxSessions} sessions already.`, '6.3');
    }
    const given = parameterOf(packet, 12) ?? '';
    const subaddress = given === '' ? undefined : String(Number(given));
    // SPEC: section 3.2: the index of an instance is unique. COMPAT: a client may be back before its old session is
    // known to be dead, so a lenient SMSC lets it in.
    if (rules === 'strict' && subaddress !== undefined && subaddresses.includes(subaddress)) {
      return refused(107, `Instance ${subaddress} of this account is logged in already.`, '3.2');
    }
    return { type: 'granted', account, subaddress };
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

function live(settings: Account): LiveAccount {
  return {
    settings,
    password: settings.password,
    backlog: new Backlog(),
    pace: new Pace(settings.ratePerSecond),
  };
}

function refused(errorCode: number, reason: string, section: string): LoginVerdict {
  return { type: 'refused', refusal: refusal(errorCode, reason, section) };
}
