/** A promise that is settled from outside, for what a session waits for. */

export interface Deferred<T> {
  readonly promise: Promise<T>;
  readonly isSettled: boolean;
  /** Only the first of these two counts. */
  resolve(value: T): void;
  reject(error: unknown): void;
}

export function deferred<T>(): Deferred<T> {
  let settle: { resolve: (value: T) => void; reject: (error: unknown) => void } | undefined;
  let isSettled = false;
  const promise = new Promise<T>((resolve, reject) => {
    settle = { resolve, reject };
  });
  // Rejections are for whoever waits; with nobody waiting they are no news.
  promise.catch(() => undefined);
  return {
    promise,
    get isSettled() {
      return isSettled;
    },
    resolve: (value) => {
      isSettled = true;
      settle?.resolve(value);
    },
    reject: (error) => {
      isSettled = true;
      settle?.reject(error);
    },
  };
}
