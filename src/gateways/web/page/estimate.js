// How many short messages a text takes: the same cut as the server's (core/message/text-layout.ts), but without national
// tables, which only ever make fewer. A test holds the two together.

const gsm =
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿' +
  'abcdefghijklmnopqrstuvwxyzäöñüà';
const septets = new Map([...gsm].map((character) => [character, 1]));
for (const character of '\f^{}\\[~]|€') septets.set(character, 2);

const capacities = { gsm7: { single: 160, part: 153 }, ucs2: { single: 70, part: 67 } };
/** What the count octet of a concatenation can say. */
const partLimit = 255;

/** @returns { coding, parts, used, room, left, foreign }: `room` of one message, `foreign` the character that forced UCS-2 */
export function estimate(text) {
  const wellFormed = text.toWellFormed?.() ?? text;
  const foreign = [...wellFormed].find((character) => !septets.has(character));
  const coding = foreign === undefined ? 'gsm7' : 'ucs2';
  const sizeOf = coding === 'gsm7' ? (character) => septets.get(character) : (character) => character.length;
  let used = 0;
  for (const character of wellFormed) used += sizeOf(character);
  const { single, part } = capacities[coding];
  if (used <= single) return { coding, parts: 1, used, room: single, left: single - used, foreign };
  if (used > partLimit * part) return { coding, parts: Math.ceil(used / part), used, room: part, left: 0, foreign };
  const filled = fill(wellFormed, sizeOf, part, 'graphemes');
  const { parts, last } = filled.parts <= partLimit ? filled : fill(wellFormed, sizeOf, part, 'characters');
  return { coding, parts, used, room: part, left: part - last, foreign };
}

/** What a person is told while typing. */
export function estimateWords(text) {
  const { coding, parts, used, room, left, foreign } = estimate(text);
  const name = coding === 'gsm7' ? 'GSM-7' : 'UCS-2';
  const count = parts === 1 ? `${used} of ${room}` : `${parts} messages, ${left} left`;
  // Control characters and marks that join to their neighbours show nothing by themselves.
  const isShown = foreign !== undefined && /^[^\p{C}\p{M}\p{Z}]+$/u.test(foreign);
  return `${name}${isShown ? ` because of ${foreign}` : ''} · ${count}`;
}

const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** Fills each part as far as whole units go; a unit longer than a part is cut between its characters. */
function fill(text, sizeOf, capacity, units) {
  const segments = units === 'graphemes' ? segmenter.segment(text) : undefined;
  let parts = 1;
  let start = 0;
  let used = 0;
  for (let at = 0; at < text.length; ) {
    const character = String.fromCodePoint(text.codePointAt(at));
    const size = sizeOf(character);
    if (used + size <= capacity) {
      used += size;
      at += character.length;
      continue;
    }
    const unit = segments?.containing(at)?.index ?? at;
    start = unit > start ? unit : at;
    at = start;
    used = 0;
    parts += 1;
  }
  return { parts, last: used };
}
