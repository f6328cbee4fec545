/**
 * Chance as an argument. `Random` is for jitter and simulated traffic, never for secrets; those come from the shell as
 * `RandomBytes`.
 */

/** Returns a number from 0 (included) to 1 (excluded). */
export type Random = () => number;

/** Returns `count` bytes that nobody can guess. */
export type RandomBytes = (count: number) => Uint8Array;

/**
 * The same numbers for the same seed (mulberry32).
 *
 * @param seed any integer; its lower 32 bits count
 */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
