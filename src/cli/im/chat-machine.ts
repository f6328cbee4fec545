/**
 * A chat on a terminal, without the terminal: what comes from the server and what is typed go in, rows to print and things to
 * ask the server come out. A row with a key may be written anew, so that ticks turn where they stand. docs/im-chat.md.
 */
import { assertNever } from '../../core/base/invariant.ts';
import type { LinksEvent } from '../../core/im/exchange-io.ts';
import type { Conversation } from '../../core/im/history.ts';
import { closedBy } from '../../core/im/link-book.ts';
import type { TextView } from '../../core/im/text.ts';
import { type ShownPeople, shownPeopleLimit } from '../../gateways/web/presence.ts';
import type { Painter } from '../colour.ts';
import {
  conversationLines,
  dayLine,
  dayOf,
  headLine,
  linkLine,
  presenceLine,
  progressLine,
  type RowForm,
  textRow,
  waitingRow,
} from './chat-lines.ts';
import { ChatPeople } from './chat-people.ts';
import { chatHelp, completeChatLine, parseChatLine } from './chat-typing.ts';

export type ChatInput =
  | { readonly type: 'ready'; readonly user: string }
  | { readonly type: 'lost'; readonly reason: string }
  /** New, or in another step. */
  | { readonly type: 'text'; readonly text: TextView }
  | { readonly type: 'refused'; readonly cid: string; readonly message: string }
  | LinksEvent
  | { readonly type: 'conversations'; readonly conversations: readonly Conversation[]; readonly next?: number }
  | {
      readonly type: 'history';
      readonly peer: string;
      readonly texts: readonly TextView[];
      readonly hasMore: boolean;
    }
  | ({ readonly type: 'people' } & ShownPeople)
  | { readonly type: 'read'; readonly peer: string; readonly order: number }
  | { readonly type: 'typed'; readonly line: string };

export type ChatOutput =
  /** `key` names a row that may be written anew. */
  | { readonly type: 'print'; readonly row: string; readonly key?: string }
  /** `otherwise` is printed where that row is not on the screen any more. */
  | { readonly type: 'rewrite'; readonly key: string; readonly row: string; readonly otherwise: string | undefined }
  | { readonly type: 'submit'; readonly cid: string; readonly to: string; readonly text: string }
  | {
      readonly type: 'ask-history';
      readonly peer: string;
      readonly limit: number;
      readonly before: number | undefined;
    }
  | { readonly type: 'ask-conversations' }
  /** Takes the place of those that were shown before. */
  | { readonly type: 'show-people'; readonly names: readonly string[] }
  | { readonly type: 'mark-read'; readonly peer: string; readonly order: number }
  | { readonly type: 'leave' };

export interface ChatMachineOptions {
  /** Whom the first lines are for; otherwise whoever writes first. */
  readonly peer: string | undefined;
  readonly paint: Painter;
  /** A new name for one logical send. */
  readonly newCid: () => string;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** Texts shown when a conversation is opened. */
const openingCount = 10;
/** Texts whose rows are known, the oldest are forgotten. */
const rowLimit = 2_000;
const names = { newestFirst: 500, listed: 20 } as const;

interface Row {
  readonly key: string;
  readonly form: RowForm;
}

export class ChatMachine {
  readonly #options: ChatMachineOptions;
  #peer: string | undefined;
  #connection: 'never' | 'ready' | 'lost' = 'never';
  #outputs: ChatOutput[] = [];
  /** Where texts stand, by id. */
  readonly #rows = new Map<string, Row>();
  /** Typed here and not stored yet, by cid. */
  readonly #waiting = new Map<string, { readonly to: string; readonly text: string; readonly at: number }>();
  readonly #unread = new Map<string, number>();
  /** Place of the oldest text shown, by peer. */
  readonly #oldest = new Map<string, number>();
  /** Whom texts were exchanged with, newest last. */
  readonly #peers = new Set<string>();
  /** Per SMSC the state of its link, or `away` where that is up and the SMSC behind it is not there. */
  readonly #links = new Map<string, string>();
  /** A page is on its way: what comes meanwhile in that conversation is shown behind it. */
  #page: { readonly peer: string; readonly before: number | undefined; readonly held: TextView[] } | undefined;
  #isListWanted = false;
  readonly #people = new ChatPeople();
  /** Whom the server was told last that this chat shows, in one line. */
  #shown = '';
  #day: string;

