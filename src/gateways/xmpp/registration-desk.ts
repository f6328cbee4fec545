/**
 * Carries out registrations, whichever way they were asked for: by form (`registration.ts`) or by command
 * (`commands.ts`). The answer to one that was granted waits until all that it wrote is on disk.
 */
import { randomUUID } from 'node:crypto';
import { assertNever } from '../../core/base/invariant.ts';
import { type LogEvent, logEvent } from '../../core/base/log-event.ts';
import type { Logins } from '../web/logins.ts';
import type { Account, Accounts } from './accounts.ts';
import { answerCommandQuery, commandEnd, commandForm, readCommand } from './commands.ts';
import { bareOf, type Jid } from './jid.ts';
import type { StanzaError } from './outgoing.ts';
import { errorToQuery, resultStanza } from './queries.ts';
import { tooMany, unknownAccount } from './refusals.ts';
import { type Claim, checkPassword, queryFor, readRegistration } from './registration.ts';
import { type Element, stanza } from './xml.ts';

export interface RegistrationDeskOptions {
  readonly domain: string;
  readonly accounts: Accounts;
  readonly logins: Logins;
  readonly send: (stanzas: readonly Element[]) => void;
  /** The account is to be told what is new, from here on. */
  readonly attach: (account: Account) => void;
  /** No more, as this user. */
  readonly detach: (account: Account) => void;
  /** The account is nobody's any more. */
  readonly ended: (account: Account) => void;
  readonly log: (event: LogEvent) => void;
}

/** How somebody who asked is told: a form is answered with nothing, a command with its next or last step. */
interface Manner {
  readonly granted: (user: string) => readonly Element[];
  /** Undefined: as an error of the stanza. */
  readonly wrongPassword: ((words: string) => readonly Element[]) | undefined;
}

export class RegistrationDesk {
  readonly #options: RegistrationDeskOptions;
  /** Answers that wait for the disk, by address. */
  readonly #granted = new Map<string, Element>();
  #state: 'open' | 'closed' = 'open';

  constructor(options: RegistrationDeskOptions) {
    this.#options = options;
  }

  close(): void {
    this.#state = 'closed';
  }

  /** @param iq to the gateway itself @returns whether it was about registration; then it is answered */
  take(iq: Element, from: Jid): boolean {
    const account = this.#options.accounts.of(from);
    const listed = answerCommandQuery(iq, this.#options.domain, account);
    if (listed !== undefined) this.#answer(iq, [listed]);
    return listed !== undefined || this.#takeForm(iq, from, account) || this.#takeCommand(iq, from, account);
  }

  /** Everything that its registration wrote is on disk. */
  attached(account: Account): void {
    const answer = this.#granted.get(account.jid);
    if (answer === undefined) return;
    this.#granted.delete(account.jid);
    this.#options.log(logEvent('info', 'xmpp.registered', { user: account.user }));
    this.#options.send([answer]);
  }

  /** The account is nobody's any more. */
  end(account: Account): void {
    this.#options.detach(account);
    this.#options.accounts.end(account);
    this.#options.ended(account);
    this.#options.log(logEvent('info', 'xmpp.unregistered', { user: account.user }));
  }

  #takeForm(iq: Element, from: Jid, account: Account | undefined): boolean {
    const request = readRegistration(iq);
    if (request === undefined) return false;
    if (request.type === 'form') this.#answer(iq, [queryFor(account)]);
    else if (request.type === 'refused') this.#refuse(iq, request.error);
    else if (request.type === 'remove') this.#remove(iq, account, []);
    else this.#register(iq, from, request, { granted: () => [], wrongPassword: undefined });
    return true;
  }

  #takeCommand(iq: Element, from: Jid, account: Account | undefined): boolean {
    const request = readCommand(iq, randomUUID());
    if (request === undefined) return false;
    if (request.type === 'refused') this.#refuse(iq, request.error);
    else this.#runCommand(iq, from, account, request);
    return true;
  }

  #runCommand(
    iq: Element,
    from: Jid,
    account: Account | undefined,
    request: Exclude<ReturnType<typeof readCommand>, undefined | { type: 'refused' }>,
  ): void {
    const { run } = request;
    const done = (words: string) => [commandEnd(run, 'completed', words)];
    switch (request.type) {
      case 'cancel':
        return this.#answer(iq, [commandEnd(run, 'canceled', '')]);
      case 'form':
        if (isSettled(account)) return this.#refuse(iq, notRegistered);
        return this.#answer(iq, [commandForm(run, account)]);
      case 'remove':
        return this.#remove(iq, account, done('The registration has ended.'));
      case 'register':
        return this.#register(iq, from, request, {
          granted: (user) => done(`Messages for ${user} come to this account now.`),
          wrongPassword: (words) => [commandForm(run, account, { name: request.name, words })],
        });
      default:
        assertNever(request);
    }
  }

  #register(iq: Element, from: Jid, claim: Claim, manner: Manner): void {
    const { accounts, logins } = this.#options;
    if (isSettled(accounts.of(from))) return this.#refuse(iq, notRegistered);
    void checkPassword(logins, claim, bareOf(from)).then((checked) => {
      if (this.#state === 'closed') return;
      if ('user' in checked) this.#welcome(iq, from, checked.user, manner);
      else if (checked.error.condition === 'not-authorized' && manner.wrongPassword !== undefined) {
        this.#answer(iq, manner.wrongPassword(checked.error.words));
      } else this.#refuse(iq, checked.error);
    });
  }

  /** The password was right. Who registers once more as the same user loses nothing that is on its way. */
  #welcome(iq: Element, from: Jid, user: string, manner: Manner): void {
    const { accounts, attach, detach, domain, send } = this.#options;
    const before = accounts.of(from);
    if (isSettled(before)) return this.#refuse(iq, notRegistered);
    if (before?.user === user) return this.#answer(iq, manner.granted(user));
    const account = accounts.register(from, user);
    if (account === undefined) return this.#refuse(iq, tooMany);
    if (before !== undefined) detach(before);
    this.#granted.set(account.jid, resultStanza(iq, manner.granted(user)));
    attach(account);
    send([stanza('presence', { from: domain, to: account.jid })]);
  }

  #remove(iq: Element, account: Account | undefined, payload: readonly Element[]): void {
    if (account === undefined) return this.#refuse(iq, unknownAccount);
    if (isSettled(account)) return this.#refuse(iq, notRegistered);
    this.end(account);
    this.#answer(iq, payload);
  }

  #answer(iq: Element, payload: readonly Element[]): void {
    this.#options.send([resultStanza(iq, payload)]);
  }

  #refuse(iq: Element, error: StanzaError): void {
    this.#options.send([errorToQuery(iq, error)]);
  }
}

/** The operator says whose it is. */
function isSettled(account: Account | undefined): boolean {
  return account !== undefined && account.origin !== 'registered';
}

const notRegistered: StanzaError = {
  type: 'cancel',
  condition: 'not-allowed',
  words: 'Whose this account is was settled by the operator.',
};
