// Draws the model into the document. Texts of people only ever become text nodes; elements of messages are kept and
// replaced only when they change, so that a screen reader hears what is new and nothing else.
import {
  dayName,
  element,
  face,
  icon,
  isNumber,
  isSameDay,
  markWords,
  shortTime,
  sizeOf,
  tick,
  timeOfDay,
} from './format.js';

const $ = (id) => document.getElementById(id);

export class View {
  #acts;
  #elements = new Map();
  #shownPeer;
  #drafts = new Map();
  #notice;
  #state;

  /** @param acts what the user can do; see main.js */
  constructor(acts) {
    this.#acts = acts;
    $('new').append(icon('plus', 20));
    $('log-out').append(icon('leave', 20));
    $('back').append(icon('back', 20));
    $('to-end').append(icon('down', 18));
    $('send').append(icon('send', 20));
    this.#wireLogin();
    this.#wireNew();
    this.#wireComposer();
    this.#wireList();
    $('log-out').addEventListener('click', () => acts.logOut());
    $('back').addEventListener('click', () => acts.back());
    $('older').addEventListener('click', () => acts.older());
    $('to-end').addEventListener('click', () => this.#scrollToEnd());
    $('scroll').addEventListener('scroll', () => this.#drawToEnd());
  }

  showLogin(problem) {
    document.body.dataset.face = 'login';
    document.title = 'ringbridge';
    this.#problem('login-problem', problem);
    $('login-password').value = '';
    this.#elements.clear();
    this.#drafts.clear();
    this.#shownPeer = undefined;
    $('messages').replaceChildren();
    $('text').value = '';
    ($('login-user').value === '' ? $('login-user') : $('login-password')).focus();
  }

  showApp() {
    document.body.dataset.face = 'app';
  }

  focusComposer() {
    // On a phone the keyboard would cover what the reader came for.
    if (matchMedia('(pointer: fine)').matches) $('text').focus();
  }

  /** Undefined takes it away. */
  notice(words, kind = 'doubt') {
    this.#notice = words === undefined ? undefined : { words, kind };
    this.#drawNotice();
  }

  draw(state) {
    this.#state = state;
    const { model, open } = state;
    $('app').dataset.pane = open === undefined ? 'list' : 'talk';
    document.title = model.unread > 0 ? `(${model.unread}) ringbridge` : 'ringbridge';
    const suffix = model.suffix === undefined ? [] : [' ', element('small', {}, `·${model.suffix}`)];
    $('me').replaceChildren(face(model.user ?? ''), element('b', {}, model.user ?? '', ...suffix));
    this.#drawList();
    this.#drawLinks(model.isConnected ? model.links : []);
    this.#drawNotice();
    $('nothing').hidden = open !== undefined;
    $('conversation').hidden = open === undefined;
    if (open !== undefined) this.#drawConversation(state);
  }

  #drawList() {
    const { model, outbox, open } = this.#state;
    const wanted = $('search').value.trim().toLowerCase();
    const rows = [...model.conversations.values()].map((conversation) => {
      const last = model.lastOf(conversation);
      const waiting = outbox.items.filter((item) => item.to === conversation.peer).at(-1);
      return {
        conversation,
        last,
        waiting,
        at: waiting?.at ?? last?.at ?? 0,
        order: waiting ? Infinity : (last?.order ?? 0),
      };
    });
    for (const item of outbox.items) {
      if (rows.some((row) => row.conversation.peer === item.to)) continue;
      rows.push({ conversation: { peer: item.to, unread: 0 }, waiting: item, at: item.at, order: Infinity });
    }
    const shown = rows
      .filter((row) => row.last !== undefined || row.waiting !== undefined || row.conversation.peer === open)
      .filter(({ conversation, last }) => `${conversation.peer} ${last?.text ?? ''}`.toLowerCase().includes(wanted))
      .sort((a, b) => b.order - a.order || b.at - a.at);
    const items = shown.map((row) => element('li', {}, this.#listButton(row, open)));
    const focused = document.activeElement?.dataset?.peer;
    $('conversations').replaceChildren(...items);
    if (focused !== undefined)
      [...$('conversations').querySelectorAll('button')].find((one) => one.dataset.peer === focused)?.focus();
    if (items.length === 0) {
      const words = wanted === '' ? 'No conversations yet.' : 'Nothing found.';
      $('conversations').append(element('li', { className: 'empty' }, words));
    }
  }

  #listButton({ conversation, last, waiting, at }, open) {
    const { peer, unread } = conversation;
    const step = waiting ? (waiting.refusal ? 'failed' : 'waiting') : last?.direction === 'out' ? last.step : undefined;
    const preview = element('span', { className: 'last' });
    if (step !== undefined) preview.append(tick(step, waiting?.refusal ?? last?.reason));
    preview.append(element('span', {}, waiting?.text ?? last?.text ?? ''));
    const button = element(
      'button',
      { type: 'button', data: { peer }, onclick: () => this.#acts.choose(peer) },
      face(peer),
      element('span', { className: 'name' }, peer),
      element('time', {}, at ? shortTime(at) : ''),
      preview,
    );
    if (peer === open) button.setAttribute('aria-current', 'true');
    if (unread > 0) {
      const words = element('span', { className: 'visually-hidden' }, ' not read');
      button.append(element('span', { className: 'badge' }, unread > 98 ? '99+' : String(unread), words));
    }
    return button;
  }

  #drawLinks(links) {
    const chips = links.map(({ smscId, state, rttMs, reason, since }) => {
      const words = state === 'up' ? (rttMs === undefined ? '' : ` ${Math.round(rttMs)} ms`) : ` ${state}`;
      const title = `Link to ${smscId}: ${state} since ${timeOfDay(since)}${reason ? `, ${reason}` : ''}`;
      return element('span', { className: 'link', title, data: { state } }, `${smscId}${words}`);
    });
    const drawn = chips.map((chip) => chip.textContent + chip.title).join();
    if ($('links').dataset.drawn === drawn) return;
    $('links').dataset.drawn = drawn;
    $('links').replaceChildren(...chips);
  }

  #drawNotice() {
    const { model, outbox } = this.#state ?? {};
    let notice = this.#notice;
    if (model !== undefined && !model.isConnected && notice?.kind !== 'good') {
      const count = outbox.waiting.length;
      const waiting =
        count === 0 ? 'What you write waits here' : `${count} ${count === 1 ? 'message waits' : 'messages wait'} here`;
      notice = {
        words: `Not connected. ${waiting} and is sent as soon as the server is back.`.replace(
          'wait here and is',
          'wait here and are',
        ),
        kind: 'doubt',
      };
    }
    const shown = $('notice');
    shown.hidden = notice === undefined;
    if (notice === undefined || shown.textContent === notice.words) return;
    shown.textContent = notice.words;
    shown.dataset.kind = notice.kind;
  }

  #drawConversation({ model, outbox, open, toEnd }) {
    const isSwitch = this.#shownPeer !== open;
    if (isSwitch) this.#switchTo(open);
    const scroll = $('scroll');
    const wasAtEnd = isSwitch || toEnd || isAtEnd(scroll);
    const heightBefore = scroll.scrollHeight;
    const firstBefore = $('messages').querySelector('.message')?.dataset.id;
    const texts = model.textsOf(open);
    $('older').hidden = !(model.conversations.get(open)?.hasMore ?? false);
    this.#drawMessages([...texts, ...outbox.items.filter((item) => item.to === open).map(asText)], isSwitch);
    if (wasAtEnd) this.#scrollToEnd();
    else if (firstBefore !== $('messages').querySelector('.message')?.dataset.id)
      scroll.scrollTop += scroll.scrollHeight - heightBefore;
    this.#drawToEnd();
  }

