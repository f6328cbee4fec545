// Whether somebody is at the page: a machine with the time as an input, in milliseconds that never go back. What the browser
// knows of it comes from own-presence.js. A page that nobody looks at for a minute, or touches for ten, is left.

export const unseenMs = 60_000;
export const untouchedMs = 600_000;

export class Attention {
  #touchedAt;
  /** Undefined while the page is looked at. */
  #hiddenAt;

  /** @param isSeen whether the page is looked at: one that is opened in the background is left from the beginning */
  constructor(isSeen, now) {
    this.#touchedAt = isSeen ? now : Number.NEGATIVE_INFINITY;
    this.#hiddenAt = isSeen ? undefined : now;
  }

  /** By a key, a pointer or a finger. */
  touched(now) {
    this.#touchedAt = now;
  }

  /** To look at it again is to be at it, too. */
  shown(now) {
    this.#hiddenAt = undefined;
    this.#touchedAt = now;
  }

  hidden(now) {
    this.#hiddenAt ??= now;
  }

  /** @returns `here` or `away` */
  presence(now) {
    return now < this.#leftAt ? 'here' : 'away';
  }

  /** @returns when it will be away if nothing else happens; undefined where it is already */
  deadline(now) {
    return now < this.#leftAt ? this.#leftAt : undefined;
  }

  get #leftAt() {
    const unseenAt = this.#hiddenAt === undefined ? Number.POSITIVE_INFINITY : this.#hiddenAt + unseenMs;
    return Math.min(unseenAt, this.#touchedAt + untouchedMs);
  }
}
