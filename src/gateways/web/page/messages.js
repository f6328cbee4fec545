// The messages of the open conversation as elements. Each is kept as long as it is shown, and a step that changes turns only
// its tick and the line below: nothing else is drawn anew, and nothing is read aloud again.
import { element } from './element.js';
import { place } from './list.js';
import { tick } from './tick.js';
import { dayName, doubtHint, exactTime, isSameDay, markWords, reasonWords, stepWords, timeOfDay } from './words.js';

/** A pause after which a message begins a new group. */
const groupMs = 300_000;

export class Messages {
  #parent;
  #acts;
  #kept = new Map();

  /** @param acts { again(text), discard(cid), steps(id) } */
  constructor(parent, acts) {
    this.#parent = parent;
    this.#acts = acts;
    parent.addEventListener('keydown', (event) => this.#step(event));
  }

  clear() {
    this.#kept.clear();
    this.#parent.replaceChildren();
  }

  /** @param unreadFrom order of the first that was not read when the conversation was opened; undefined for none */
  draw(texts, { unreadFrom, isSwitch }) {
    const wanted = [];
    let before;
    let isMarked = false;
    for (const text of texts) {
      if (before === undefined || !isSameDay(before.at, text.at))
        wanted.push(this.#line('day', dayName(text.at), text));
      if (!isMarked && unreadFrom !== undefined && text.direction === 'in' && text.order >= unreadFrom) {
        wanted.push(this.#line('fresh', 'Not read before', { at: 0 }));
        isMarked = true;
      }
      const isFirst = before === undefined || before.direction !== text.direction || text.at - before.at > groupMs;
      wanted.push(this.#message(text, isFirst, isSwitch));
      before = text;
    }
    place(this.#parent, wanted);
    this.#reachByKeys();
    if (this.#kept.size > 2 * wanted.length + 50) this.#forget(new Set(wanted));
  }

  /** Shows where it is. @returns whether it is here */
  point(order) {
    const found = [...this.#parent.children].find((child) => child.dataset.order === String(order));
    if (found === undefined) return false;
    for (const other of this.#parent.querySelectorAll('.pointed')) other.classList.remove('pointed');
    found.classList.add('pointed');
    found.scrollIntoView({ block: 'center' });
    return true;
  }

  /** When a text reached its steps: shown below it, if that was asked. */
  showSteps(id, steps) {
    const kept = [...this.#kept.values()].find(({ item }) => item.dataset.id === id);
    if (kept?.steps === undefined || kept.steps.hidden) return;
    const words = steps.map(({ step, at }) => `${stepWords[step]}${at === undefined ? '' : ` ${exactTime(at)}`}`);
    kept.steps.textContent = words.join(' · ');
  }

  #forget(wanted) {
    for (const [key, { item }] of this.#kept) if (!wanted.has(item)) this.#kept.delete(key);
  }

  #line(className, words, { at }) {
    const key = `${className} ${new Date(at).toDateString()}`;
    const known = this.#kept.get(key);
    const kept = known ?? { item: element('li', { className }, element('span', {}, words)), sign: words };
    if (kept.sign !== words) kept.item.firstChild.textContent = words;
    kept.sign = words;
    this.#kept.set(key, kept);
    return kept.item;
  }

  #message(text, isFirst, isSwitch) {
    const key = `text ${text.cid && text.direction === 'out' ? text.cid : text.id}`;
    const kept = this.#kept.get(key) ?? this.#newMessage(key, text, isSwitch);
    kept.item.classList.toggle('first', isFirst);
    const sign = JSON.stringify([text.id, text.order, text.step, text.reason, text.marks]);
    if (kept.sign === sign) return kept.item;
    kept.sign = sign;
    Object.assign(kept.item.dataset, { step: text.step, id: text.id, order: String(text.order ?? '') });
    kept.body.classList.toggle('binary', text.marks.includes('binary'));
    const ticks = text.direction === 'out' ? [tick(text.step, text.reason)] : [];
    kept.meta.replaceChildren(element('time', {}, timeOfDay(text.at)), ...ticks);
    if (kept.steps?.hidden === false) this.#acts.steps(text.id);
    kept.why.replaceChildren(...this.#why(text));
    kept.why.hidden = kept.why.childNodes.length === 0;
    return kept.item;
  }

  #newMessage(key, { direction, text }, isSwitch) {
    const who = element('span', { className: 'visually-hidden' }, direction === 'out' ? 'You: ' : '');
    const body = element('span', { className: 'body', dir: 'auto' }, text);
    const isOwn = direction === 'out';
    const meta = isOwn ? this.#stepsButton(key) : element('span', { className: 'meta' });
    const steps = isOwn ? element('p', { className: 'steps', hidden: true }) : undefined;
    const why = element('p', { className: 'why' });
    const bubble = element('div', { className: 'bubble' }, who, body, meta);
    const className = isSwitch ? 'message' : 'message new';
    const item = element('li', { className, data: { direction } }, bubble, steps, why);
    const kept = { item, body, meta, steps, why, sign: '' };
    this.#kept.set(key, kept);
    return kept;
  }

  /** The time and tick of an own message. One of all is reached by Tab, the others from there: see `#reachByKeys`. */
  #stepsButton(key) {
    const toggle = () => {
      const { item, meta, steps } = this.#kept.get(key);
      steps.hidden = !steps.hidden;
      meta.setAttribute('aria-expanded', String(!steps.hidden));
      if (!steps.hidden && item.dataset.order !== '') this.#acts.steps(item.dataset.id);
    };
    const title = 'When it reached its steps';
    return element('button', {
      type: 'button',
      className: 'meta',
      title,
      aria: { expanded: 'false' },
      onclick: toggle,
    });
  }

  /** The newest by Tab, the one above or below by the arrows. */
  #reachByKeys() {
    const buttons = [...this.#parent.querySelectorAll('button.meta')];
    const reached = buttons.includes(document.activeElement) ? document.activeElement : buttons.at(-1);
    for (const button of buttons) button.tabIndex = button === reached ? 0 : -1;
  }

  #step(event) {
    const steps = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const buttons = [...this.#parent.querySelectorAll('button.meta')];
    const at = buttons.indexOf(document.activeElement);
    if (steps === undefined || at < 0) return;
    event.preventDefault();
    buttons[at + steps]?.focus();
    this.#reachByKeys();
  }

  /** Reasons, marks, and what can be done about a failure. */
  #why(text) {
    const words = [];
    if (text.reason) {
      const head = text.refusal ? 'Not sent' : ({ unknown: 'Unknown', failed: 'Failed' }[text.step] ?? 'So far');
      words.push(`${head}: ${reasonWords(text.reason)}`);
    }
    for (const mark of text.marks) if (markWords[mark]) words.push(markWords[mark]);
    if (text.step === 'unknown') words.push(doubtHint);
    const made = words.length === 0 ? [] : [words.join(' · ')];
    if (text.step !== 'failed') return made;
    const again = element('button', { type: 'button', onclick: () => this.#acts.again(text) }, 'Try again');
    const discard = element('button', { type: 'button', onclick: () => this.#acts.discard(text.cid) }, 'Discard');
    return [...made, ' ', again, ...(text.refusal ? [' ', discard] : [])];
  }
}
