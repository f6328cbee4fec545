// How it is with the user of this page, for the server: the browser's events and clock go into attention.js, and what changes
// is said at once. A new connection begins with what is so at that moment.
import { Attention } from './attention.js';

const touches = ['keydown', 'pointerdown', 'pointermove', 'touchstart', 'wheel'];

export class OwnPresence {
  #attention = new Attention(isSeen(), performance.now());
  #say;
  /** As the server knows it. */
  #said;
  #timer;

  /** @param say is given `here` or `away`; returns whether it could be said: not without a connection */
  constructor(say) {
    this.#say = say;
    for (const touch of touches) addEventListener(touch, () => this.#touched(), { capture: true, passive: true });
    document.addEventListener('visibilitychange', () => {
      if (isSeen()) this.#attention.shown(performance.now());
      else this.#attention.hidden(performance.now());
      this.tell();
    });
  }

  /** A connection begins. @returns what its address says */
  begin() {
    this.#said = this.#attention.presence(performance.now());
    this.#wait();
    return this.#said;
  }

  /** Says what the server does not know yet. */
  tell() {
    const presence = this.#attention.presence(performance.now());
    if (presence !== this.#said && this.#say(presence)) this.#said = presence;
    this.#wait();
  }

  /** A pointer that moves is told of all the time: there is nothing to be done unless one was away. */
  #touched() {
    const now = performance.now();
    const wasAway = this.#attention.presence(now) === 'away';
    this.#attention.touched(now);
    if (wasAway) this.tell();
  }

  #wait() {
    clearTimeout(this.#timer);
    const now = performance.now();
    const deadline = this.#attention.deadline(now);
    if (deadline !== undefined) this.#timer = setTimeout(() => this.tell(), deadline - now);
  }
}

function isSeen() {
  return document.visibilityState === 'visible';
}
