/**
 * What the exchange takes and gives: the people's side of the bridge, between clients of any type and the rings. No rules:
 * those are in the rooms that `exchange.ts` names. `Persist` has the shape of `core/store`, a neighbour that may not be imported.
 */
import type { Fault } from '../base/errors.ts';
import type { LogEvent } from '../base/log-event.ts';
import type { Instant } from '../base/time.ts';
import type { PlainValue } from '../base/values.ts';
import type { NationalLanguages } from '../codec/national-language.ts';
import type { MessageId, ShortMessage } from '../message/message.ts';
import type { Outcome } from '../ring/outcome.ts';
import type { SlotStatus } from '../ring/status.ts';
import type { UnnumberedConversation } from './conversation-book.ts';
import { defaultServiceWords, defaultUnknownAnswer, type ServiceWords } from './service-words.ts';
import type { Step, StepReason, TextId, TextMark, TextView } from './text.ts';
import type { Scope } from './users.ts';

declare const clientRefBrand: unique symbol;

/** One connected client of one user, named by its gateway (`web:17`); unique while it is attached. */
export type ClientRef = string & { readonly [clientRefBrand]: true };

/** @param text anything unique that its gateway can find the client by */
export function clientRef(text: string): ClientRef {
  return text as ClientRef;
}

/** A text handed in by a client. Its key is (`user`, `cid`): the same pair again is the same text. */
export interface SendRequest {
  readonly client: ClientRef;
  readonly user: string;
  /** 1–64 characters chosen by the client, once per logical send. */
  readonly cid: string;
  /** A phone number or a user's name, as typed. */
  readonly to: string;
  readonly text: string;
}

/**
 * What may be done to the users. Passwords and tokens arrive here only as hashes, made by `gateways/web/password.ts` and
 * `gateways/web/access-token.ts`.
 */
export type UserChange =
  | {
      readonly type: 'add';
      readonly name: string;
      /** Digits behind the service number; undefined for a user without one. */
      readonly suffix: string | undefined;
      readonly passwordHash: string;
      /** Whether this user gets what nobody else is meant by. At most one does; a new one replaces the old. */
      readonly role: 'default' | 'ordinary';
      /** A whole number of the user's own, digits with at most one leading `+`. */
      readonly number?: string | undefined;
      /** Where texts leave that no prefix of the routes fits. */
      readonly smscId?: string | undefined;
      /** Left out: `send` and `read`. */
      readonly scopes?: readonly Scope[] | undefined;
    }
  | { readonly type: 'remove'; readonly name: string }
  | { readonly type: 'password'; readonly name: string; readonly passwordHash: string }
  /** Left out: as it is. Empty texts take away. */
  | {
      readonly type: 'set';
      readonly name: string;
      readonly suffix?: string | undefined;
      readonly number?: string | undefined;
      readonly smscId?: string | undefined;
      readonly role?: 'default' | 'ordinary' | undefined;
      readonly scopes?: readonly Scope[] | undefined;
    }
  /** `address` is a number or a name, as typed. */
  | { readonly type: 'block' | 'unblock'; readonly name: string; readonly address: string }
  | {
      readonly type: 'token-add';
      readonly name: string;
      /** SHA-256 of the token, 64 hex digits. */
      readonly hash: string;
      readonly scopes: readonly Scope[];
      /** At most 64 characters; may be empty. */
      readonly label: string;
      readonly expiresAt: Instant | undefined;
    }
  | { readonly type: 'token-revoke'; readonly name: string; readonly id: string };

/** How long texts are kept that are no longer under way; undefined: for ever. The first that is reached counts. */
export interface KeepSettings {
  readonly forMs: number | undefined;
  /** Of each user. */
  readonly count: number | undefined;
}

/** A text that was kept for long enough. */
export interface ForgottenText {
  readonly id: TextId;
  /** The peer whose conversation ends with it, so that it has none left. */
  readonly lastOf: string | undefined;
  /** All records that go with it. */
  readonly keys: readonly ImRecord['key'][];
}

