/**
 * What a handset writes to the bridge itself instead of to somebody: HELP, BLOCK, STOP, START, or what the operator's
 * country says for them. A whole message is one of these, never a part of one. SPEC: DESIGN section 7.
 */
import { isUserName } from './address.ts';

/** Each in any case; several spellings of one. An empty list turns a word off. */
export interface ServiceWords {
  /** Asks what can be written. */
  readonly help: readonly string[];
  /** No more from one user: `BLOCK alice`, or alone from the one who last wrote. */
  readonly block: readonly string[];
  /** No more from anybody. */
  readonly stop: readonly string[];
  /** Again from all, or `START alice`. */
  readonly start: readonly string[];
}

export const defaultServiceWords: ServiceWords = {
  help: ['HELP'],
  block: ['BLOCK'],
  stop: ['STOP'],
  start: ['START'],
};

export const defaultUnknownAnswer =
  'Nobody here is meant by your message. Begin it with @name, or answer a message that you got from here.';

export type ServiceRequest =
  | { readonly type: 'help' | 'stop' }
  | { readonly type: 'block' | 'start'; readonly user: string | undefined };

/** Undefined for a message that is meant for somebody. */
export function readServiceWord(text: string, words: ServiceWords): ServiceRequest | undefined {
  // People end words with a full stop, and handsets with a space.
  const [word = '', name, ...more] = text
    .trim()
    .replace(/[.!?]+$/, '')
    .split(/\s+/);
  if (more.length > 0) return undefined;
  const spelled = spell(word);
  const type = (['help', 'block', 'stop', 'start'] as const).find((kind) =>
    words[kind].some((known) => spell(known) === spelled),
  );
  if (type === undefined) return undefined;
  if (name === undefined) return type === 'help' || type === 'stop' ? { type } : { type, user: undefined };
  const user = name.replace(/^@/, '').toLowerCase();
  return (type === 'block' || type === 'start') && isUserName(user) ? { type, user } : undefined;
}

function spell(word: string): string {
  return word.normalize('NFC').toUpperCase();
}
