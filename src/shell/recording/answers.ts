/**
 * What a machine asks of the world besides its inputs: chance, the store it is made from, and what needs a secret. The
 * answers are recorded in the order in which they were given, so that the same machine can be given them again: then it
 * needs neither chance nor secrets. Hashes without a secret are computed again.
 */
import type { HmacSha256 } from '../../core/base/hashing.ts';
import type { Random, RandomBytes } from '../../core/base/random.ts';
import type { PlainValue } from '../../core/base/values.ts';
import type { StoreKey, StoreReader } from '../../core/store/record.ts';

/** What a role is given of it. */
export interface AskedTools {
  readonly randomBytes: RandomBytes;
  readonly random: Random;
  readonly hmac: HmacSha256;
  readonly store: StoreReader;
}

const none: readonly PlainValue[] = [];

/** Gives the answers of real tools and remembers them, up to a limit. */
export class AnswersNoted {
  readonly tools: AskedTools;
  readonly #limitBytes: number;
  #answers: PlainValue[] = [];
  #sizeBytes = 0;
  #lost = 0;

  /** @param limitBytes of answers between two {@link take}s, about; of more only the count is kept */
  constructor({ randomBytes, random, hmac, store }: AskedTools, limitBytes: number) {
    this.#limitBytes = limitBytes;
    const note = <T extends PlainValue>(answer: T): T => {
      if (this.#sizeBytes > this.#limitBytes) this.#lost += 1;
      else {
        this.#answers.push(answer);
        this.#sizeBytes += sizeOf(answer);
      }
      return answer;
    };
    this.tools = {
      randomBytes: (count) => note(randomBytes(count)),
      random: () => note(random()),
      hmac: (key, bytes) => note(hmac(key, bytes)),
      store: {
        get: (key) => {
          const value = store.get(key);
          note(value === undefined ? [] : [withoutSecret(key, value)]);
          return value;
        },
        *entries(prefix, options) {
          for (const [key, value] of store.entries(prefix, options)) {
            note([key, withoutSecret(key, value)]);
            yield [key, value];
          }
          note(null);
        },
      },
    };
  }

  /** Those since it was asked last; where they passed the limit, how many there were. */
  take(): readonly PlainValue[] | number {
    const answers = this.#answers;
    // The list given away must not grow any more.
    if (answers.length === 0) return none;
    const count = this.#lost === 0 ? 0 : this.#lost + answers.length;
    this.#answers = [];
    this.#sizeBytes = 0;
    this.#lost = 0;
    return count > 0 ? count : answers;
  }
}

/** What the recording has no answer to: the machine that replays is not the one that was recorded. */
export class UnaskedQuestion extends Error {
  override readonly name = 'UnaskedQuestion';
}

/** Gives recorded answers in their order. */
export class AnswersGiven {
  readonly tools: AskedTools;
  #answers: readonly PlainValue[] = [];
  #next = 0;

  constructor() {
    this.tools = {
      randomBytes: (count) => {
        const answer = this.#answer('random bytes');
        if (!(answer instanceof Uint8Array) || answer.length !== count) throw unasked('random bytes');
        return answer;
      },
      random: () => {
        const answer = this.#answer('a random number');
        if (typeof answer !== 'number') throw unasked('a random number');
        return answer;
      },
      hmac: () => {
        const answer = this.#answer('a proof of the link');
        if (!(answer instanceof Uint8Array)) throw unasked('a proof of the link');
        return answer;
      },
      store: {
        get: () => {
          const answer = this.#answer('a record');
          if (!isList(answer) || answer.length > 1) throw unasked('a record');
          return answer[0];
        },
        entries: () => this.#entries(),
      },
    };
  }

  /** Answers to what is asked from now on. */
  give(answers: readonly PlainValue[]): void {
    this.#answers = answers;
    this.#next = 0;
  }

  /** Answers that nobody has asked for. */
  get leftCount(): number {
    return this.#answers.length - this.#next;
  }

  *#entries(): Iterable<readonly [StoreKey, PlainValue]> {
    for (;;) {
      const answer = this.#answer('records');
      if (answer === null) return;
      const [key, value]: readonly (PlainValue | undefined)[] = isList(answer) ? answer : [];
      if (!isList(key) || value === undefined) throw unasked('records');
      // Keys are written by `AnswersNoted`, which got them from a store.
      yield [key as StoreKey, value];
    }
  }

  #answer(what: string): PlainValue {
    const answer = this.#answers[this.#next];
    if (answer === undefined) throw unasked(what);
    this.#next += 1;
    return answer;
  }
}

function unasked(what: string): UnaskedQuestion {
  return new UnaskedQuestion(`the machine asks for ${what}, and when it was recorded it did not`);
}

/** Of the users nothing is recorded that could be tried out against a password. SPEC: CLI.md, privacy. */
function withoutSecret(key: StoreKey, value: PlainValue): PlainValue {
  if (key[0] !== 'im' || key[1] !== 'live' || key[2] !== 'user' || !isList(value)) return value;
  return value.map((part) => (typeof part === 'string' && part.startsWith('scrypt') ? '' : part));
}

/** About as many bytes as it takes when it is written. */
export function sizeOf(value: PlainValue): number {
  if (value instanceof Uint8Array || typeof value === 'string') return value.length + 5;
  if (!isList(value)) return 9;
  let size = 5;
  for (const part of value) size += sizeOf(part);
  return size;
}

function isList(value: PlainValue | undefined): value is readonly PlainValue[] {
  return Array.isArray(value);
}
