/** What characters outside the GSM alphabet cost, or why a text with them was refused. */
import { OperatorError } from '../../core/base/errors.ts';
import { estimateText } from '../../core/message/estimate.ts';
import type { SplitText } from '../../core/message/split.ts';
import { printable } from '../table.ts';
import type { MessageOptions } from './message-options.ts';

/** Characters named in one sentence. */
const namedLimit = 5;

/** Empty where the text is all GSM. */
export function foreignNotice(text: string, split: SplitText, options: MessageOptions): string[] {
  const estimate = estimateText(text, { coding: 'auto', national: options.national });
  if (split.coding === 'ucs2' && estimate.foreign.length > 0) {
    const without = estimateText(replaceForeign(text, estimate.foreign), { coding: 'gsm7' });
    const parts = split.parts.length;
    const cost = parts === without.parts ? partsWords(parts) : `${partsWords(parts)} instead of ${without.parts}`;
    const verb = estimate.foreign.length === 1 ? 'is' : 'are';
    return [
      `${nameThem(estimate.foreign)} ${verb} not in the GSM alphabet: sent as UCS-2, 70 units in a message instead of 160 (${cost}).`,
    ];
  }
  if (split.national === undefined) return [];
  const { locking, single } = split.national;
  const tables = [
    ...(locking === undefined ? [] : [`${locking} locking`]),
    ...(single === undefined ? [] : [`${single} single`]),
  ];
  return [
    `Sent with the ${tables.join(' and ')} shift table, which not every handset reads (${partsWords(split.parts.length)}).`,
  ];
}

/** Of `--coding gsm7`. */
export function foreignError(foreign: readonly string[], options: MessageOptions): OperatorError {
  const verb = foreign.length === 1 ? 'is' : 'are';
  return new OperatorError({
    code: 'MESSAGE_FOREIGN_CHARACTERS',
    message: `${nameThem(foreign)} ${verb} not in the GSM alphabet. Nothing was sent.`,
    hint: `Use --coding auto or ucs2${options.national === 'off' ? ', --national auto' : ''}, or other characters.`,
  });
}

function nameThem(foreign: readonly string[]): string {
  const shown = foreign.slice(0, namedLimit).map((character) => `"${printable(character)}"`);
  const more = foreign.length - shown.length;
  return more > 0 ? `${shown.join(', ')} and ${more} more` : shown.join(', ');
}

/** The same text with one septet for each foreign character: what it would have cost. */
function replaceForeign(text: string, foreign: readonly string[]): string {
  const known = new Set(foreign);
  return [...text].map((character) => (known.has(character) ? 'x' : character)).join('');
}

function partsWords(count: number): string {
  return count === 1 ? '1 part' : `${count} parts`;
}