  #switchTo(peer) {
    if (this.#shownPeer !== undefined) this.#drafts.set(this.#shownPeer, $('text').value);
    this.#shownPeer = peer;
    $('text').value = this.#drafts.get(peer) ?? '';
    this.#fitComposer();
    $('peer').textContent = peer;
    $('peer-kind').textContent = isNumber(peer) ? 'phone' : 'user of this server';
    $('peer-face').replaceChildren(face(peer));
    this.#elements.clear();
    $('messages').replaceChildren();
  }

  #drawMessages(texts, isSwitch) {
    const wanted = [];
    let before;
    for (const text of texts) {
      if (before === undefined || !isSameDay(before.at, text.at)) wanted.push(this.#day(text));
      const isFirst = before === undefined || before.direction !== text.direction || text.at - before.at > 300_000;
      wanted.push(this.#message(text, isFirst, isSwitch));
      before = text;
    }
    const kept = new Set(wanted);
    for (const child of [...$('messages').children]) if (!kept.has(child)) child.remove();
    wanted.forEach((child, index) => {
      if ($('messages').children[index] !== child)
        $('messages').insertBefore(child, $('messages').children[index] ?? null);
    });
  }

  #day(text) {
    const name = dayName(text.at);
    const key = `day ${new Date(text.at).toDateString()} ${name}`;
    return this.#kept(key, '', () => element('li', { className: 'day' }, name));
  }

