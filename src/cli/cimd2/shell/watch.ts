/** Waiting until something is so, judged anew after every change; ended by time or by an interruption. */

export class Watch {
  readonly #waiting = new Set<() => void>();

  /** Something is different now. */
  notify(): void {
    for (const look of [...this.#waiting]) look();
  }

  /** @returns whether it was so in time */
  until(isSo: () => boolean, withinMs: number, signal: AbortSignal): Promise<boolean> {
    if (isSo()) return Promise.resolve(true);
    return new Promise((resolve) => {
      const settle = (result: boolean): void => {
        clearTimeout(patience);
        this.#waiting.delete(look);
        signal.removeEventListener('abort', stop);
        resolve(result);
      };
      const look = (): void => {
        if (isSo()) settle(true);
      };
      const stop = (): void => settle(false);
      // The longest that Node waits for; more is as good as for ever.
      const patience = setTimeout(stop, Math.min(withinMs, 2_147_483_647));
      this.#waiting.add(look);
      signal.addEventListener('abort', stop, { once: true });
      if (signal.aborted) stop();
    });
  }
}