  constructor(options: ChatMachineOptions) {
    this.#options = options;
    this.#peer = options.peer;
    this.#day = dayOf(options.now());
  }

  handle(input: ChatInput): readonly ChatOutput[] {
    this.#outputs = [];
    switch (input.type) {
      case 'ready':
        this.#ready(input.user);
        break;
      case 'lost':
        this.#lost(input.reason);
        break;
      case 'text':
        this.#text(input.text);
        break;
      case 'refused':
        this.#refused(input.cid, input.message);
        break;
      case 'links':
        this.#linksChanged(input);
        break;
      case 'conversations':
        this.#conversations(input);
        break;
      case 'history':
        this.#historyPage(input);
        break;
      case 'people':
        this.#peopleChanged(input);
        break;
      case 'read':
        this.#unread.delete(input.peer);
        break;
      case 'typed':
        this.#typed(input.line);
        break;
      default:
        assertNever(input);
    }
    this.#showPeople();
    return this.#outputs;
  }

  /** What stands in front of what is typed. */
  prompt(): string {
    const { paint } = this.#options;
    let unread = 0;
    for (const count of this.#unread.values()) unread += count;
    const marks = unread === 0 ? '' : `${paint.yellow(`(${unread})`)} `;
    const away = this.#connection === 'lost' ? `${paint.yellow('not connected')} ` : '';
    return `${away}${marks}${paint.bold(this.#peer ?? 'nobody')} ${paint.dim('›')} `;
  }

  complete(line: string): [string[], string] {
    return completeChatLine(line, [...this.#peers].reverse());
  }

  // --- from the server ----------------------------------------------------------------------------------------------

  #ready(user: string): void {
    const { paint } = this.#options;
    const isFirst = this.#connection === 'never';
    this.#connection = 'ready';
    this.#print(paint.dim(isFirst ? `connected as ${user}; /help says what can be typed` : 'connected again'));
    this.#outputs.push({ type: 'ask-conversations' });
    if (isFirst && this.#peer !== undefined) this.#open(this.#peer);
  }

  #lost(reason: string): void {
    // What came meanwhile would have been in the page that will not come.
    const held = this.#page?.held ?? [];
    this.#page = undefined;
    for (const text of held) this.#show(text);
    if (this.#connection === 'ready') {
      this.#print(this.#options.paint.yellow(`not connected (${reason}); trying again, what you type waits`));
    }
    this.#connection = 'lost';
    this.#people.forget();
    this.#shown = '';
  }

  #text(text: TextView): void {
    this.#meet(text.peer);
    const waiting = this.#waiting.get(text.cid);
    if (text.direction === 'out' && waiting !== undefined) {
      this.#waiting.delete(text.cid);
      this.#remember(text, { key: text.cid, form: 'open' });
      // The server may know the number under another spelling.
      if (waiting.to === this.#peer) this.#peer = text.peer;
    }
    const row = this.#rows.get(text.id);
    if (row !== undefined) this.#progress(text, row);
    else if (this.#page?.peer === text.peer && this.#page.before === undefined) this.#page.held.push(text);
    else this.#show(text);
  }

  /** The tick turns where it stands; what needs words is said below. */
  #progress(text: TextView, { key, form }: Row): void {
    const { paint } = this.#options;
    const isBad = text.step === 'failed' || text.step === 'unknown';
    const otherwise = text.step === 'delivered' ? progressLine(text, paint) : undefined;
    this.#outputs.push({ type: 'rewrite', key, row: textRow(text, form, paint), otherwise });
    if (isBad) this.#print(progressLine(text, paint));
  }

  /** A text that does not stand anywhere yet. */
  #show(text: TextView): void {
    // Nobody was chosen: whoever writes first is whom an answer goes to.
    if (this.#peer === undefined && text.direction === 'in') this.#peer = text.peer;
    const form = text.peer === this.#peer ? 'open' : 'named';
    this.#printText(text, form);
    if (text.direction !== 'in') return;
    if (form === 'open') this.#outputs.push({ type: 'mark-read', peer: text.peer, order: text.order });
    else this.#unread.set(text.peer, (this.#unread.get(text.peer) ?? 0) + 1);
  }

  #refused(cid: string, message: string): void {
    const { paint } = this.#options;
    const waiting = this.#waiting.get(cid);
    this.#waiting.delete(cid);
    if (waiting !== undefined) {
      const row = waitingRow(waiting, 'refused', paint);
      this.#outputs.push({ type: 'rewrite', key: cid, row, otherwise: undefined });
    }
    this.#print(paint.red(`✖ ${message}`));
  }

  #linksChanged({ links }: LinksEvent): void {
    for (const link of links) {
      const { smscId } = link;
      const state = closedBy(link) === 'smsc-down' ? 'away' : link.state;
      const before = this.#links.get(smscId);
      this.#links.set(smscId, state);
      const wasBad = before === 'down' || before === 'away';
      const isNews = state === 'up' ? wasBad : (state === 'down' || state === 'away') && before !== state;
      if (isNews) this.#print(linkLine(smscId, state, this.#options.paint));
    }
  }

