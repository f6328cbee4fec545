/**
 * The connections of a simulated SMSC and who is logged in on them. Turns and numbers are the session machine's
 * (core/handshake), who may log in is for `accounts.ts`; here stands who is there. Source: docs/reference/cimd2.md
 * sections 2.2 and 6.
 */
import { earliest } from '../../base/machine.ts';
import { type Instant, later } from '../../base/time.ts';
import { CimdServerSession } from '../../handshake/server.ts';
import type { ServerInput, ServerOutput, ServerSettings } from '../../handshake/server-io.ts';
import type { LiveAccount } from './accounts.ts';
import type { Journal } from './journal.ts';
import { holdAfterLoginMs, limits } from './settings.ts';
import type { ConnectionId } from './smsc-io.ts';

export interface Connection {
  readonly id: ConnectionId;
  readonly remote: string;
  readonly session: CimdServerSession;
  /** Who is logged in, or who is about to be. */
  login: Login | undefined;
}

export interface Login {
  readonly account: LiveAccount;
  /** 012 */
  readonly subaddress: string | undefined;
  state: 'asked' | 'bound';
  /** Nothing is sent to it before. */
  sendFrom: Instant;
  /** Until the first look after that. */
  isHeld: boolean;
  /** The last item of the backlog that was made before the login: up to it everything comes from the store. */
  readonly storedUpTo: number;
  /** Querying accounts: delivers asked for by 05 and not sent yet. */
  fetches: number;
}

/** What a session gives that somebody else has to deal with. */
export type SessionNews = Extract<ServerOutput, { readonly type: 'request' | 'response' | 'unknown' }>;

export class Sessions {
  readonly #settings: ServerSettings;
  readonly #journal: Journal;
  readonly #connections = new Map<ConnectionId, Connection>();

  constructor(settings: ServerSettings, journal: Journal) {
    this.#settings = settings;
    this.#journal = journal;
  }

  get count(): number {
    return this.#connections.size;
  }

  get boundCount(): number {
    let count = 0;
    for (const { login } of this.#connections.values()) if (login?.state === 'bound') count += 1;
    return count;
  }

  deadline(): Instant | undefined {
    return earliest(...[...this.#connections.values()].map(({ session }) => session.deadline()));
  }

  all(): IterableIterator<Connection> {
    return this.#connections.values();
  }

  /** Undefined: it may have ended here before the shell heard of it. */
  get(id: ConnectionId): Connection | undefined {
    return this.#connections.get(id);
  }

  /** 012 of each session of that account, also of those about to be. */
  subaddressesOf(account: LiveAccount): readonly (string | undefined)[] {
    const subaddresses: (string | undefined)[] = [];
    for (const { login } of this.#connections.values()) {
      if (login?.account === account) subaddresses.push(login.subaddress);
    }
    return subaddresses;
  }

  /** Undefined: there is no room, and the connection is closed. */
  open(id: ConnectionId, remote: string): Connection | undefined {
    const why = this.#whyNotOpened(remote);
    if (why !== undefined) {
      this.refuse(id, why);
      this.#journal.log('warn', 'smsc.connection-refused', { remote: hostOf(remote), reason: why });
      return undefined;
    }
    const connection = { id, remote, session: new CimdServerSession(this.#settings), login: undefined };
    this.#connections.set(id, connection);
    return connection;
  }

  /** One address may not take all the places; a socket of this machine and a serial line have no address. */
  #whyNotOpened(remote: string): string | undefined {
    if (this.#connections.size >= limits.connections) return `already ${limits.connections} connections`;
    const host = hostOf(remote);
    if (host === undefined) return undefined;
    let count = 0;
    for (const other of this.#connections.values()) if (hostOf(other.remote) === host) count += 1;
    const { connectionsPerAddress } = limits;
    return count >= connectionsPerAddress ? `already ${connectionsPerAddress} connections of its address` : undefined;
  }

  refuse(id: ConnectionId, reason: string): void {
    this.#journal.push({ type: 'close', connection: id, how: 'end', reason });
  }

  /** Sends 20 or 23; only while the session has capacity. */
  send(
    connection: Connection,
    request: Omit<Extract<ServerInput, { readonly type: 'request' }>, 'type'>,
    now: Instant,
  ): void {
    for (const output of connection.session.handle({ type: 'request', ...request }, now)) {
      this.note(connection, output, now);
    }
  }

  outputsOf(connection: Connection, input: ServerInput, now: Instant): readonly ServerOutput[] {
    return connection.session.handle(input, now);
  }

  /** @returns what is not the business of sessions */
  note(connection: Connection, output: ServerOutput, now: Instant): SessionNews | undefined {
    switch (output.type) {
      case 'write':
        this.#journal.push({ type: 'write', connection: connection.id, bytes: output.bytes });
        return undefined;
      case 'close':
        this.#journal.push({ type: 'close', connection: connection.id, how: 'end', reason: output.reason });
        return undefined;
      case 'reading':
        this.#journal.push({ type: 'reading', connection: connection.id, flow: output.flow });
        return undefined;
      case 'session':
        if (output.state === 'bound') this.#bound(connection, now);
        else this.#unbound(connection, output.state, output.reason ?? 'logged out', now);
        return undefined;
      case 'log':
        this.#journal.push({ ...output, fields: { ...output.fields, connection: connection.id } });
        return undefined;
      case 'seen':
        return undefined;
      default:
        return output;
    }
  }

  #bound({ login, remote }: Connection, now: Instant): void {
    if (login === undefined) return;
    login.state = 'bound';
    login.sendFrom = later(now, holdAfterLoginMs);
    this.#journal.tally.logins += 1;
    this.#journal.event({
      type: 'session',
      at: now,
      state: 'bound',
      user: login.account.settings.user,
      reason: remote,
    });
  }

  #unbound(connection: Connection, state: 'unbound' | 'closed', reason: string, now: Instant): void {
    const { login } = connection;
    connection.login = undefined;
    if (state === 'closed') this.#connections.delete(connection.id);
    if (login?.state !== 'bound') return;
    this.#journal.event({ type: 'session', at: now, state: 'closed', user: login.account.settings.user, reason });
  }
}

/** Of `HOST:PORT`; undefined for what is no network address. */
function hostOf(remote: string): string | undefined {
  return /^(.+):\d+$/.exec(remote)?.[1];
}
