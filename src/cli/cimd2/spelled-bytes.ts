/**
 * Bytes written out for people, and back: `<STX>03:003<TAB>…` as every command prints them, and `\x02…` as the reference
 * does. In the first form only names and `<HH>` of bytes that are not printable are escapes, since `<41>` may be what
 * somebody wrote; `<3C>` is a `<` that would be read as the beginning of an escape. What is starred is packet-text.ts.
 */
import { fromLatin1, toLatin1 } from '../../core/base/bytes.ts';

const named: Readonly<Record<string, string>> = { STX: '\x02', ETX: '\x03', TAB: '\t', LF: '\n', CR: '\r' };
const names = new Map(Object.entries(named).map(([name, character]) => [character, name]));
const backslashed: Readonly<Record<string, string>> = { t: '\t', n: '\n', r: '\r', '\\': '\\' };

/** In angles; {@link unspell} makes the same bytes of it again. */
export function spellOut(bytes: Uint8Array): string {
  return toLatin1(bytes).replace(
    /[^\x20-\x7e]|<(?=(?:STX|ETX|TAB|LF|CR|[0-9A-Fa-f]{2})>)/g,
    (character) => `<${names.get(character) ?? character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}>`,
  );
}

/** How a text spells its STX, which decides how everything else in it is spelled. */
export type Spelling = 'angle' | 'backslash';

/** Where the first STX is spelled out; undefined where none is. */
export function findSpelledStx(text: string): { readonly at: number; readonly spelling: Spelling } | undefined {
  const at = text.search(/<STX>|<02>|\\x02/);
  if (at === -1) return undefined;
  return { at, spelling: text.charAt(at) === '<' ? 'angle' : 'backslash' };
}

/** Behind the last ETX that is spelled out; undefined where none is. */
export function endOfSpelled(text: string, spelling: Spelling): number | undefined {
  const last = [...text.matchAll(spelling === 'angle' ? /<ETX>|<03>/g : /\\x03/g)].at(-1);
  return last === undefined ? undefined : last.index + last[0].length;
}

/** The bytes of what is spelled in `text`, which has one character per byte itself. */
export function unspell(text: string, spelling: Spelling): Uint8Array {
  return fromLatin1(
    spelling === 'angle' ? text.replace(/<(STX|ETX|TAB|LF|CR|[0-9A-Fa-f]{2})>/g, angle) : unslash(text),
  );
}

function angle(spelled: string, name: string): string {
  const control = named[name];
  if (control !== undefined) return control;
  const byte = Number.parseInt(name, 16);
  const isEscape = byte < 0x20 || byte > 0x7e || byte === 0x3c;
  return isEscape ? String.fromCharCode(byte) : spelled;
}

function unslash(text: string): string {
  return text.replace(/\\(?:x([0-9A-Fa-f]{2})|([tnr\\]))/g, (_, hex: string | undefined, letter: string | undefined) =>
    hex === undefined ? (backslashed[letter ?? ''] ?? '') : String.fromCharCode(Number.parseInt(hex, 16)),
  );
}