  /** Of the one in front of the reader every coming and going is said; on the way to a number the links say what changed. */
  #peopleChanged(people: ShownPeople): void {
    const peer = this.#peer;
    const before = peer === undefined ? undefined : this.#people.wordsOf(peer);
    const trouble = peer === undefined ? undefined : this.#people.troubleOf(peer);
    this.#people.take(people);
    if (peer === undefined) return;
    const now = this.#people.wordsOf(peer);
    if (now !== before) this.#print(presenceLine(peer, now, this.#options.paint));
    if (trouble === undefined) this.#sayTrouble(peer);
  }

  #sayTrouble(peer: string): void {
    const { paint } = this.#options;
    const trouble = this.#people.troubleOf(peer);
    if (trouble !== undefined) this.#print(paint.yellow(trouble));
  }

  /** Everybody whom texts were exchanged with, the newest first where they are too many. */
  #showPeople(): void {
    if (this.#connection !== 'ready') return;
    const names = [...this.#peers].filter((peer) => !peer.startsWith('"')).slice(-shownPeopleLimit);
    const shown = [...names].sort().join(' ');
    if (shown === this.#shown) return;
    this.#shown = shown;
    this.#outputs.push({ type: 'show-people', names });
  }

  #conversations({ conversations, next }: Extract<ChatInput, { type: 'conversations' }>): void {
    const { paint } = this.#options;
    for (const { peer, unread } of conversations.slice(0, names.newestFirst).reverse()) {
      this.#meet(peer);
      if (peer === this.#peer || unread === 0) this.#unread.delete(peer);
      else this.#unread.set(peer, unread);
    }
    const isListed = this.#isListWanted || this.#peer === undefined;
    this.#isListWanted = false;
    if (!isListed) return;
    const shown = conversations.slice(0, names.listed);
    const view = { open: this.#peer, now: this.#options.now(), presence: (peer: string) => this.#people.wordsOf(peer) };
    if (shown.length === 0) this.#print(paint.dim('no conversations yet; /to NUMBER-OR-NAME begins one'));
    for (const row of conversationLines(shown, view, paint)) this.#print(row);
    if (shown.length < conversations.length) {
      const count = `${next === undefined ? '' : 'more than '}${conversations.length - shown.length}`;
      this.#print(paint.dim(`and ${count} more; /to shows any of them`));
    }
    for (const [smscId, state] of this.#links) this.#print(linkLine(smscId, state, paint));
  }

  #historyPage({ peer, texts, hasMore }: Extract<ChatInput, { type: 'history' }>): void {
    const { paint } = this.#options;
    const page = this.#page;
    if (page?.peer !== peer) return;
    this.#page = undefined;
    this.#print(headLine(page.before === undefined ? peer : `${peer}, earlier`, paint));
    if (texts.length === 0) this.#print(paint.dim(page.before === undefined ? 'no texts yet' : 'nothing is older'));
    for (const text of texts) this.#printText(text, 'open');
    const [first] = texts;
    const last = texts.at(-1);
    if (first !== undefined) this.#oldest.set(peer, first.order);
    if (page.before !== undefined) {
      this.#print(headLine(`${peer}, now`, paint));
      return;
    }
    if (hasMore) this.#print(paint.dim('/history shows older ones'));
    const words = this.#people.wordsOf(peer);
    if (words !== undefined) this.#print(presenceLine(peer, words, paint));
    this.#sayTrouble(peer);
    if (last !== undefined) this.#outputs.push({ type: 'mark-read', peer, order: last.order });
    const known = new Set(texts.map(({ id }) => id));
    for (const text of page.held) if (!known.has(text.id)) this.#show(text);
  }

  // --- from the keyboard --------------------------------------------------------------------------------------------

  #typed(line: string): void {
    const { paint, newCid, now } = this.#options;
    const parsed = parseChatLine(line);
    if (!parsed.ok) return this.#print(paint.red(`✖ ${parsed.fault.message}`));
    const typed = parsed.value;
    switch (typed.type) {
      case 'nothing':
        return;
      case 'send': {
        const to = this.#peer;
        if (to === undefined) return this.#print(paint.red('✖ To whom? /to NUMBER-OR-NAME, then the text again'));
        const cid = newCid();
        const waiting = { to, text: typed.text, at: now() };
        this.#waiting.set(cid, waiting);
        this.#print(waitingRow(waiting, 'waiting', paint), cid);
        this.#outputs.push({ type: 'submit', cid, to, text: typed.text });
        return;
      }
      case 'turn-to':
        return this.#open(typed.peer);
      case 'history': {
        const peer = this.#peer;
        if (peer === undefined) return this.#print(paint.red('✖ Of whom? /to NUMBER-OR-NAME'));
        return this.#ask(peer, typed.count, this.#oldest.get(peer));
      }
      case 'who':
        if (this.#connection !== 'ready') return this.#print(paint.yellow('not connected; ask again later'));
        this.#isListWanted = true;
        this.#outputs.push({ type: 'ask-conversations' });
        return;
      case 'help':
        for (const row of chatHelp) this.#print(paint.dim(row));
        return;
      case 'quit':
        this.#outputs.push({ type: 'leave' });
        return;
      default:
        assertNever(typed);
    }
  }

  #open(peer: string): void {
    this.#peer = peer;
    this.#meet(peer);
    this.#unread.delete(peer);
    this.#oldest.delete(peer);
    this.#ask(peer, openingCount, undefined);
  }

  #ask(peer: string, limit: number, before: number | undefined): void {
    const { paint } = this.#options;
    if (this.#connection !== 'ready') return this.#print(paint.yellow('not connected; /history shows it later'));
    // What was held for another page is shown as what came elsewhere.
    const held = this.#page?.held ?? [];
    this.#page = { peer, before, held: [] };
    for (const text of held) this.#show(text);
    this.#outputs.push({ type: 'ask-history', peer, limit, before });
  }

  #meet(peer: string): void {
    this.#peers.delete(peer);
    this.#peers.add(peer);
  }

  #printText(text: TextView, form: RowForm): void {
    const { paint } = this.#options;
    const day = dayOf(text.at);
    if (day !== this.#day) this.#print(dayLine(text.at, paint));
    this.#day = day;
    // Shown before, and now once more: this is where its ticks turn from now on.
    this.#remember(text, { key: text.id, form });
    this.#print(textRow(text, form, paint), text.id);
  }

  #remember({ id }: TextView, row: Row): void {
    this.#rows.delete(id);
    this.#rows.set(id, row);
    if (this.#rows.size <= rowLimit) return;
    for (const oldest of this.#rows.keys()) {
      this.#rows.delete(oldest);
      break;
    }
  }

  #print(row: string, key?: string): void {
    this.#outputs.push(key === undefined ? { type: 'print', row } : { type: 'print', row, key });
  }
}
