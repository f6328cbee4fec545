/**
 * The words of a text as they are searched for: folded, so that `CAFÉ` finds `café`, each once, and bounded. What is
 * kept of them is in `records.ts`, how they are found again in `search.ts`.
 */

/** Distinct words of one text that are kept; a text of 10,000 characters may have more. */
export const wordCountLimit = 200;
/** Characters of one word that count; longer ones are cut, in texts and in questions alike. */
export const wordLengthLimit = 32;

/** Scripts that put no spaces between words: there each character is a word. */
const unspaced =
  '\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}\\p{Script=Thai}\\p{Script=Lao}\\p{Script=Khmer}\\p{Script=Myanmar}';
const wordPattern = new RegExp(`[${unspaced}]|(?:(?![${unspaced}])[\\p{L}\\p{N}\\p{M}])+`, 'gu');
/** Accents of Latin, Greek and Cyrillic, and the vowel points of Arabic. In other scripts such marks make another word. */
const accents = /[\u0300-\u036f\u064b-\u065f]/g;

/** @returns each word once, in the order of the text; empty where there is none */
export function wordsOf(text: string): readonly string[] {
  const words = new Set<string>();
  for (const [word] of fold(text).matchAll(wordPattern)) {
    words.add(word.length <= wordLengthLimit ? word : [...word].slice(0, wordLengthLimit).join(''));
    if (words.size === wordCountLimit) break;
  }
  return [...words];
}

function fold(text: string): string {
  return text.normalize('NFKD').toLowerCase().normalize('NFKD').replace(accents, '').normalize('NFC');
}
