// The frame of the page: which face shows, who one is, how the links are, what has to be said. The rooms in it draw
// themselves: list, talk, rings.
import { Dialogs, showProblem } from './dialogs.js';
import { element, face, icon } from './element.js';
import { ConversationList } from './list.js';
import { RingsView } from './rings-view.js';
import { Talk } from './talk.js';
import { sessionWords, timeOfDay } from './words.js';

const $ = (id) => document.getElementById(id);

export class View {
  #acts;
  #notice;
  #state;
  list;
  talk;
  rings;

  /** @param acts what the user can do; see main.js */
  constructor(acts) {
    this.#acts = acts;
    const icons = { new: 'plus', help: 'help', 'log-out': 'leave', back: 'back', 'to-end': 'down', send: 'send' };
    for (const [id, name] of Object.entries(icons)) $(id).append(icon(name, 20));
    this.list = new ConversationList(acts);
    this.talk = new Talk(acts);
    this.rings = new RingsView($('rings'), acts);
    new Dialogs({
      ...acts,
      back: () => (this.#state?.tab === 'rings' ? this.rings.closeSlot() : acts.back()),
      neighbour: (steps) => {
        const peer = this.list.neighbour(this.#state?.open, steps);
        if (peer !== undefined) acts.choose(peer);
      },
    });
    this.#wireLogin();
    $('log-out').addEventListener('click', () => acts.logOut());
    $('back').addEventListener('click', () => acts.back());
  }

  showLogin(problem) {
    document.body.dataset.face = 'login';
    document.title = 'ringbridge';
    for (const dialog of document.querySelectorAll('dialog[open]')) dialog.close();
    showProblem('login-problem', problem);
    $('login-password').value = '';
    this.list.clear();
    this.talk.clear();
    this.rings.clear();
    ($('login-user').value === '' ? $('login-user') : $('login-password')).focus();
  }

  showApp() {
    document.body.dataset.face = 'app';
  }

  focusChat(open) {
    if (open === undefined) $('search').focus();
    else this.talk.focus();
  }

  /** Undefined takes it away. */
  notice(words, kind = 'doubt') {
    this.#notice = words === undefined ? undefined : { words, kind };
    this.#drawNotice();
  }

  draw(state) {
    this.#state = state;
    const { model, open, tab } = state;
    $('app').dataset.pane = open === undefined ? 'list' : 'talk';
    $('app').dataset.tab = tab;
    this.#drawTabs(model, tab);
    // Back to where one was.
    $('tab-chat').href = open === undefined ? '#/chat' : `#${encodeURIComponent(open)}`;
    this.#drawMe(model);
    this.#drawNotice();
    this.#drawLinks(model.isConnected ? model.links : []);
    $('rings').hidden = tab !== 'rings';
    // The chat is not seen behind the rings, which move several times a second; it is drawn when it is.
    if (tab === 'rings') {
      this.rings.draw(model.rings, model.isConnected);
      return;
    }
    this.list.draw(state);
    $('nothing').hidden = open !== undefined;
    $('conversation').hidden = open === undefined;
    if (open !== undefined) this.talk.draw(state);
  }

  #drawTabs(model, tab) {
    document.title = model.unread > 0 ? `(${model.unread}) ringbridge` : 'ringbridge';
    $('tabs').hidden = !model.isAdmin;
    $('tab-unread').hidden = model.unread === 0;
    const count = model.unread > 98 ? '99+' : String(model.unread);
    const words = element('span', { className: 'visually-hidden' }, ' not read');
    if ($('tab-unread').dataset.drawn !== count) $('tab-unread').replaceChildren(count, words);
    $('tab-unread').dataset.drawn = count;
    for (const name of ['chat', 'rings']) {
      if (name === tab) $(`tab-${name}`).setAttribute('aria-current', 'page');
      else $(`tab-${name}`).removeAttribute('aria-current');
    }
  }

  #drawMe({ user = '', suffix }) {
    if ($('me').dataset.drawn === `${user} ${suffix}`) return;
    $('me').dataset.drawn = `${user} ${suffix}`;
    const digits =
      suffix === undefined ? [] : [' ', element('small', { title: 'digits behind the service number' }, suffix)];
    $('me').replaceChildren(face({ kind: 'user', name: user }), element('b', {}, user, ...digits));
  }

  #drawLinks(links) {
    const chips = links.map(({ smscId, state, rttMs, reason, since, session }) => {
      const isAway = state === 'up' && session?.state === 'down';
      const words = state === 'up' && rttMs !== undefined ? ` ${Math.round(rttMs)} ms` : ` ${state}`;
      const link = `Link to ${smscId}: ${state} since ${timeOfDay(since)}${reason ? `, ${reason}` : ''}`;
      const title = isAway ? `${link}. ${sessionWords(session)}` : link;
      const data = { state: isAway ? 'away' : state };
      return element('li', { className: 'link', title, data }, `${smscId}${isAway ? ' SMSC away' : words}`);
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
      notice = { words: awayWords(outbox.waiting.length), kind: 'doubt' };
    }
    const shown = $('notice');
    shown.hidden = notice === undefined;
    if (notice === undefined || shown.textContent === notice.words) return;
    shown.textContent = notice.words;
    shown.dataset.kind = notice.kind;
  }

  #wireLogin() {
    $('login-form').addEventListener('submit', async (event) => {
      event.preventDefault();
      const button = $('login-form').querySelector('button');
      button.disabled = true;
      const problem = await this.#acts.logIn($('login-user').value, $('login-password').value);
      button.disabled = false;
      showProblem('login-problem', problem);
      for (const id of ['login-user', 'login-password'])
        $(id).setAttribute('aria-invalid', String(problem !== undefined));
      if (problem !== undefined) $('login-password').select();
      // The form is gone, and the keyboard would begin anew; a field for words would cover a small screen with keys.
      else if (!$('app').contains(document.activeElement)) $('side').focus();
    });
  }
}

function awayWords(count) {
  if (count === 0) return 'Not connected. What you write waits here and is sent as soon as the server is back.';
  const waiting = count === 1 ? '1 message waits here and is' : `${count} messages wait here and are`;
  return `Not connected. ${waiting} sent as soon as the server is back.`;
}
