// Texts both ways at a steady pace while a chapter goes on, whatever is down meanwhile. Every text is another one, so that
// loss, doubles and disorder show in anybody's records.
import { setTimeout as delay } from 'node:timers/promises';
import { conversationsOf, planTexts } from '../../dist/cli/demo/traffic.js';
import { callControl } from '../../dist/shell/control-client.js';

/** Each way, in one chapter. */
const textsInChapter = 20_000;

export class Load {
  #world;
  #people;
  #gapMs;
  #isOver = false;
  #done = Promise.resolve();
  #all;
  #count = 0;
  #textLimit;
  /** Of what handsets sent, as the SMSC calls it, in the order of the texts. */
  refs = [];

  constructor(world, people, perSecond, textLimit = textsInChapter) {
    this.#textLimit = textLimit;
    this.#world = world;
    this.#people = people;
    this.#gapMs = 1_000 / perSecond;
    this.conversations = conversationsOf(world);
    this.#all = {
      mt: planTexts('mt', this.conversations, textLimit),
      mo: planTexts('mo', this.conversations, textLimit),
    };
  }

  start() {
    this.#done = this.#send();
    this.#done.catch(() => undefined);
  }

  /** @throws what went wrong with sending */
  async stop() {
    this.#isOver = true;
    await this.#done;
  }

  /** Texts handed in so far, each way. */
  get count() {
    return this.#count;
  }

  get offered() {
    return { mt: this.#all.mt.slice(0, this.#count), mo: this.#all.mo.slice(0, this.refs.length) };
  }

  /** What handsets sent and the SMSC has the buffer's answer to. */
  async answeredTexts() {
    const refs = [...this.refs];
    const { injections } = await callControl(this.#world.dirs.smsc, 'POST /injections', { refs });
    return new Set(
      injections.flatMap(({ result }, index) => (result === 'answered' ? [this.#all.mo[index].text] : [])),
    );
  }

  async #send() {
    let dueAt = performance.now();
    while (!this.#isOver && this.#count < this.#textLimit) {
      const mt = this.#all.mt[this.#count];
      const mo = this.#all.mo[this.#count];
      this.#count += 1;
      this.#people.submit(mt.conversation.user, `mt-${this.#count}`, mt.conversation.handset, mt.text);
      const { handset: from, userNumber: to } = mo.conversation;
      const { ref } = await callControl(this.#world.dirs.smsc, 'POST /inject', { from, to, text: mo.text });
      this.refs.push(ref);
      // A late timer is made up for, a machine that stood still is not.
      dueAt = Math.max(dueAt + this.#gapMs, performance.now() - 10 * this.#gapMs);
      await delay(Math.max(0, dueAt - performance.now()));
    }
  }
}