export type ExchangeInput =
  | {
      readonly type: 'send';
      readonly request: SendRequest;
      /** The text already in the store under (user, cid), by `ImHistory.textOfCid`; undefined if there is none. */
      readonly storedAs: TextView | undefined;
    }
  /** The answer "stored" was carried out: from here on `textOfCid` finds that text in the store. */
  | { readonly type: 'written'; readonly user: string; readonly cid: string }
  /** Out of the mo ring: a text, binary or status report. */
  | {
      readonly type: 'arrived';
      readonly smscId: string;
      readonly message: ShortMessage;
      readonly isRepeated: boolean;
    }
  /** Where a short message that was enqueued here is now. */
  | {
      readonly type: 'moved';
      readonly smscId: string;
      readonly messageId: MessageId;
      readonly status: Extract<SlotStatus, 'placed' | 'mirrored' | 'in-flight' | 'in-doubt'>;
      readonly possibleDuplicate: boolean;
    }
  /** What became of it. Also for one that expired in the outbox. */
  | {
      readonly type: 'outcome';
      readonly smscId: string;
      readonly messageId: MessageId;
      readonly outcome: Outcome;
      readonly possibleDuplicate: boolean;
    }
  /** What `withdraw` took out of the outbox of its SMSC: nobody has it now but the exchange. */
  | { readonly type: 'withdrawn'; readonly smscId: string; readonly textIds: readonly TextId[] }
  | {
      readonly type: 'attached';
      readonly client: ClientRef;
      readonly user: string;
      /** The token it came with, so that revoking that signs it out. */
      readonly tokenId?: string | undefined;
    }
  | { readonly type: 'detached'; readonly client: ClientRef }
  /** The user has read the conversation up to this place; shown on all of the user's clients. */
  | { readonly type: 'read'; readonly user: string; readonly peer: string; readonly order: number }
  /** Something that a gateway remembers for itself over restarts; undefined forgets it. */
  | {
      readonly type: 'note';
      readonly gateway: string;
      readonly key: string;
      readonly value: PlainValue | undefined;
    }
  /** An address of another network (`alice@example.org`) belongs to this user; undefined: to nobody any more. */
  | {
      readonly type: 'alias';
      readonly gateway: string;
      readonly address: string;
      readonly user: string | undefined;
    }
  /** Out of the store with them, by `Retention`. `position`: of the user, on disk when they were found. */
  | {
      readonly type: 'forget';
      readonly user: string;
      readonly position: number;
      readonly texts: readonly ForgottenText[];
    }
  /** Conversations of before there was a list of them, by `ConversationLister`; `rest`: how many there are besides. */
  | {
      readonly type: 'list';
      readonly user: string;
      readonly conversations: readonly UnnumberedConversation[];
      readonly rest: 'more' | 'none';
    }
  /** The link of an SMSC came up or went down. */
  | { readonly type: 'link'; readonly smscId: string; readonly state: 'up' | 'down' }
  /** The session behind a link that is up: how it is, since when. */
  | { readonly type: 'session'; readonly smscId: string; readonly state: 'up' | 'down'; readonly since: Instant }
  /** `ref` comes back in the answer. */
  | { readonly type: 'user'; readonly ref: string; readonly change: UserChange }
  | { readonly type: 'tick' };

/** What became of an arrived short message, for the consumer of the mo ring to end its slot with. */
export type ArrivalResult = 'stored' | 'no-addressee' | 'blocked';

/** One key and its value; undefined deletes. The shape of `StoreRecord` in core/store/record.ts. */
export interface ImRecord {
  readonly key: readonly (string | number)[];
  readonly value: PlainValue | undefined;
}

export type ExchangeOutput =
  | { readonly type: 'persist'; readonly records: readonly ImRecord[] }
  /** Into the outbox of this SMSC, in this order, in the commit of the persist just before. */
  | { readonly type: 'enqueue'; readonly smscId: string; readonly message: ShortMessage }
  /**
   * These are to be taken out of the outbox of this SMSC, each text with all of its parts or not at all, and only what was
   * never placed. Answered at once by `withdrawn`, in the same commit.
   */
  | {
      readonly type: 'withdraw';
      readonly smscId: string;
      readonly texts: readonly { readonly textId: TextId; readonly messageIds: readonly MessageId[] }[];
    }
  /** Exactly one per `arrived`, behind the persist it relies on. */
  | {
      readonly type: 'arrival';
      readonly smscId: string;
      readonly messageId: MessageId;
      readonly result: ArrivalResult;
    }
  /** A status report proves that this message in doubt was sent: so it is to be resolved, marked *by report*. */
  | { readonly type: 'resolve'; readonly smscId: string; readonly messageId: MessageId }
  | { readonly type: 'deliver'; readonly client: ClientRef; readonly event: ImEvent }
  /** To the client that handed in a text, behind the persist it relies on; `stored` is to be followed by `written`. */
  | {
      readonly type: 'answer';
      readonly client: ClientRef;
      readonly user: string;
      readonly cid: string;
      readonly result: SendResult;
    }
  | { readonly type: 'user-answer'; readonly ref: string; readonly fault: Fault | undefined }
  | LogEvent;

