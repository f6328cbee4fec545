/**
 * What the exchange knows while it runs, and how it comes back from the store. Bounded: open texts, unmatched reports,
 * handsets lately written to, arrivals lately stored, parts that wait for the rest. History stays on disk.
 */
import { InvariantError, invariant } from '../base/invariant.ts';
import type { PlainValue } from '../base/values.ts';
import type { MessageId } from '../message/message.ts';
import { messageFromValue } from '../message/values.ts';
import { AliasBook } from './alias-book.ts';
import { ArrivalMemory } from './arrival-memory.ts';
import { HandsetBook } from './handset-book.ts';
import type { WaitingPart } from './joining.ts';
import { LinkBook } from './link-book.ts';
import { isOpenEnded, type OpenPart, type OpenText } from './open-text.ts';
import {
  aliasFrom,
  arrivalFrom,
  earlyReportFrom,
  handsetFrom,
  type ImKey,
  numberFrom,
  openTextFrom,
  refusalFrom,
  tokenFrom,
  userFrom,
  waitingPartFrom,
} from './records.ts';
import { RefusalBook } from './refusal-book.ts';
import { destinationKey, ReportBook } from './report-book.ts';
import type { TextId } from './text.ts';
import type { UserToken } from './tokens.ts';
import type { User } from './users.ts';

export interface PartPlace {
  readonly textId: TextId;
  readonly partIndex: number;
}

export class ExchangeMemory {
  readonly users = new Map<string, User>();
  /** By hash. */
  readonly tokens = new Map<string, UserToken>();
  /** Per user: the last position given out. */
  readonly positions = new Map<string, number>();
  readonly openTexts = new Map<TextId, OpenText>();
  readonly parts = new Map<MessageId, PartPlace>();
  /** Parts that wait or are in doubt, by `destinationKey`: what a report without a match may be about. */
  readonly unsettled = new Map<string, Set<MessageId>>();
  readonly handsets = new HandsetBook();
  readonly refusals = new RefusalBook();
  readonly links = new LinkBook();
  readonly aliases = new AliasBook();
  readonly arrivals = new ArrivalMemory();
  readonly reports = new ReportBook();
  /** In order of arrival. */
  readonly waitingParts: WaitingPart[] = [];

  /** Keeps a text that is not yet closed, in its present state, with all that finds it again. */
  keepOpen(text: OpenText): void {
    this.openTexts.set(text.view.id, text);
    text.parts.forEach((part, partIndex) => {
      this.parts.set(part.messageId, { textId: text.view.id, partIndex });
      const isUnsettled = part.state.type === 'waiting' || part.state.type === 'in-doubt';
      if (isUnsettled) this.#unsettle(text.smscId, part);
      else this.#settle(text.smscId, part);
    });
  }

  /** Forgets a text about which nothing more can be learned. */
  close(text: OpenText): void {
    this.openTexts.delete(text.view.id);
    text.parts.forEach((part, partIndex) => {
      this.parts.delete(part.messageId);
      this.#settle(text.smscId, part);
      if (part.state.type === 'accepted') {
        this.reports.forget(text.smscId, part.destination, part.state.stamp, text.view.id, partIndex);
      }
    });
  }

  #unsettle(smscId: string, { destination, messageId }: OpenPart): void {
    const key = destinationKey(smscId, destination);
    const ids = this.unsettled.get(key);
    if (ids === undefined) this.unsettled.set(key, new Set([messageId]));
    else ids.add(messageId);
  }

  #settle(smscId: string, { destination, messageId }: OpenPart): void {
    const key = destinationKey(smscId, destination);
    const ids = this.unsettled.get(key);
    if (ids?.delete(messageId) === true && ids.size === 0) this.unsettled.delete(key);
  }

  nextPosition(user: string): number {
    const position = (this.positions.get(user) ?? 0) + 1;
    this.positions.set(user, position);
    return position;
  }
}

/**
 * Builds the memory from the records below `livePrefix`; others are passed over.
 *
 * @throws OperatorError STORE_FORMAT_UNKNOWN for a record that this version cannot read
 */
export function recoverExchange(entries: Iterable<readonly [ImKey, PlainValue]>): ExchangeMemory {
  const memory = new ExchangeMemory();
  for (const [key, value] of entries) {
    if (key[0] !== 'im' || key[1] !== 'live') continue;
    const [kind, name, detail] = [key[2], key[3], key[4]];
    switch (kind) {
      case 'user': {
        const user = userFrom(value);
        memory.users.set(user.name, user);
        break;
      }
      case 'token': {
        const token = tokenFrom(String(name), value);
        memory.tokens.set(token.hash, token);
        break;
      }
      case 'position':
        memory.positions.set(String(name), numberFrom(value));
        break;
      case 'text':
        restoreText(memory, openTextFrom(value));
        break;
      case 'handset':
        memory.handsets.restore(String(name), handsetFrom(value));
        break;
      case 'refusal':
        memory.refusals.restore(String(name), refusalFrom(value));
        break;
      case 'alias':
        memory.aliases.restore(aliasFrom(value));
        break;
      case 'arrived':
        memory.arrivals.restore(arrivalFrom(String(name), value));
        break;
      case 'report':
        memory.reports.restore(earlyReportFrom(Number(name), value));
        break;
      case 'part': {
        const { arrivedAt, message } = waitingPartFrom(value);
        const parsed = messageFromValue(message);
        invariant(parsed.ok, `the part ${String(detail)} in the store is not a message`);
        memory.waitingParts.push({ smscId: String(name), arrivedAt, message: parsed.value });
        break;
      }
      default:
        throw new InvariantError(`unknown live record of the IM side: ${String(kind)}`);
    }
  }
  memory.waitingParts.sort((a, b) => a.arrivedAt - b.arrivedAt);
  return memory;
}

function restoreText(memory: ExchangeMemory, text: OpenText): void {
  memory.keepOpen(text);
  text.parts.forEach((part, partIndex) => {
    if (part.state.type === 'accepted' && isOpenEnded(text, part.state)) {
      memory.reports.expect(text.smscId, part.destination, part.state.stamp, text.view.id, partIndex);
    }
  });
}
