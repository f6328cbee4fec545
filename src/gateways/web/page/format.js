// Words, times and small pictures: how things are shown, without knowing where.

export const stepWords = {
  waiting: 'waiting in this page',
  stored: 'stored',
  accepted: 'at the SMSC',
  delivered: 'on the handset',
  failed: 'failed',
  unknown: 'unknown',
};

export const markWords = {
  ambiguous: 'another message to this number left in the same second; the tick may be that one’s',
  'possible-duplicate': 'was sent again after doubt; it may arrive twice',
  'by-report': 'the SMSC did not answer; its report shows that it took the message',
  'no-report': 'no report will come: that the SMSC has it is all that can be known',
  repeated: 'came again after an interruption',
  gap: 'parts of it never came',
  flash: 'was sent to be shown at once and not kept',
};

/** An element; properties that begin with `on` are listeners, `data` and `aria` are objects. Text is only ever text. */
export function element(tag, properties = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined) continue;
    if (name.startsWith('on')) made.addEventListener(name.slice(2), value);
    else if (name === 'data') Object.assign(made.dataset, value);
    else if (name in made && name !== 'list') made[name] = value;
    else made.setAttribute(name, value);
  }
  made.append(...children.filter((child) => child !== undefined));
  return made;
}

const paths = {
  stored: ['M3 8.5 6.5 12 13 4.5'],
  accepted: ['M1 8.5 4.5 12 11 4.5', 'M7.5 11 8.5 12 15 4.5'],
  delivered: ['M1 8.5 4.5 12 11 4.5', 'M7.5 11 8.5 12 15 4.5'],
  failed: ['M4 4 12 12', 'M12 4 4 12'],
  unknown: ['M5.2 6a2.8 2.8 0 1 1 4.3 2.4c-1 .6-1.5 1-1.5 2', 'M8 13v.2'],
  waiting: ['M8 2.5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11Z', 'M8 5v3.2l2 1.3'],
  plus: ['M8 3v10', 'M3 8h10'],
  leave: ['M6.5 3H4a1 1 0 0 0-1 1v8a1 1 0 0 0 1 1h2.5', 'M7 8h6', 'M10.5 5.5 13 8l-2.5 2.5'],
  back: ['M10 3 5 8l5 5'],
  down: ['M8 3v10', 'M4 9l4 4 4-4'],
  send: ['M8 13V3', 'M3.5 7.5 8 3l4.5 4.5'],
};

export function icon(name, size = 16) {
  const space = 'http://www.w3.org/2000/svg';
  const svg = document.createElementNS(space, 'svg');
  const attributes = { viewBox: '0 0 16 16', width: size, height: size, fill: 'none', stroke: 'currentColor' };
  const line = { 'stroke-width': 1.7, 'stroke-linecap': 'round', 'stroke-linejoin': 'round', 'aria-hidden': 'true' };
  for (const [key, value] of Object.entries({ ...attributes, ...line })) svg.setAttribute(key, String(value));
  for (const d of paths[name]) {
    const path = document.createElementNS(space, 'path');
    path.setAttribute('d', d);
    svg.append(path);
  }
  return svg;
}

/** The tick of a step, with its words for those who hover or listen. */
export function tick(step, reason) {
  const words = reason ? `${stepWords[step]}: ${reason.words} (${reason.code})` : stepWords[step];
  const made = element('span', { className: 'tick', title: words, data: { step } });
  made.append(icon(step, 15), element('span', { className: 'visually-hidden' }, words));
  return made;
}

export function face(name) {
  const isNumber = /^\+?[0-9]/.test(name);
  const letters = isNumber ? name.slice(-2) : [...name].slice(0, 1).join('');
  let tone = 0;
  for (const character of name) tone = (Math.imul(tone, 33) ^ character.codePointAt(0)) >>> 0;
  return element(
    'span',
    { className: 'face', data: { tone: String((tone >>> 3) % 6) }, 'aria-hidden': 'true' },
    letters,
  );
}

const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });
const date = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short' });
const longDate = new Intl.DateTimeFormat(undefined, { weekday: 'long', day: 'numeric', month: 'long' });

export const timeOfDay = (at) => clock.format(at);

export function dayName(at, now = Date.now()) {
  if (isSameDay(at, now)) return 'Today';
  if (isSameDay(at, now - 86_400_000)) return 'Yesterday';
  return longDate.format(at);
}

export const shortTime = (at) => (isSameDay(at, Date.now()) ? clock.format(at) : date.format(at));

export function isSameDay(a, b) {
  return new Date(a).toDateString() === new Date(b).toDateString();
}

const gsm = new Set(
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿' +
    'abcdefghijklmnopqrstuvwxyzäöñüà',
);
const gsmExtension = new Set('\f^{}\\[~]|€');

/** How many short messages a text takes, and what is left in the last; undefined while it is far from a second. */
export function sizeOf(text) {
  let septets = 0;
  for (const character of text) {
    if (gsm.has(character)) septets += 1;
    else if (gsmExtension.has(character)) septets += 2;
    else {
      septets = -1;
      break;
    }
  }
  const [used, single, each] = septets < 0 ? [text.length, 70, 67] : [septets, 160, 153];
  if (used <= single * 0.7) return undefined;
  const parts = used <= single ? 1 : Math.ceil(used / each);
  const left = (parts === 1 ? single : parts * each) - used;
  return `${left} left · ${parts} ${parts === 1 ? 'message' : 'messages'}`;
}

/** A number without the ornaments people type, or a name; undefined if it is neither. */
export function parsePeer(typed) {
  const number = typed
    .trim()
    .replace(/[\s().\-/]/g, '')
    .replace(/^00(?=[1-9])/, '+');
  if (/^\+?[0-9]{2,20}$/.test(number)) return number;
  const name = typed.trim().replace(/^@/, '').toLowerCase();
  return /^[a-z][a-z0-9._-]{0,31}$/.test(name) ? name : undefined;
}

export const isNumber = (peer) => /^\+?[0-9]+$/.test(peer);
