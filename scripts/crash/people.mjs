// The users at their terminals: one client each, which comes back by itself and hands in again, under the same id, what was
// not stored. They remember everything they were ever shown, also when the server's disk is lost.
import { setTimeout as delay } from 'node:timers/promises';
import { readImRecords } from '../../dist/cli/demo/im-records.js';
import { ImClient } from '../../dist/cli/im/im-client.js';

const reopenMs = 500;

export class People {
  #world;
  #clients = new Map();
  /** By user and cid: handed in, and neither stored nor refused as far as its user knows. */
  #unstored = new Map();
  /** By life of the server's store, user, and id of the text: the last that was shown of it. */
  #seen = new Map();
  #life = 1;
  #isEnded = false;
  refusals = [];

  constructor(world) {
    this.#world = world;
  }

  async open() {
    await Promise.all(this.#world.users.map((user) => this.#open(user)));
  }

  submit(user, cid, to, text) {
    this.#unstored.set(`${user} ${cid}`, { user, cid, to, text });
    this.#clients.get(user).submit(cid, to, text);
  }

  get unstored() {
    return [...this.#unstored.values()];
  }

  /** Texts of which more is to become known. */
  get openStepCount() {
    const open = ['stored', 'accepted', 'unknown'];
    return [...this.#seen.values()].filter(({ text }) => text.direction === 'out' && open.includes(text.step)).length;
  }

  /** Looks at the whole history, as a user does who opens the page anew: what came while a client was away is seen too. */
  async catchUp() {
    for (const user of this.#world.users) {
      for (const text of await readImRecords(this.#world.imUrl, user)) {
        this.#see(user.name, text);
      }
    }
  }

  /** The server goes on with an empty store. */
  beginLife() {
    this.#life += 1;
  }

  /** What stores that are gone held, one after the other, each in the order of the user's history. */
  seenBefore(user) {
    const seen = [...this.#seen.values()].filter((one) => one.user === user && one.life < this.#life);
    return seen.sort((a, b) => a.life - b.life || a.text.order - b.text.order).map(({ text }) => text);
  }

  close() {
    this.#isEnded = true;
    for (const client of this.#clients.values()) client.close();
  }

  #see(user, text) {
    this.#seen.set(`${this.#life} ${user} ${text.id}`, { life: this.#life, user, text });
  }

  #open({ name, password }) {
    return new Promise((resolve) => {
      const client = new ImClient({
        url: this.#world.imUrl,
        user: name,
        password,
        presence: 'here',
        on: {
          ready: () => resolve(),
          text: (text) => {
            if (text.direction === 'out') this.#unstored.delete(`${name} ${text.cid}`);
            this.#see(name, text);
          },
          refused: ({ cid, code, message }) => {
            this.#unstored.delete(`${name} ${cid}`);
            this.refusals.push(`${name} ${cid} was refused: ${code} ${message}`);
          },
          links: () => undefined,
          lost: () => undefined,
          // An IM server with an empty disk knows nobody until its operator adds the users again.
          failed: async () => {
            if (this.#isEnded) return;
            await delay(reopenMs);
            if (!this.#isEnded) resolve(this.#open({ name, password }));
          },
        },
      });
      this.#clients.set(name, client);
      for (const { user, cid, to, text } of this.#unstored.values()) if (user === name) client.submit(cid, to, text);
      client.open();
    });
  }
}
