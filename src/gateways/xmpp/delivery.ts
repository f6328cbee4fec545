/**
 * Brings each account what is new in its user's history, in order, and remembers on disk how far the server has taken it.
 * Nothing waits here: the history is the queue. What was handed to the server and not proven when the stream ends is
 * handed over again, with the same ids. SPEC: IM.md, the component stream.
 */
import type { ImWorld } from '../../core/im/gateway.ts';
import type { TextView } from '../../core/im/text.ts';
import { type Account, partyOfPeer } from './accounts.ts';
import { errorOfReason, errorStanza, messageStanza, receiptStanza } from './outgoing.ts';
import type { SentNotes } from './sent-notes.ts';
import type { Element } from './xml.ts';

/** Stanzas on the way to the server that it has not taken; more wait in the history. */
const windowLimit = 256;
/** Texts that are read from the history at once. */
const pageLimit = 64;
const prefix = 'cursor:';

export interface DeliveryOptions {
  readonly world: ImWorld;
  readonly gateway: string;
  readonly domain: string;
  readonly sent: SentNotes;
  readonly clock: () => number;
  readonly send: (stanzas: readonly Element[]) => void;
  /** Asks for a word of the server that it has everything sent so far: `taken` with this mark, later `proven`. */
  readonly prove: (mark: number) => void;
}

/** How far one account is. Positions are those of its user's history. */
interface Progress {
  /** Safe on the server, and so on disk here. */
  proven: number;
  /** Written to the stream. */
  handed: number;
  /** Texts of the user whose end was told up to `handed`: their notes are not needed once that is proven. */
  ended: string[];
}

/** What was sent up to a mark. */
interface Batch {
  readonly mark: number;
  readonly accounts: ReadonlyMap<Account, { readonly handed: number; readonly ended: readonly string[] }>;
  readonly extras: readonly Element[];
  /** Stanzas from histories. */
  readonly count: number;
}

export class Delivery {
  readonly #options: DeliveryOptions;
  readonly #progress = new Map<Account, Progress>();
  /** Handed over something since the last question for proof. */
  readonly #unasked = new Set<Account>();
  /** Had to stop for the window. */
  readonly #held = new Set<Account>();
  /** Stanzas that are in no history, and not proven. At most {@link windowLimit}. */
  #extras: Element[] = [];
  #asked: Batch | undefined;
  /** Taken by the server, and not proven; in order. */
  #taken: Batch[] = [];
  #stream: 'online' | 'offline' = 'offline';
  #lastMark = 0;
  /** Stanzas that the server has not taken. */
  #untaken = 0;

  constructor(options: DeliveryOptions) {
    this.#options = options;
  }

