/**
 * The small port between the exchange and one type of client (web page and terminal, HTTP API, XMPP): what a gateway
 * says it can do, what it does when told, and what it is given. The exchange knows no other difference between clients.
 */
import type { ClientRef, ExchangeInput, ImEvent, LinksEvent, SendResult } from './exchange-io.ts';
import type { ImHistory } from './history.ts';
import type { ToldPresence, UserPresence } from './presence-book.ts';

/** What one type of client can do; others adapt to it, nothing is pretended. */
export interface ClientAbilities {
  /** How far its users can see a text of theirs go, and tell of one they got. */
  readonly receipts: 'none' | 'delivered' | 'displayed';
  readonly presence: 'shown' | 'none';
  /** Who keeps texts for a client that is away: this server, or the client's own. */
  readonly offlineStore: 'here' | 'client';
  /** Characters in one text; undefined where only the exchange's own limit holds. */
  readonly longestText: number | undefined;
  readonly groups: 'yes' | 'no';
  /** Whether the client gives a text the same id when it sends it again. */
  readonly stableIds: 'yes' | 'no';
}

export interface ImGateway {
  /** Beginning of its client references, up to their first colon: `web`. */
  readonly type: string;
  readonly abilities: ClientAbilities;
  /**
   * Hands an event to one client.
   *
   * @returns `accepted` (on its way to the client), `queued` (the client is slow), `refused` (not connected any more;
   *   it finds the event in the history)
   */
  deliver(client: ClientRef, event: ImEvent): 'accepted' | 'queued' | 'refused';
  answer(client: ClientRef, cid: string, result: SendResult): void;
  /** Tells every connected client, and every later one, how the links are. */
  broadcast(event: LinksEvent): void;
  /** A user came, went, or is away: `ImWorld.presenceOf` says. Left out by one that shows nobody's presence. */
  presenceChanged?(user: string): void;
}

/** How a gateway is doing, for whoever asks. */
export interface GatewayState {
  /** What keeps it from serving anybody; undefined where nothing does. */
  readonly problem: { readonly code: string; readonly reason: string; readonly since: number } | undefined;
  /** How much there is of what, in words that `docs/operations.md` lists: `clients`, `users`, `webhooks`. */
  readonly counts: Readonly<Record<string, number>>;
}

/** A gateway as a server runs it. */
export interface StandaloneGateway extends ImGateway {
  /** Left out by one of which there is nothing to tell. */
  state?(): GatewayState;
  /** The exchange is there: it may be told of clients from now on. */
  start(): void;
  /** Takes nothing more in, and says goodbye to its clients; they come back to whoever listens then. */
  close(): void;
}

/**
 * What a gateway may hand in: texts, the coming and going of its clients, and what it has to remember. Inputs reach the
 * disk in the order in which they are given; the event `attached` comes behind everything that was given before.
 */
export type GatewayInput = Extract<
  ExchangeInput,
  { type: 'send' | 'attached' | 'detached' | 'read' | 'note' | 'alias' }
>;

/** What a gateway is given to live on. */
export interface ImWorld {
  input(input: GatewayInput): void;
  /**
   * Whether a mark of what was read is taken: not while too much waits for a disk that refuses. Nothing keeps a client from
   * marking, and unlike texts nobody has to be told that it is kept.
   */
  takesReadMarks(): boolean;
  readonly history: ImHistory;
  /**
   * The SMSCs through which a text of this user to this number may leave, in the order in which they are tried; none where
   * no route leads there. Nothing is changed.
   *
   * @param number digits with at most one leading `+`
   */
  smscsFor(number: string, user: string): readonly string[];
  /** What the clients of all kinds say of this user. Whom a user blocked is not to be told. */
  presenceOf(user: string): UserPresence;
  /**
   * A client says how it is with its user, until it says `gone` or is `lost`; only clients that people sit at do. One that is
   * lost goes on counting for some seconds, see `PresenceBook`.
   */
  tellPresence(client: ClientRef, user: string, presence: ToldPresence): void;
}
