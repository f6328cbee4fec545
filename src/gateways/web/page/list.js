// The list of conversations, and below it the messages that a search found. Rows are kept and changed in place, so that
// neither focus nor a screen reader's place is lost when something arrives.
import { element, face } from './element.js';
import { partyOf } from './peer.js';
import { tick } from './tick.js';
import { presenceWords, shortTime } from './words.js';

const $ = (id) => document.getElementById(id);

export class ConversationList {
  #acts;
  #rows = new Map();
  #state;
  #askTimer;

  /** @param acts { choose(peer), find(peer, order), search(words), more() } */
  constructor(acts) {
    this.#acts = acts;
    $('more').addEventListener('click', () => acts.more());
    $('search').addEventListener('input', () => {
      this.draw(this.#state);
      // Not for every letter of a word that is still being typed.
      clearTimeout(this.#askTimer);
      this.#askTimer = setTimeout(() => acts.search(this.wanted), 200);
    });
    $('search').addEventListener('keydown', (event) => {
      if (event.key === 'Escape' && $('search').value !== '') {
        event.stopPropagation();
        this.clearSearch();
      } else if (event.key === 'ArrowDown') this.#step(event, 1);
    });
    for (const id of ['conversations', 'hits']) {
      $(id).addEventListener('keydown', (event) => {
        const steps = { ArrowDown: 1, ArrowUp: -1 }[event.key];
        if (steps !== undefined) this.#step(event, steps);
      });
    }
  }

  get wanted() {
    return $('search').value.trim();
  }

  clear() {
    this.#rows.clear();
    $('conversations').replaceChildren();
    this.clearSearch();
  }

  clearSearch() {
    $('search').value = '';
    this.#acts.search('');
    if (this.#state !== undefined) this.draw(this.#state);
  }

  /** The conversation after or before the open one; undefined where there is none. */
  neighbour(open, steps) {
    const peers = [...$('conversations').querySelectorAll('button')].map((button) => button.dataset.peer);
    return peers[open === undefined ? 0 : peers.indexOf(open) + steps];
  }

  focusRow(peer) {
    (this.#rows.get(peer)?.button ?? $('new')).focus();
  }

  draw(state) {
    this.#state = state;
    const { model, outbox, open } = state;
    const wanted = this.wanted.toLowerCase();
    const shown = rowsOf(model, outbox)
      .filter((row) => row.last !== undefined || row.waiting !== undefined || row.conversation.peer === open)
      .filter(({ conversation, last }) => `${conversation.peer} ${last?.text ?? ''}`.toLowerCase().includes(wanted))
      .sort((a, b) => b.order - a.order || b.at - a.at);
    const items = shown.map((row) => this.#row(row, model, open));
    if (items.length === 0) {
      const words = wanted === '' ? 'No conversations yet.' : 'No conversation of that name.';
      items.push(element('li', { className: 'empty' }, words));
    }
    place($('conversations'), items);
    $('more').hidden = !Number.isFinite(model.listedFrom) || model.listedFrom === 0;
    this.#drawHits(model.found, wanted);
  }

  #row(row, model, open) {
    const { peer } = row.conversation;
    const kept = this.#rows.get(peer) ?? this.#newRow(peer);
    const presence = model.presenceOf(peer);
    const sign = JSON.stringify([
      ...[row.last?.id, row.last?.step, row.waiting?.cid, row.waiting?.refusal, row.at, row.conversation.unread],
      ...[presence, peer === open, shortTime(row.at)],
    ]);
    if (kept.sign === sign) return kept.item;
    kept.sign = sign;
    fillRow(kept.button, row, presence);
    if (peer === open) kept.button.setAttribute('aria-current', 'true');
    else kept.button.removeAttribute('aria-current');
    return kept.item;
  }

  #newRow(peer) {
    const button = element('button', { type: 'button', data: { peer }, onclick: () => this.#acts.choose(peer) });
    const row = { item: element('li', {}, button), button, sign: '' };
    this.#rows.set(peer, row);
    return row;
  }

  #drawHits(found, wanted) {
    const hits = wanted === '' || found?.words.toLowerCase() !== wanted ? [] : found.texts;
    for (const id of ['hits-title', 'hits']) $(id).hidden = hits.length === 0;
    const items = hits.map((text) =>
      element(
        'li',
        {},
        element(
          'button',
          { type: 'button', className: 'hit', onclick: () => this.#acts.find(text.peer, text.order) },
          element('span', { className: 'name', dir: 'auto' }, partyOf(text.peer).name),
          element('time', {}, shortTime(text.at)),
          element('span', { className: 'last', dir: 'auto' }, `${text.direction === 'out' ? 'You: ' : ''}${text.text}`),
        ),
      ),
    );
    const sign = JSON.stringify(hits.map((text) => text.id));
    if ($('hits').dataset.drawn === sign) return;
    $('hits').dataset.drawn = sign;
    $('hits').replaceChildren(...items);
  }

  #step(event, steps) {
    event.preventDefault();
    const buttons = [...document.querySelectorAll('#conversations button, #more:not([hidden]), #hits button')];
    const next = buttons.indexOf(document.activeElement) + steps;
    if (next < 0) $('search').focus();
    else buttons[next]?.focus();
  }
}

function rowsOf(model, outbox) {
  const rows = [...model.conversations.values()].map((conversation) => {
    const last = model.lastOf(conversation);
    const waiting = outbox.items.filter((item) => item.to === conversation.peer).at(-1);
    const order = waiting ? Infinity : (last?.order ?? 0);
    return { conversation, last, waiting, at: waiting?.at ?? last?.at ?? 0, order };
  });
  for (const item of outbox.items) {
    if (rows.some((row) => row.conversation.peer === item.to)) continue;
    rows.push({ conversation: { peer: item.to, unread: 0 }, waiting: item, at: item.at, order: Infinity });
  }
  return rows;
}

function fillRow(button, { conversation, last, waiting, at }, presence) {
  const party = partyOf(conversation.peer);
  const step = waiting ? (waiting.refusal ? 'failed' : 'waiting') : last?.direction === 'out' ? last.step : undefined;
  const preview = element('span', { className: 'last' });
  if (step !== undefined) preview.append(tick(step, waiting?.refusal ?? last?.reason));
  preview.append(element('span', { dir: 'auto' }, waiting?.text ?? last?.text ?? ''));
  const name = element('span', { className: 'name', dir: 'auto' }, party.name);
  if (party.kind === 'sender') name.append(element('small', {}, ' a sender’s name'));
  if (presence !== 'gone')
    name.append(element('span', { className: 'visually-hidden' }, `, ${presenceWords[presence]}`));
  button.replaceChildren(face(party, presence), name, element('time', {}, at ? shortTime(at) : ''), preview);
  const { unread } = conversation;
  if (unread === 0) return;
  const words = element('span', { className: 'visually-hidden' }, ' not read');
  button.append(element('span', { className: 'badge' }, unread > 98 ? '99+' : String(unread), words));
}

/** Puts these children there in this order, and touches none that is in its place already. */
export function place(parent, children) {
  const kept = new Set(children);
  for (const child of [...parent.children]) if (!kept.has(child)) child.remove();
  children.forEach((child, index) => {
    if (parent.children[index] !== child) parent.insertBefore(child, parent.children[index] ?? null);
  });
}