  /** From here on the account is brought what is new. An account that was never seen begins with what comes next. */
  add(account: Account): void {
    if (this.#progress.has(account)) return;
    const { world, gateway } = this.#options;
    const noted = world.history.note(gateway, prefix + account.jid);
    const position = typeof noted === 'number' ? noted : world.history.position(account.user);
    if (noted === undefined) this.#note(account, position);
    this.#progress.set(account, { proven: position, handed: position, ended: [] });
    this.bring(account);
  }

  /** @param memory `forget` where it will not come back under the same user */
  remove(account: Account, memory: 'keep' | 'forget'): void {
    this.#progress.delete(account);
    this.#unasked.delete(account);
    this.#held.delete(account);
    if (memory === 'forget') {
      const { world, gateway } = this.#options;
      world.input({ type: 'note', gateway, key: prefix + account.jid, value: undefined });
    }
  }

  /** The stream is there: everything without proof leaves again, then what is new. */
  online(): void {
    this.#stream = 'online';
    const extras = this.#extras.splice(0);
    this.send(extras);
    for (const account of this.#progress.keys()) this.bring(account);
  }

  offline(): void {
    this.#stream = 'offline';
    this.#extras = [...this.#underWay().flatMap(({ extras }) => extras), ...this.#extras].slice(-windowLimit);
    this.#asked = undefined;
    this.#taken = [];
    this.#untaken = 0;
    this.#unasked.clear();
    this.#held.clear();
    for (const progress of this.#progress.values()) {
      progress.handed = progress.proven;
      progress.ended = [];
    }
  }

  /** Sends what is in no history (a refusal), and keeps it until it is proven. The oldest go where too many wait. */
  send(stanzas: readonly Element[]): void {
    if (stanzas.length === 0) return;
    this.#extras = [...this.#extras, ...stanzas].slice(-windowLimit);
    if (this.#stream === 'offline') return;
    this.#options.send(stanzas);
    this.#askForProof();
  }

  /** Something may be new for this account. */
  bring(account: Account): void {
    const progress = this.#progress.get(account);
    if (progress === undefined || this.#stream === 'offline') return;
    for (;;) {
      if (this.#untaken >= windowLimit) {
        this.#held.add(account);
        break;
      }
      const news = this.#options.world.history.changesSince(account.user, progress.handed, { limit: pageLimit });
      const last = news.at(-1);
      if (last === undefined) break;
      const stanzas = news.flatMap((view) => this.#stanzasOf(account, view, progress));
      progress.handed = last.position;
      this.#untaken += stanzas.length;
      this.#unasked.add(account);
      if (stanzas.length > 0) this.#options.send(stanzas);
    }
    this.#askForProof();
  }

  /** Whether what is said of a text at this position was handed over on this stream or an earlier one. */
  hasHanded(account: Account, position: number): boolean {
    return position <= (this.#progress.get(account)?.handed ?? 0);
  }

  /** The server has this batch: there is room for the next one. */
  taken(mark: number): void {
    const asked = this.#asked;
    if (asked === undefined || mark < asked.mark) return;
    this.#asked = undefined;
    this.#taken.push(asked);
    this.#untaken -= asked.count;
    this.#askForProof();
    const held = [...this.#held];
    this.#held.clear();
    for (const account of held) this.bring(account);
  }

  proven(mark: number): void {
    const count = this.#taken.findLastIndex((batch) => batch.mark <= mark) + 1;
    for (const { accounts } of this.#taken.splice(0, count)) {
      for (const [account, { handed, ended }] of accounts) {
        const progress = this.#progress.get(account);
        if (progress === undefined) continue;
        progress.proven = handed;
        this.#note(account, handed);
        for (const cid of ended) this.#options.sent.forget(cid);
      }
    }
  }

  /** Handed over, and not proven. */
  #underWay(): readonly Batch[] {
    return this.#asked === undefined ? this.#taken : [...this.#taken, this.#asked];
  }

  /** One question at a time: what is handed over meanwhile shares the next. */
  #askForProof(): void {
    // What an account that is gone had on the way counts, too, or its room in the window would never come back.
    const isNothing = this.#unasked.size === 0 && this.#extras.length === 0 && this.#untaken === 0;
    if (this.#asked !== undefined || isNothing) return;
    this.#lastMark += 1;
    const accounts = new Map<Account, { readonly handed: number; readonly ended: readonly string[] }>();
    for (const account of this.#unasked) {
      const progress = this.#progress.get(account);
      if (progress === undefined) continue;
      accounts.set(account, { handed: progress.handed, ended: progress.ended });
      progress.ended = [];
    }
    this.#unasked.clear();
    const count = this.#untaken;
    this.#asked = { mark: this.#lastMark, accounts, extras: this.#extras.splice(0), count };
    this.#options.prove(this.#lastMark);
  }

  #stanzasOf(account: Account, view: TextView, progress: Progress): readonly Element[] {
    const { world, domain, sent, clock } = this.#options;
    if (view.direction === 'in') {
      const from = partyOfPeer(world.history, view);
      return [messageStanza(view, { domain, to: account.jid, from }, clock())];
    }
    const stanza = sent.of(view.cid);
    // Sent from another client of the user, or from another address of the same one.
    if (stanza === undefined || !isOf(account, stanza.from)) return [];
    if (view.step === 'delivered' || view.step === 'failed') progress.ended.push(view.cid);
    return fateStanzas(stanza, view);
  }

  #note(account: Account, position: number): void {
    const { world, gateway } = this.#options;
    world.input({ type: 'note', gateway, key: prefix + account.jid, value: position });
  }
}

/** Some clients that are no people's (other components) have no resource. */
function isOf(account: Account, from: string): boolean {
  const sender = from.toLowerCase();
  return sender === account.jid || sender.startsWith(`${account.jid}/`);
}

/** What the sender is told of a text as it is now; nothing while it is under way. */
export function fateStanzas(sent: Parameters<typeof receiptStanza>[0], view: TextView): readonly Element[] {
  if (view.step === 'delivered') return sent.wantsReceipt && sent.id !== '' ? [receiptStanza(sent, view)] : [];
  if (view.step === 'failed') return [errorStanza('message', sent, errorOfReason(view.reason))];
  return [];
}
