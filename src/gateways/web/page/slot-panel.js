// One slot in full: what both ends say of it, its message as far as an operator may see it, and the way it has come.
import { element, icon } from './element.js';
import { exactTime, laneWords, statusWords, timeBetween } from './words.js';

const basisWords = {
  said: 'its last word',
  told: 'as it was told; it does not answer that',
  silent: 'it has said nothing, and may hold what this end does not know',
};

export class SlotPanel {
  root = element('aside', { className: 'slot', hidden: true, aria: { labelledby: 'slot-title' } });
  #title = element('h2', { id: 'slot-title', tabIndex: -1 });
  #body = element('div', { className: 'slot-body' });
  #slot;
  #goBack = () => undefined;

  constructor() {
    const close = element('button', { type: 'button', className: 'icon-button', onclick: () => this.close() });
    close.setAttribute('aria-label', 'Close the slot');
    close.append(icon('close', 20));
    this.root.append(element('header', {}, this.#title, close), this.#body);
  }

  /** `smscId lane slot`; undefined while none is shown. */
  get shown() {
    return this.#slot && `${this.#slot.smscId} ${this.#slot.lane} ${this.#slot.slot}`;
  }

  /** @param goBack where the focus goes when it is closed */
  open(slot, goBack) {
    this.#slot = slot;
    this.#goBack = goBack;
    this.#title.textContent = `${slot.smscId} · ${slot.lane} · slot ${slot.slot}`;
    this.#body.replaceChildren();
    this.root.hidden = false;
    this.#title.focus();
  }

  close() {
    if (this.#slot === undefined) return;
    this.#slot = undefined;
    this.root.hidden = true;
    this.#goBack();
  }

  draw({ smscId, lane, imServer, buffer, moves, message }) {
    if (this.#slot === undefined || imServer === undefined) return;
    if (smscId !== this.#slot.smscId || lane !== this.#slot.lane || imServer.slot !== this.#slot.slot) return;
    const { status } = imServer;
    const said = buffer.status ?? 'unheard';
    this.#body.replaceChildren(
      element('p', { className: 'slot-meaning' }, badge(status), ' ', statusWords[status]),
      ...this.#advice(status),
      facts([
        ['IM server', badge(status)],
        ['Buffer', element('span', {}, badge(said), ` ${basisWords[buffer.basis]}`)],
        ['Direction', laneWords[lane]],
        ['Number', imServer.seq],
        ['Attempts', imServer.seq === undefined ? undefined : imServer.attempts],
        ['May arrive twice', imServer.possibleDuplicate ? 'yes, it was tried again after doubt' : undefined],
        ['Outcome', outcomeWords(imServer.outcome)],
        ...messageRows(message),
        ['Message', imServer.messageId && element('code', {}, imServer.messageId)],
      ]),
      ...way(moves, message),
    );
  }

  #advice(status) {
    if (status !== 'in-doubt') return [];
    const { slot, lane } = this.#slot;
    const command = `ringbridge ring resolve ${slot}${lane === 'mt' ? '' : ` --lane ${lane}`} --as sent|not-sent`;
    return [element('p', { className: 'slot-advice' }, 'Decide about it with ', element('code', {}, command))];
  }
}

function badge(status) {
  const swatch = element('span', { className: 'swatch', data: { status }, aria: { hidden: 'true' } });
  return element('span', { className: 'status' }, swatch, status === 'unheard' ? 'not heard of' : status);
}

function facts(rows) {
  const shown = rows.filter(([, value]) => value !== undefined && value !== '');
  return element(
    'dl',
    { className: 'slot-facts' },
    ...shown.flatMap(([name, value]) => [
      element('dt', {}, name),
      element('dd', {}, value instanceof Node ? value : String(value)),
    ]),
  );
}

function outcomeWords(outcome) {
  if (outcome === undefined) return undefined;
  const { status, stamp, errorCode, by } = outcome;
  const detail = [stamp && `stamp ${stamp}`, errorCode > 0 && `error 900:${errorCode}`, by !== 'answer' && `by ${by}`];
  return [status, ...detail].filter(Boolean).join(', ');
}

function messageRows(message) {
  if (message === undefined) return [];
  const { kind, from, to, length, part, createdAt } = message;
  const plural = length === 1 ? '' : 's';
  const size = { text: `${length} character${plural}`, binary: `${length} byte${plural}` }[kind] ?? 'a status report';
  return [
    ['From', from],
    ['To', to],
    ['Content', size],
    ['Part', part && `${part.index} of ${part.count}`],
    ['In the bridge since', exactTime(createdAt)],
  ];
}

/** Its moves at this end, each with the time since the one before. */
function way(moves, message) {
  if (moves.length === 0) return [];
  let before = message?.createdAt;
  const items = moves.map(({ status, attempts, at }) => {
    const since = before === undefined ? '' : timeBetween(at - before);
    before = at;
    const again = attempts > 1 ? ` attempt ${attempts}` : '';
    return element(
      'li',
      { data: { status } },
      element('span', {}, `${status}${again}`),
      element('span', { className: 'since' }, since),
      element('time', {}, exactTime(at)),
    );
  });
  return [element('h3', {}, 'Its way at this end'), element('ol', { className: 'way' }, ...items)];
}
