// Looking back: which moment of what was recorded the rings are shown at. A slider over all inputs, one by one or to the next
// that moved a slot. It asks one question at a time, and then for where the hand is by now.
import { element } from './element.js';
import { exactTime, inputWords } from './words.js';

export class LookBack {
  root = element('section', { className: 'look-back', hidden: true, tabIndex: -1, aria: { label: 'Looking back' } });
  #slider = element('input', { type: 'range', min: 1, max: 1, value: 1, aria: { label: 'Moment' } });
  #words = element('p', { className: 'moment', role: 'status' });
  #buttons;
  #acts;
  /** The question that is not answered yet. */
  #asked;
  /** What to ask next. */
  #wanted;
  #event;

  /** @param acts { ask(question), leave() } */
  constructor(acts) {
    this.#acts = acts;
    const button = (words, label, question) =>
      element('button', { type: 'button', aria: { label }, onclick: () => this.#ask(question()) }, words);
    this.#buttons = [
      button('⇤', 'To the move before', () => ({ event: this.#event, seek: 'previous-move' })),
      button('←', 'One input back', () => ({ event: this.#event - 1, seek: 'at' })),
      button('→', 'One input on', () => ({ event: this.#event + 1, seek: 'at' })),
      button('⇥', 'To the next move', () => ({ event: this.#event, seek: 'next-move' })),
    ];
    const back = element('button', { type: 'button', className: 'now', onclick: () => acts.leave() }, 'Back to now');
    this.#slider.addEventListener('input', () => this.#ask({ event: Number(this.#slider.value), seek: 'at' }));
    this.root.append(this.#slider, element('div', { className: 'steps' }, ...this.#buttons, back), this.#words);
  }

  get isOpen() {
    return !this.root.hidden;
  }

  open() {
    this.root.hidden = false;
    this.#words.textContent = 'Reading what was recorded …';
    this.#setEnabled(false);
    // What opened it is gone; the slider cannot have the focus before it has a range.
    this.root.focus();
    this.#asked = undefined;
    this.#ask({ seek: 'at' });
  }

  close() {
    this.root.hidden = true;
    this.#asked = undefined;
    this.#wanted = undefined;
  }

  /** There is a new connection, and an answer that was still to come on the one before will not. */
  askAgain() {
    this.#wanted ??= this.#asked;
    this.#asked = undefined;
    this.#goOn();
  }

  /** The question has no answer, and why; another one may have. */
  miss(words) {
    this.#asked = undefined;
    this.#words.textContent = words;
    this.#goOn();
  }

  /** @param answer of the server, without `event` where nothing is recorded */
  take(answer) {
    this.#asked = undefined;
    if (answer.event === undefined) {
      this.#words.textContent =
        'Nothing is recorded here. An IM server that is started with --record 64MiB can be looked back on.';
      return;
    }
    const { first, last, event, at, input } = answer;
    const moved = answer.smscs.flatMap(({ link, lanes }) =>
      lanes.flatMap(({ lane, moved: slots }) => slots.map((slot) => `${link.smscId} ${lane} slot ${slot}`)),
    );
    this.#event = event;
    Object.assign(this.#slider, { min: first, max: last, value: event });
    const words = `${exactTime(at)} · ${inputWords[input] ?? input} · ${movedWords(moved)}`;
    this.#slider.setAttribute('aria-valuetext', words);
    this.#words.textContent = `${words} · input ${event} of ${last}`;
    this.#setEnabled(true);
    if (document.activeElement === this.root) this.#slider.focus();
    // The server answers so many questions a second, and a slider asks faster.
    setTimeout(() => this.#goOn(), 50);
  }

  #goOn() {
    const wanted = this.#wanted;
    this.#wanted = undefined;
    if (wanted !== undefined) this.#ask(wanted);
  }

  #ask(question) {
    if (this.#asked !== undefined) {
      this.#wanted = question;
      return;
    }
    this.#asked = question;
    this.#acts.ask(question);
  }

  #setEnabled(isEnabled) {
    for (const control of [this.#slider, ...this.#buttons]) control.disabled = !isEnabled;
  }
}

function movedWords(moved) {
  if (moved.length === 0) return 'moved nothing';
  const shown = moved.slice(0, 3).join(', ');
  return `moved ${shown}${moved.length > 3 ? ` and ${moved.length - 3} more` : ''}`;
}
