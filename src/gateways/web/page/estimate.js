// How many short messages a text takes: the same cut as the server's (core/message/text-layout.ts). Which national tables
// a text may leave in is the server's setting, which tells the page their characters. A test holds the two together.

const gsm =
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿' +
  'abcdefghijklmnopqrstuvwxyzäöñüà';
const septets = sizesOf(gsm, '\f^{}\\[~]|€');

const capacities = { gsm7: { single: 160, part: 153 }, ucs2: { single: 70, part: 67 } };
/** What the count octet of a concatenation can say. */
const partLimit = 255;

/**
 * @param national the national alphabets of the welcome, in the order in which they are tried
 * @returns { coding, language, parts, used, room, left, foreign }: `room` of one message, `foreign` the character that forced
 *   something else than the default alphabet, `language` that of the national tables it is written in instead
 */
export function estimate(text, national = []) {
  const wellFormed = text.toWellFormed?.() ?? text;
  const foreign = [...wellFormed].find((character) => !septets.has(character));
  if (foreign === undefined) return layOut(wellFormed, 'gsm7', (character) => septets.get(character), capacities.gsm7);
  let best = layOut(wellFormed, 'ucs2', (character) => character.length, capacities.ucs2);
  for (const { language, one, two, room, partRoom } of national) {
    const sizes = sizesOf(one, two);
    if ([...wellFormed].some((character) => !sizes.has(character))) continue;
    const capacity = { single: room, part: partRoom };
    const found = layOut(wellFormed, 'gsm7', (character) => sizes.get(character), capacity);
    if (found.parts < best.parts) best = { ...found, language };
  }
  return { ...best, foreign };
}

function layOut(text, coding, sizeOf, { single, part }) {
  let used = 0;
  for (const character of text) used += sizeOf(character);
  if (used <= single) return { coding, parts: 1, used, room: single, left: single - used };
  if (used > partLimit * part) return { coding, parts: Math.ceil(used / part), used, room: part, left: 0 };
  const filled = fill(text, sizeOf, part, 'graphemes');
  const { parts, last } = filled.parts <= partLimit ? filled : fill(text, sizeOf, part, 'characters');
  return { coding, parts, used, room: part, left: part - last };
}

/** What a person is told while typing. */
export function estimateWords(text, national) {
  const { coding, language, parts, used, room, left, foreign } = estimate(text, national);
  const name = coding === 'ucs2' ? 'UCS-2' : language === undefined ? 'GSM-7' : `GSM-7, ${language} table`;
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

function sizesOf(one, two) {
  return new Map([...[...two].map((character) => [character, 2]), ...[...one].map((character) => [character, 1])]);
}
