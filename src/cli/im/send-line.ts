/**
 * Texts of a terminal that are neither stored nor refused. Of those to one address only the oldest is on its way: the next
 * leaves when that one is stored, so that a refusal for the moment, or a cut, cannot put a later one before it.
 */
import { parseAddress } from '../../core/im/address.ts';

export interface Unstored {
  /** What the server knows this one logical send by. */
  readonly cid: string;
  /** As typed. */
  readonly to: string;
  readonly text: string;
}

export class SendLine {
  /** By address; the first of each is on its way. None is empty. */
  readonly #queues = new Map<string, Unstored[]>();
  /** The address of each, by cid. */
  readonly #addresses = new Map<string, string>();

  get size(): number {
    return this.#addresses.size;
  }

  /** @returns whether it is its turn at once. One whose cid is here already is not added again. */
  add(item: Unstored): boolean {
    if (this.#addresses.has(item.cid)) return false;
    const address = addressOf(item.to);
    const queue = this.#queues.get(address);
    this.#addresses.set(item.cid, address);
    if (queue === undefined) this.#queues.set(address, [item]);
    else queue.push(item);
    return queue === undefined;
  }

  /** @returns what to hand in to keep it going: the text itself, if it is here and its turn */
  turnOf(cid: string): Unstored | undefined {
    const [first] = this.#queues.get(this.#addresses.get(cid) ?? '') ?? [];
    return first?.cid === cid ? first : undefined;
  }

  /** Those whose turn it is, one for each address: handed in again on a new connection. */
  turns(): readonly Unstored[] {
    return [...this.#queues.values()].flatMap((queue) => queue.slice(0, 1));
  }

  /**
   * It is stored, or refused for good.
   *
   * @returns whose turn it is now, if that changed
   */
  settle(cid: string): Unstored | undefined {
    const address = this.#addresses.get(cid);
    const queue = address === undefined ? undefined : this.#queues.get(address);
    if (address === undefined || queue === undefined) return undefined;
    this.#addresses.delete(cid);
    const wasFirst = queue[0]?.cid === cid;
    queue.splice(
      queue.findIndex((item) => item.cid === cid),
      1,
    );
    if (queue.length === 0) this.#queues.delete(address);
    return wasFirst ? queue[0] : undefined;
  }
}

/** The same for all spellings of a number. */
function addressOf(typed: string): string {
  const address = parseAddress(typed);
  if (!address.ok) return typed;
  return address.value.type === 'user' ? address.value.name : address.value.number;
}
