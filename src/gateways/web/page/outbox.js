// What was typed and is not yet stored by the server. Kept in the browser, so that it survives a reload, and sent under
// the same cid as often as it takes: the server stores it once.

export class Outbox {
  #key;
  #items;

  constructor(user) {
    this.#key = `ringbridge.outbox.${user}`;
    this.reload();
  }

  /** Another tab may have changed it. */
  reload() {
    try {
      const kept = JSON.parse(localStorage.getItem(this.#key) ?? '[]');
      this.#items = Array.isArray(kept) ? kept : [];
    } catch {
      this.#items = [];
    }
  }

  get key() {
    return this.#key;
  }

  get items() {
    return this.#items;
  }

  /** Those that the server has not refused. */
  get waiting() {
    return this.#items.filter((item) => item.refusal === undefined);
  }

  /** Those whose turn it is: of those to one address only the first, so that a refusal for the moment lets none pass. */
  get turns() {
    const addresses = new Set();
    return this.waiting.filter(({ to }) => !addresses.has(to) && addresses.add(to));
  }

  /** @returns whose turn it is to that address, if any waits */
  turnTo(address) {
    return this.waiting.find(({ to }) => to === address);
  }

  /** @returns the item, under a new cid */
  add(to, text) {
    const item = { cid: crypto.randomUUID?.() ?? fallbackId(), to, text, at: Date.now() };
    this.#items = [...this.#items, item];
    this.#save();
    return item;
  }

  /** @returns what was removed, if it was here */
  remove(cid) {
    const found = this.#items.find((item) => item.cid === cid);
    this.#items = this.#items.filter((item) => item.cid !== cid);
    this.#save();
    return found;
  }

  refuse(cid, refusal) {
    this.#items = this.#items.map((item) => (item.cid === cid ? { ...item, refusal } : item));
    this.#save();
  }

  #save() {
    try {
      localStorage.setItem(this.#key, JSON.stringify(this.#items));
    } catch (error) {
      console.warn('The browser keeps nothing for this page; what waits is lost with it.', error);
    }
  }
}

/** `randomUUID` exists only on https and localhost. */
function fallbackId() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
