// Elements, icons and faces: how things are built. Text of people only ever becomes text.

/** An element; properties that begin with `on` are listeners, `data` and `aria` are objects. */
export function element(tag, properties = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined) continue;
    if (name.startsWith('on')) made.addEventListener(name.slice(2), value);
    else if (name === 'data') Object.assign(made.dataset, value);
    else if (name === 'aria') for (const [key, text] of Object.entries(value)) made.setAttribute(`aria-${key}`, text);
    else if (name in made && name !== 'list') made[name] = value;
    else made.setAttribute(name, value);
  }
  made.append(...children.filter((child) => child !== undefined));
  return made;
}

const space = 'http://www.w3.org/2000/svg';

export function drawn(tag, attributes = {}, ...children) {
  const made = document.createElementNS(space, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value));
  made.append(...children);
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
  help: ['M5.7 6.2a2.3 2.3 0 1 1 3.6 2c-.8.5-1.3.9-1.3 1.7', 'M8 12.1v.2'],
  close: ['M4 4 12 12', 'M12 4 4 12'],
  phone: ['M5 1.8h6a1 1 0 0 1 1 1v10.4a1 1 0 0 1-1 1H5a1 1 0 0 1-1-1V2.8a1 1 0 0 1 1-1Z', 'M7.2 12h1.6'],
  sender: ['M2.5 7v2.5L10 12.5v-8L2.5 7Z', 'M12.5 6.5a2.6 2.6 0 0 1 0 4', 'M4.6 10.2l.6 3h1.8l-.5-2.2'],
};

export function icon(name, size = 16) {
  const line = { 'stroke-width': 1.7, 'stroke-linecap': 'round', 'stroke-linejoin': 'round', 'aria-hidden': 'true' };
  const box = { viewBox: '0 0 16 16', width: size, height: size, fill: 'none', stroke: 'currentColor' };
  return drawn('svg', { ...box, ...line }, ...paths[name].map((d) => drawn('path', { d })));
}

/**
 * A round picture for people and numbers; a square one for senders, who are neither.
 *
 * @param presence 'here': with a dot; 'away': with a ring
 */
export function face({ kind, name }, presence = 'gone') {
  let tone = 0;
  for (const character of name) tone = (Math.imul(tone, 33) ^ character.codePointAt(0)) >>> 0;
  const inside = { number: name.slice(-2), user: [...name][0] ?? '', sender: '' }[kind];
  const data = { kind, tone: String((tone >>> 3) % 6), presence };
  const made = element('span', { className: 'face', data, aria: { hidden: 'true' } }, inside);
  if (kind === 'sender') made.append(icon('sender', 20));
  return made;
}
