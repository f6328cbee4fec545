// What steps, marks and statuses are called, and times: the words of the page.

export const stepWords = {
  waiting: 'waiting in this page',
  stored: 'stored',
  accepted: 'at the SMSC',
  delivered: 'on the handset',
  failed: 'failed',
  unknown: 'unknown',
};

/** What happened, its code, and what to do where there is something: `the number is not valid (900:300). Check the number.` */
export function reasonWords({ words, code, advice }) {
  return `${words} (${code})${advice === undefined ? '' : `. ${advice}`}`;
}

/** How a user is, behind a name. */
export const presenceWords = { here: 'here now', away: 'away just now', gone: 'gets it on coming back' };

export const markWords = {
  ambiguous: 'another message to this number left in the same second; the tick may be that one’s',
  'possible-duplicate': 'was sent again after doubt; it may arrive twice',
  'by-report': 'the SMSC did not answer; its report shows that it took the message',
  'no-report': 'no report will come: that the SMSC has it is all that can be known',
  repeated: 'came again after an interruption',
  gap: 'parts of it never came',
  flash: 'was sent to be shown at once and not kept',
};

/** Beside a text of which nobody knows whether it arrived. */
export const doubtHint = 'Sent again, it may arrive twice. The tick changes as soon as it is known.';

export const statusWords = {
  free: 'Nothing is in this slot.',
  placed: 'In the ring, not yet at the other end.',
  mirrored: 'At both ends; its turn to be handed over has not come.',
  'in-flight': 'Being handed over; the answer is still to come.',
  'in-doubt': 'Handed over, and no answer will come. Nobody knows whether it was taken.',
  confirmed: 'Taken over by the next party.',
  refused: 'Turned away for good.',
  expired: 'Its validity passed before it could be handed over.',
  settled: 'Over: both ends know how it ended, and the slot is for the next message.',
  unheard: 'The buffer has said nothing of it yet.',
};

/** What went into the IM server, as it is recorded. */
export const inputWords = {
  start: 'the IM server started',
  'link-opened': 'a buffer connected',
  'link-received': 'a frame came from a buffer',
  'link-closed': 'the connection of a buffer was lost',
  im: 'a person or a program did something',
  tick: 'time passed',
  resolve: 'an operator decided about a message in doubt',
  compare: 'an operator asked both ends to compare',
  prefer: 'an operator said whose copies are right',
  'hand-in': 'an operator handed in what a retired store held',
  drain: 'the IM server was told to stop',
};

export const laneWords = { mt: 'People to handsets', mo: 'Handsets to people' };

const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });
const seconds = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', second: '2-digit' });
const date = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short' });
const longDate = new Intl.DateTimeFormat(undefined, { weekday: 'long', day: 'numeric', month: 'long' });

export const timeOfDay = (at) => clock.format(at);

/** With the day where it is not today. */
export const exactTime = (at) =>
  isSameDay(at, Date.now()) ? seconds.format(at) : `${date.format(at)}, ${seconds.format(at)}`;

export function dayName(at, now = Date.now()) {
  if (isSameDay(at, now)) return 'Today';
  if (isSameDay(at, now - 86_400_000)) return 'Yesterday';
  return longDate.format(at);
}

export const shortTime = (at) => (isSameDay(at, Date.now()) ? clock.format(at) : date.format(at));

export function isSameDay(a, b) {
  return new Date(a).toDateString() === new Date(b).toDateString();
}

/** `+12 ms`, `+3.4 s`, `+2 min` */
export function timeBetween(ms) {
  if (ms < 1_000) return `+${Math.max(0, Math.round(ms))} ms`;
  if (ms < 60_000) return `+${(ms / 1_000).toFixed(1)} s`;
  return `+${Math.round(ms / 60_000)} min`;
}

/** What the buffer told of its session with the SMSC. */
export function sessionWords({ state, since, code, refusedWith }) {
  if (state === 'up') return `SMSC logged in since ${exactTime(since)}`;
  const why = code === undefined ? '' : ` (${code}${refusedWith === undefined ? '' : `, 900:${refusedWith}`})`;
  return `SMSC away since ${exactTime(since)}${why}`;
}
