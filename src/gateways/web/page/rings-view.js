// The second tab, for those who run the bridge: every SMSC with its link and both lanes, and one slot in full.
import { Dial } from './dial.js';
import { element } from './element.js';
import { LookBack } from './look-back.js';
import { countLane, ringsThen } from './rings.js';
import { SlotPanel } from './slot-panel.js';
import { exactTime, laneWords, sessionWords } from './words.js';

const legend = ['placed', 'mirrored', 'in-flight', 'in-doubt', 'confirmed', 'refused', 'expired', 'settled', 'free'];

export class RingsView {
  #root;
  #asof = element('p', { className: 'as-of', role: 'status' });
  #smscs = element('div', { className: 'smscs' });
  #cards = new Map();
  #panel;
  #acts;
  #lookBack;
  #opener = element('button', { type: 'button', className: 'look-back-opener', onclick: () => this.#openPast() });
  /** What is shown instead of now. */
  #then;

  /** @param acts { slot(smscId, lane, slot), past(question), redraw() }; answers come to `showSlot` and `showPast` */
  constructor(root, acts) {
    this.#root = root;
    this.#acts = acts;
    this.#panel = new SlotPanel();
    this.#lookBack = new LookBack({ ask: (question) => acts.past(question), leave: () => this.#leavePast() });
    this.#opener.textContent = 'Look back';
    const items = legend.map((status) =>
      element('li', {}, element('span', { className: 'swatch', data: { status }, aria: { hidden: 'true' } }), status),
    );
    items.splice(
      1,
      0,
      element('li', {}, element('span', { className: 'swatch', data: { status: 'unheard' } }), 'buffer silent'),
    );
    const head = element(
      'header',
      { className: 'rings-head' },
      element('h1', {}, 'Rings'),
      this.#opener,
      element('p', { className: 'quiet' }, 'Outside what the IM server holds, inside the last word of the buffer.'),
      element('ul', { className: 'legend', aria: { label: 'Colours' } }, ...items),
    );
    const body = element('div', { className: 'rings-body' }, this.#smscs, this.#panel.root);
    root.append(head, this.#asof, this.#lookBack.root, body);
  }

  clear() {
    this.#leavePast();
    this.#cards.clear();
    this.#smscs.replaceChildren();
    this.#panel.close();
  }

  closeSlot() {
    this.#panel.close();
  }

  focus() {
    this.#root.focus();
  }

  /** The slot that is shown, as `smscId lane slot`. */
  get shownSlot() {
    return this.#panel.shown;
  }

  showSlot(answer) {
    this.#panel.draw(answer);
  }

  /** @param answer of the server; it may come when nobody looks back any more */
  showPast(answer) {
    if (!this.#lookBack.isOpen) return;
    if (answer.event !== undefined) this.#then = ringsThen(answer);
    this.#lookBack.take(answer);
    this.#acts.redraw();
  }

  /** There is no answer, and why. */
  missPast(words) {
    if (this.#lookBack.isOpen) this.#lookBack.miss(words);
  }

  /** There is a new connection. */
  connected() {
    this.#lookBack.askAgain();
  }

  draw(now, isConnected) {
    const rings = this.#then ?? now;
    this.#root.dataset.time = this.#lookBack.isOpen ? 'past' : 'now';
    this.#root.dataset.state = isConnected && rings !== undefined ? 'live' : 'stale';
    const asof =
      rings === undefined ? 'Waiting for the rings …' : isConnected ? '' : `As of ${exactTime(rings.toldAt)}`;
    if (this.#asof.textContent !== asof) this.#asof.textContent = asof;
    this.#asof.hidden = asof === '';
    if (rings === undefined) return;
    const ids = rings.smscs.map(({ link }) => link.smscId);
    for (const [id, card] of this.#cards) {
      if (ids.includes(id)) continue;
      card.root.remove();
      this.#cards.delete(id);
    }
    for (const smsc of rings.smscs) this.#card(smsc).draw(smsc);
    if (ids.length === 0 && this.#smscs.childNodes.length === 0) {
      this.#smscs.append(
        element('p', { className: 'empty' }, 'No buffer is set up: im-server start --buffer ID=FILE.'),
      );
    }
  }

  #openPast() {
    this.#panel.close();
    this.#opener.hidden = true;
    this.#lookBack.open();
    this.#acts.redraw();
  }

  #leavePast() {
    if (!this.#lookBack.isOpen) return;
    this.#then = undefined;
    this.#lookBack.close();
    this.#opener.hidden = false;
    this.#opener.focus();
    this.#acts.redraw();
  }

  #card({ link: { smscId }, lanes }) {
    const known = this.#cards.get(smscId);
    if (known !== undefined) return known;
    const open = (dial, lane, slot) => {
      // The panel tells of now.
      if (this.#lookBack.isOpen) return;
      this.#panel.open({ smscId, lane, slot }, () => dial.focus());
      this.#acts.slot(smscId, lane, slot);
    };
    const card = new SmscCard(smscId, lanes, open);
    this.#cards.set(smscId, card);
    this.#smscs.append(card.root);
    return card;
  }
}

class SmscCard {
  root;
  #head = element('div', { className: 'smsc-state' });
  #lanes = [];

  constructor(smscId, lanes, open) {
    const title = element('h2', { id: `smsc-${smscId}` }, smscId);
    const figures = lanes.map(({ lane }) => {
      const dial = new Dial(smscId, lane, (slot) => open(dial, lane, slot));
      const facts = element('dl', { className: 'facts' });
      this.#lanes.push({ lane, dial, facts });
      return element(
        'section',
        { className: 'lane', aria: { label: laneWords[lane] } },
        element('h3', {}, laneWords[lane], element('small', {}, ` ${lane}`)),
        dial.root,
        facts,
      );
    });
    this.root = element(
      'section',
      { className: 'smsc', aria: { labelledby: `smsc-${smscId}` } },
      element('header', { className: 'smsc-head' }, title, this.#head),
      element('div', { className: 'lanes' }, ...figures),
    );
  }

  draw({ link, lanes }) {
    this.#drawLink(link);
    for (const { lane, dial, facts } of this.#lanes) {
      const data = lanes.find((one) => one.lane === lane);
      if (data === undefined) continue;
      const { used, inDoubt } = countLane(data);
      const middle = [element('b', {}, String(used)), element('span', {}, `of ${data.size} in use`)];
      dial.draw(data, data.size === 0 ? [element('span', {}, 'no contact yet')] : middle);
      const rows = factRows(lane, data, inDoubt);
      const sign = JSON.stringify(rows);
      if (facts.dataset.drawn === sign) continue;
      facts.dataset.drawn = sign;
      const isBad = (name, value) =>
        (name === 'in doubt' && inDoubt > 0) || (name === 'contact' && value !== 'in-step') ? 'yes' : 'no';
      facts.replaceChildren(
        ...rows.map(([name, value]) =>
          element('div', { data: { bad: isBad(name, value) } }, element('dt', {}, name), element('dd', {}, value)),
        ),
      );
    }
  }

  #drawLink({ state, since, rttMs, reason, code, session }) {
    const sign = JSON.stringify([state, since, rttMs, reason, code, session]);
    if (this.#head.dataset.drawn === sign) return;
    this.#head.dataset.drawn = sign;
    const why =
      state === 'up' || reason === undefined
        ? []
        : [element('span', {}, element('bdi', {}, reason), code ? ` (${code})` : '')];
    const trip = rttMs === undefined ? [] : [element('span', {}, `round trip ${rttMs} ms`)];
    this.#head.replaceChildren(
      element('span', { className: 'link', data: { state } }, `link ${state}`),
      ...trip,
      element('span', {}, `since ${exactTime(since)}`),
      ...why,
      ...(session === undefined ? [] : [sessionChip(session)]),
    );
  }
}

function sessionChip(session) {
  const state = session.state === 'up' ? 'up' : 'away';
  return element('span', { className: 'link', data: { state } }, sessionWords(session));
}

/** Of the past only what was recorded. */
function factRows(lane, { contact, perSecond, waiting, moved }, inDoubt) {
  if (moved !== undefined) {
    return [
      ['moved', moved.length === 0 ? 'nothing' : `slot ${moved.slice(0, 8).join(', ')}${moved.length > 8 ? ' …' : ''}`],
      ['in doubt', String(inDoubt)],
    ];
  }
  return [
    ['through', `${perSecond} a second`],
    ['contact', contact],
    // What handsets wrote and has no slot yet waits where nobody here can count it.
    ['waiting for a slot', lane === 'mt' ? String(waiting) : 'at the SMSC'],
    ['in doubt', String(inDoubt)],
  ];
}