export type SendResult =
  | { readonly type: 'stored'; readonly text: TextView }
  | { readonly type: 'refused'; readonly fault: Fault; readonly retryable: boolean };

/** What a connected client is told. */
export type ImEvent =
  /** The first event of a client, behind everything that its user was told before: from here on nothing is missed. */
  | { readonly type: 'attached'; readonly user: string }
  /** A text is new to this user, sent from another of the user's clients or received. */
  | { readonly type: 'message'; readonly text: TextView }
  | {
      readonly type: 'step';
      readonly id: TextId;
      readonly peer: string;
      readonly step: Step;
      readonly reason: StepReason | undefined;
      readonly marks: readonly TextMark[];
      readonly position: number;
    }
  | { readonly type: 'read'; readonly peer: string; readonly order: number }
  /** The user was removed, has another password or fewer scopes, or the client's token was revoked: its session ends. */
  | { readonly type: 'signed-out'; readonly user: string };

/** State of the links to the SMSCs, told to every client by `ImGateway.broadcast`. */
export interface LinksEvent {
  readonly type: 'links';
  readonly links: readonly {
    readonly smscId: string;
    readonly state: 'up' | 'down' | 'connecting' | 'comparing';
    readonly since: number;
    readonly rttMs?: number;
    readonly reason?: string;
    /** The buffer's with the SMSC; absent where nobody knows, as while the link is down. */
    readonly session?: { readonly state: 'up' | 'down'; readonly since: number; readonly code?: string };
  }[];
}

/** Numbers that begin with `prefix` leave through `smscId`; the longest prefix wins. */
export interface Route {
  /** Digits with at most one leading `+`; empty for all numbers. */
  readonly prefix: string;
  readonly smscId: string;
  /** Where texts go on when that one turns them away or its link is down for long, in this order. */
  readonly fallback?: readonly string[];
}

export interface ExchangeSettings {
  /** The SMSCs there are: what leads to another one is passed over. Undefined: all that are named. */
  readonly smscIds?: readonly string[] | undefined;
  readonly routes: readonly Route[];
  /** Numbers that handsets call, without suffix: `2882`. */
  readonly serviceNumbers: readonly string[];
  /** Digits of every suffix behind a service number, 1–10; undefined: as many as are left. */
  readonly suffixLength: number | undefined;
  /** What a handset is told that means nobody here, at most once an hour; empty: nothing. */
  readonly unknownAnswer: string;
  /** What handsets may write to the bridge itself. */
  readonly words: ServiceWords;
  /** A link, or an SMSC behind it, that is down for so long lets texts leave through the fallback of their route. */
  readonly fallbackAfterMs: number;
  /** Domains of another network whose addresses are the users of the same name: `bob@example.org` is bob. Lower case. */
  readonly userDomains: readonly string[];
  /** Gets what nobody else is meant by, before the user whose role is `default`; undefined leaves it to that one. */
  readonly defaultUser: string | undefined;
  /** How long the SMSC shall try. Default of the role: 48 h. */
  readonly validityMs: number;
  /** Whether status reports are asked for; without them the steps end at `accepted`. */
  readonly reports: 'final' | 'none';
  /** Which national tables a text may leave in where they make fewer parts; not every handset and SMSC knows them. */
  readonly national: NationalLanguages;
  /** Texts that one user may hand in per second on average, and at once. */
  readonly sendRate: { readonly perSecond: number; readonly burst: number };
  /** Texts without a final step that are kept; more are refused with IM_OUTBOX_FULL. */
  readonly openTextCount: number;
}

/** What a role takes where its settings say nothing. */
export const defaultExchangeSettings: ExchangeSettings = {
  routes: [],
  serviceNumbers: [],
  suffixLength: undefined,
  unknownAnswer: defaultUnknownAnswer,
  words: defaultServiceWords,
  fallbackAfterMs: 120_000,
  userDomains: [],
  defaultUser: undefined,
  validityMs: 48 * 3_600_000,
  reports: 'final',
  national: 'off',
  sendRate: { perSecond: 100, burst: 1_000 },
  openTextCount: 100_000,
};
