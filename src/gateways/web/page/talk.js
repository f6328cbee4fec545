// The open conversation: its head, its messages, where the reader is in them, and what is being typed.
import { say } from './announcer.js';
import { face } from './element.js';
import { estimateWords } from './estimate.js';
import { Messages } from './messages.js';
import { partyOf } from './peer.js';
import { presenceWords } from './words.js';

/** Characters, as the server counts them. */
const longestText = 10_000;

const $ = (id) => document.getElementById(id);

export class Talk {
  #acts;
  #messages;
  #shownPeer;
  #unreadFrom;
  #heardUpTo = 0;
  #drafts = new Map();
  #wanted;
  /** National alphabets of the server. */
  #national = [];

  /** @param acts { send(text), again(text), discard(cid), steps(id), older(), seen() } */
  constructor(acts) {
    this.#acts = acts;
    this.#messages = new Messages($('messages'), acts);
    $('older').addEventListener('click', () => acts.older());
    $('to-end').addEventListener('click', () => this.#scrollToEnd());
    $('scroll').addEventListener('scroll', () => this.#drawToEnd());
    // To be scrolled by keys.
    $('scroll').tabIndex = 0;
    this.#wireComposer();
  }

  clear() {
    this.#messages.clear();
    this.#drafts.clear();
    this.#shownPeer = undefined;
    $('text').value = '';
  }

  /** Where a person goes on: to write where there is a keyboard, to the name where one would cover the screen. */
  focus() {
    if (matchMedia('(pointer: fine)').matches && !$('composer').hidden) $('text').focus();
    else $('peer').focus();
  }

  showSteps(id, steps) {
    this.#messages.showSteps(id, steps);
  }

  /** Scrolls to a message as soon as it is here. */
  pointTo(order) {
    this.#wanted = order;
  }

  /** What the reader looks for and is not here yet. */
  get wanted() {
    return this.#wanted;
  }

  draw({ model, outbox, open, toEnd }) {
    this.#national = model.alphabets;
    const isSwitch = this.#shownPeer !== open;
    if (isSwitch) this.#switchTo(open, model);
    this.#drawHead(model, open, outbox);
    const scroll = $('scroll');
    const wasAtEnd = isSwitch || toEnd || isAtEnd(scroll);
    const heightBefore = scroll.scrollHeight;
    const firstBefore = $('messages').querySelector('.message')?.dataset.id;
    const texts = model.textsOf(open);
    $('older').hidden = !(model.conversations.get(open)?.hasMore ?? false);
    const waiting = outbox.items.filter((item) => item.to === open).map(asText);
    this.#messages.draw([...texts, ...waiting], { unreadFrom: this.#unreadFrom, isSwitch });
    this.#announce(texts, open, isSwitch);
    if (this.#wanted !== undefined && this.#messages.point(this.#wanted)) this.#wanted = undefined;
    else if (this.#wanted === undefined && wasAtEnd) this.#scrollToEnd();
    else if (firstBefore !== $('messages').querySelector('.message')?.dataset.id) {
      scroll.scrollTop += scroll.scrollHeight - heightBefore;
    }
    this.#drawToEnd();
  }

  #switchTo(peer, model) {
    if (this.#shownPeer !== undefined) this.#drafts.set(this.#shownPeer, $('text').value);
    this.#shownPeer = peer;
    const conversation = model.conversations.get(peer);
    this.#unreadFrom = (conversation?.openedUnread ?? 0) > 0 ? conversation.openedFrom : undefined;
    $('text').value = this.#drafts.get(peer) ?? '';
    const isOneWay = partyOf(peer).kind === 'sender';
    $('composer').hidden = isOneWay;
    $('one-way').hidden = !isOneWay;
    this.#fitComposer();
    this.#messages.clear();
    delete $('peer-face').dataset.drawn;
  }

  #drawHead(model, peer, outbox) {
    const party = partyOf(peer);
    const presence = model.presenceOf(peer);
    const trouble = model.isConnected ? model.troubles.get(peer) : undefined;
    const kind = {
      number: trouble === undefined ? 'phone' : `phone. ${trouble.words}`,
      user: isNobody(peer, outbox)
        ? 'nobody has this name here'
        : `user of this server${model.isConnected ? `, ${presenceWords[presence]}` : ''}`,
      sender: 'a sender’s name, cannot be answered',
    }[party.kind];
    if ($('peer').textContent !== party.name) $('peer').textContent = party.name;
    if ($('peer-kind').textContent !== kind) $('peer-kind').textContent = kind;
    $('peer-kind').dataset.state = trouble?.state ?? '';
    if ($('peer-face').dataset.drawn === `${peer} ${presence}`) return;
    $('peer-face').dataset.drawn = `${peer} ${presence}`;
    $('peer-face').replaceChildren(face(party, presence));
  }

  /** What arrived while the conversation was open, and what failed: once each. */
  #announce(texts, peer, isSwitch) {
    const newest = Math.max(0, ...texts.map((text) => text.order));
    const { name } = partyOf(peer);
    if (!isSwitch && this.#heardUpTo > 0) {
      const fresh = texts.filter((text) => text.direction === 'in' && text.order > this.#heardUpTo);
      if (fresh.length === 1) say(`${name}: ${fresh[0].text}`);
      else if (fresh.length > 1) say(`${fresh.length} messages from ${name}. The last: ${fresh.at(-1).text}`);
    }
    this.#heardUpTo = newest;
  }

  #scrollToEnd() {
    $('scroll').scrollTop = $('scroll').scrollHeight;
  }

  #drawToEnd() {
    $('to-end').hidden = isAtEnd($('scroll'));
    if (isAtEnd($('scroll'))) this.#acts.seen();
  }

  #wireComposer() {
    const text = $('text');
    text.addEventListener('beforeinput', refuseTooMuch);
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
    const wasAtEnd = isAtEnd($('scroll'));
    text.style.height = 'auto';
    if (text.value !== '') text.style.height = `${Math.min(text.scrollHeight + 2, innerHeight * 0.4)}px`;
    $('send').disabled = text.value.trim() === '';
    const isToNumber = this.#shownPeer !== undefined && partyOf(this.#shownPeer).kind === 'number';
    $('size').textContent = isToNumber && text.value !== '' ? estimateWords(text.value, this.#national) : '';
    $('size').dataset.state = '';
    // The field takes room from the messages: the newest stays in view.
    if (wasAtEnd) this.#scrollToEnd();
  }
}

/** Nothing goes in that would be cut: who sent a part of what was pasted would not know which. */
function refuseTooMuch(event) {
  const { selectionStart, selectionEnd, value } = event.target;
  const added = event.data ?? event.dataTransfer?.getData('text/plain') ?? '';
  const over = value.length - (selectionEnd - selectionStart) + added.length - longestText;
  if (over <= 0 || added === '') return;
  event.preventDefault();
  const words = `Too long by ${over.toLocaleString('en')} of ${longestText.toLocaleString('en')} characters: send it in pieces.`;
  $('size').textContent = words;
  $('size').dataset.state = 'over';
  say(words);
}

function isAtEnd(scroll) {
  return scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < 60;
}

/** The page does not know who there is; the server said it of what was written to this name last. */
function isNobody(peer, outbox) {
  return outbox.items.findLast((item) => item.to === peer)?.refusal?.code === 'IM_UNKNOWN_USER';
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