  #message(text, isFirst, isSwitch) {
    const sign = JSON.stringify([text.step, text.reason, text.marks, isFirst]);
    return this.#kept(`text ${text.cid && text.direction === 'out' ? text.cid : text.id}`, sign, (isNew) => {
      const classes = ['message', isFirst ? 'first' : '', isNew && !isSwitch ? 'new' : ''].filter(Boolean).join(' ');
      const made = element('li', {
        className: classes,
        data: { direction: text.direction, step: text.step, id: text.id },
      });
      const meta = element('span', { className: 'meta' }, element('time', {}, timeOfDay(text.at)));
      if (text.direction === 'out') meta.append(tick(text.step, text.reason));
      const isBinary = text.marks.includes('binary');
      const body = element('span', { className: isBinary ? 'body binary' : 'body', dir: 'auto' }, text.text);
      made.append(element('div', { className: 'bubble' }, body, meta));
      const why = this.#why(text);
      if (why !== undefined) made.append(why);
      return made;
    });
  }

  /** Reasons, marks, and what can be done about a failure. */
  #why(text) {
    const words = [];
    if (text.reason)
      words.push(
        `${text.step === 'unknown' ? 'Unknown' : text.step === 'failed' ? 'Failed' : 'So far'}: ${text.reason.words} (${text.reason.code})`,
      );
    for (const mark of text.marks) if (markWords[mark]) words.push(markWords[mark]);
    if (words.length === 0) return undefined;
    const made = element('p', { className: 'why' }, words.join(' · '));
    if (text.step !== 'failed') return made;
    made.append(' ', element('button', { type: 'button', onclick: () => this.#acts.again(text) }, 'Try again'));
    if (text.refusal)
      made.append(' ', element('button', { type: 'button', onclick: () => this.#acts.discard(text.cid) }, 'Discard'));
    return made;
  }

  #kept(key, sign, make) {
    const known = this.#elements.get(key);
    if (known?.sign === sign) return known.made;
    const made = make(known === undefined);
    known?.made.replaceWith(made);
    this.#elements.set(key, { made, sign });
    return made;
  }

  #scrollToEnd() {
    $('scroll').scrollTop = $('scroll').scrollHeight;
  }

  #drawToEnd() {
    $('to-end').hidden = isAtEnd($('scroll'));
    if (isAtEnd($('scroll'))) this.#acts.seen();
  }

  #wireLogin() {
    $('login-form').addEventListener('submit', async (event) => {
      event.preventDefault();
      const button = $('login-form').querySelector('button');
      button.disabled = true;
      const problem = await this.#acts.logIn($('login-user').value, $('login-password').value);
      button.disabled = false;
      this.#problem('login-problem', problem);
      if (problem !== undefined) $('login-password').select();
    });
  }

  #wireNew() {
    const dialog = $('new-dialog');
    const ask = () => {
      $('new-peer').value = '';
      this.#problem('new-problem', undefined);
      dialog.showModal();
      $('new-peer').focus();
    };
    $('new').addEventListener('click', ask);
    $('new-here').addEventListener('click', ask);
    $('new-cancel').addEventListener('click', () => dialog.close());
    $('new-form').addEventListener('submit', (event) => {
      event.preventDefault();
      const problem = this.#acts.begin($('new-peer').value);
      this.#problem('new-problem', problem);
      if (problem === undefined) dialog.close();
    });
    document.addEventListener('keydown', (event) => {
      if (document.body.dataset.face !== 'app') return;
      if ((event.ctrlKey || event.metaKey) && event.key === 'k') {
        event.preventDefault();
        if (!dialog.open) ask();
      } else if (event.key === 'Escape' && !dialog.open) this.#acts.back();
    });
  }

  #wireComposer() {
    const text = $('text');
    text.addEventListener('input', () => this.#fitComposer());
    text.addEventListener('keydown', (event) => {
      // While letters are being composed Enter chooses one of them.
      if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      $('composer').requestSubmit();
    });
    $('composer').addEventListener('submit', (event) => {
      event.preventDefault();
      if (text.value.trim() === '') return;
      const typed = text.value;
      text.value = '';
      this.#fitComposer();
      this.#acts.send(typed);
      text.focus();
    });
    this.#fitComposer();
  }

  #fitComposer() {
    const text = $('text');
    text.style.height = 'auto';
    if (text.value !== '') text.style.height = `${Math.min(text.scrollHeight + 2, innerHeight * 0.4)}px`;
    $('send').disabled = text.value.trim() === '';
    const isToNumber = this.#shownPeer !== undefined && isNumber(this.#shownPeer);
    $('size').textContent = (isToNumber && sizeOf(text.value)) || '';
  }

  #wireList() {
    $('search').addEventListener('input', () => this.#drawList());
    $('conversations').addEventListener('keydown', (event) => {
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (step === undefined) return;
      event.preventDefault();
      const buttons = [...$('conversations').querySelectorAll('button')];
      buttons[buttons.indexOf(document.activeElement) + step]?.focus();
    });
  }

  #problem(id, words) {
    $(id).hidden = words === undefined;
    $(id).textContent = words ?? '';
  }
}

function isAtEnd(scroll) {
  return scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < 60;
}

/** What waits in the page, as if it were a text already. */
function asText(item) {
  return {
    id: item.cid,
    cid: item.cid,
    direction: 'out',
    peer: item.to,
    text: item.text,
    at: item.at,
    step: item.refusal ? 'failed' : 'waiting',
    reason: item.refusal,
    refusal: item.refusal,
    marks: [],
  };
}
