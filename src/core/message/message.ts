/**
 * The bridge's own short message: neutral, free of CIMD2 and of any IM world. One of these fills one slot; a long text
 * is split into several before it enters a ring and joined after it leaves. Only `packets.ts` knows CIMD2 parameters.
 */
import type { Instant } from '../base/time.ts';

declare const messageIdBrand: unique symbol;

/** UUIDv7, lower case. One short message has one; the parts of a long text have one each. */
export type MessageId = string & { readonly [messageIdBrand]: true };

/** @param text 36 characters of a UUID; parsed at the border, so anything else is a bug of the caller */
export function messageId(text: string): MessageId {
  return text as MessageId;
}

/** A time of the SMSC: as received (12 digits, local, without zone) and as an instant under the zone in force. */
export interface SmscTime {
  /** `yymmddhhmmss` as on the wire. */
  readonly digits: string;
  readonly at: Instant;
}

export type Content =
  | {
      readonly type: 'text';
      /** Unicode, well-formed UTF-16. */
      readonly text: string;
      /** What it travels as: the GSM default alphabet, or UCS-2 where a character does not fit that. */
      readonly coding: 'gsm7' | 'ucs2';
      /** Message class 0: shown at once and not kept by the handset. */
      readonly flash: boolean;
      /**
       * Value of TP-DCS where it says more than `coding` and `flash` do: another class, a message waiting, deletion
       * after reading. Of the same alphabet, never compressed, 0–255. What it says is in `handling.ts`.
       */
      readonly dataCoding?: number;
    }
  | {
      readonly type: 'binary';
      /** User data without its header, at most 140 octets. */
      readonly bytes: Uint8Array;
      /** Value of TP-DCS, 0–255. */
      readonly dataCoding: number;
    }
  | { readonly type: 'status-report'; readonly report: StatusReport };

/** Place of one short message in a long text. */
export interface Part {
  /** 0–65535; the same in all parts. */
  readonly reference: number;
  /** 1–count. */
  readonly index: number;
  /** 2–255. */
  readonly count: number;
}

/** Fate of an earlier submit, told by the SMSC. Its key is (`destination`, `stamp.digits`). */
export interface StatusReport {
  /** 021 byte for byte as in the submit's answer. */
  readonly destination: string;
  /** 060 of the submit's answer. */
  readonly stamp: SmscTime;
  /** 061, 0–9: reference section 8.2. */
  readonly status: number;
  /** 062, 0–999: reference section 8.3. */
  readonly error: number | undefined;
  /** 063: the last delivery attempt. */
  readonly dischargedAt: SmscTime;
}

export interface ShortMessage {
  readonly id: MessageId;
  /**
   * Handset number, service number or suffix, digits with at most one leading `+`. In `mt` the originator may be empty
   * (the account's own number) or a suffix of digits.
   */
  readonly from: string;
  readonly to: string;
  readonly content: Content;
  /**
   * User data header other than concatenation, complete with its length octet; empty if there is none. It names the
   * national tables that a text is to be sent in, or was received in.
   */
  readonly header: Uint8Array;
  readonly part: Part | undefined;
  /** After this instant (clock of the IM server) the message is not handed over any more. */
  readonly validUntil: Instant;
  /** Whether the SMSC is asked to report the fate. */
  readonly report: 'final' | 'none';
  /** When its sender gave it to the bridge, or the buffer took it from the SMSC. */
  readonly createdAt: Instant;
  /** `mo`: when the SMSC received it. */
  readonly smscTime: SmscTime | undefined;
  /** The id of the whole text that this is (a part of), as the IM side knows it; empty in `mo`. */
  readonly textId: string;
}

/** Pair of addresses that keeps its order. SPEC: DESIGN section 2 rule 5. */
export function conversationOf(message: ShortMessage): string {
  return `${message.from}>${message.to}`;
}
