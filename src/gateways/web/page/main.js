// The page: puts connection, model, outbox and view together. Every message of the server and every act of the user
// ends here, changes the model, and is then shown.
import { say } from './announcer.js';
import { Connection } from './connection.js';
import { Model } from './model.js';
import { Outbox } from './outbox.js';
import { OwnPresence } from './own-presence.js';
import { parsePeer, partyOf } from './peer.js';
import { Rings } from './rings.js';
import { View } from './view.js';
import { reasonWords } from './words.js';

const retryRefusedMs = 3_000;
const noticeMs = 4_000;
const pageOfHistory = 200;
const mostShownPeople = 500;
const ringsHash = '#/rings';

let model = new Model();
let outbox;
let open;
let tab = 'chat';
let isWatching = false;
let lastRef = 0;
let searchRef;
/** Of the question about the past that was asked last. */
let pastRef;
let noticeTimer;
let resent = new Set();

const view = new View({
  logIn,
  logOut,
  isAdmin: () => model.isAdmin,
  tab: (name) => {
    if (name === 'rings' && model.isAdmin) location.hash = ringsHash;
    else if (name === 'chat' && tab !== 'chat') location.hash = open === undefined ? '/chat' : encodeURIComponent(open);
  },
  choose: (peer) => {
    location.hash = encodeURIComponent(peer);
  },
  find: (peer, order) => {
    view.talk.pointTo(order);
    if (peer === open) seek();
    else location.hash = encodeURIComponent(peer);
  },
  back: () => {
    const left = open;
    if (left === undefined) return;
    history.pushState(undefined, '', location.pathname);
    show(undefined);
    view.list.focusRow(left);
  },
  begin: (typed) => {
    const peer = parsePeer(typed);
    if (peer === undefined) return 'Neither a phone number nor a name.';
    if (peer === model.user) return 'That is you.';
    location.hash = encodeURIComponent(peer);
    return undefined;
  },
  more: () => connection.send({ type: 'conversations', ref: nextRef(), before: model.listedFrom }),
  search: (words) => {
    model.found = undefined;
    searchRef = undefined;
    if (words === '') return draw();
    searchRef = nextRef();
    connection.send({ type: 'search', ref: searchRef, words });
  },
  send: (text) => {
    if (open !== undefined) submit(open, text);
  },
  again: (item) => {
    if (item.refusal !== undefined) outbox.remove(item.cid);
    submit(item.peer ?? item.to, item.text);
    keepFocus();
  },
  discard: (cid) => {
    outbox.remove(cid);
    draw();
    keepFocus();
  },
  steps: (id) => connection.send({ type: 'steps', ref: nextRef(), id }),
  older: () => {
    const [first] = model.textsOf(open);
    if (first !== undefined) askHistory(open, first.order);
  },
  seen: () => markRead(),
  past: (question) => {
    pastRef = nextRef();
    connection.send({ type: 'past', ref: pastRef, ...question });
  },
  redraw: () => draw(),
  slot: (smscId, lane, slot) => connection.send({ type: 'slot', ref: nextRef(), smscId, lane, slot }),
});

const ownPresence = new OwnPresence((presence) => model.isConnected && connection.send({ type: 'presence', presence }));

const connection = new Connection({
  presence: () => ownPresence.begin(),
  message: take,
  down: () => {
    model.isConnected = false;
    isWatching = false;
    draw();
  },
  loginNeeded: () => showLogin(),
});

addEventListener('hashchange', () => followHash());
addEventListener('storage', (event) => {
  if (outbox === undefined || event.key !== outbox.key) return;
  outbox.reload();
  draw();
});
document.addEventListener('visibilitychange', () => {
  markRead();
  watchRings();
});

start();

async function start() {
  try {
    const response = await fetch('/session');
    const { user } = await response.json();
    if (user === null) showLogin();
    else enter(user);
  } catch (error) {
    // The server is away: who used this page last can go on writing.
    const user = localStorage.getItem('ringbridge.user');
    if (user === null) showLogin('The server cannot be reached.');
    else enter(user);
    console.warn(error);
  }
}

async function logIn(user, password) {
  try {
    const body = JSON.stringify({ user, password });
    const response = await fetch('/session', { method: 'POST', headers: { 'content-type': 'application/json' }, body });
    const answer = await response.json();
    if (!response.ok) return answer.error.message;
    enter(answer.user);
    return undefined;
  } catch (error) {
    console.warn(error);
    return 'The server cannot be reached.';
  }
}

async function logOut() {
  // Without a word the page would be expected back.
  connection.send({ type: 'presence', presence: 'gone' });
  connection.close();
  await fetch('/session', { method: 'DELETE' }).catch((error) => console.warn(error));
  showLogin();
}

function showLogin(problem) {
  connection.close();
  localStorage.removeItem('ringbridge.user');
  model = new Model();
  isWatching = false;
  view.showLogin(problem);
}

function enter(user) {
  model = new Model();
  model.user = user;
  outbox = new Outbox(user);
  resent = new Set();
  localStorage.setItem('ringbridge.user', user);
  view.showApp();
  open = undefined;
  followHash();
  connection.open();
}

function take(message) {
  switch (message.type) {
    case 'welcome':
      return welcome(message);
    case 'conversations':
      model.takeConversations(message.conversations, message.next);
      break;
    case 'history':
      model.takeHistory(message.peer, message.texts, message.hasMore);
      if (message.peer === open) seek();
      break;
    case 'changes':
      model.takeChanges(message);
      if (!message.isComplete) connection.send({ type: 'resume', position: message.position });
      break;
    case 'stored':
      stored(message);
      break;
    case 'refused':
      refused(message);
      break;
    case 'message':
      settle(message.text.cid);
      model.take(message.text);
      model.advance(message.text.position);
      hearFrom(message.text);
      break;
    case 'step':
      model.takeStep(message);
      if (message.step === 'failed')
        say(`A message to ${partyOf(message.peer).name} failed: ${reasonWords(message.reason)}`);
      break;
    case 'read':
      model.takeRead(message.peer, message.order);
      break;
    case 'links':
      model.links = message.links;
      break;
    case 'people':
      model.people = { here: new Set(message.connected), away: new Set(message.away) };
      model.troubles = new Map(message.numbers.map(({ number, ...trouble }) => [number, trouble]));
      break;
    case 'found':
      if (message.ref === searchRef) model.found = { words: view.list.wanted, texts: message.texts };
      break;
    case 'rings':
      model.rings ??= new Rings();
      model.rings.takeWhole(message);
      break;
    case 'ring-changes':
      if (model.rings?.takeChanges(message).includes(view.rings.shownSlot)) askShownSlot();
      break;
    case 'slot':
      view.rings.showSlot(message);
      return;
    case 'steps':
      view.talk.showSteps(message.id, message.steps);
      return;
    case 'past':
      view.rings.showPast(message);
      return;
    case 'error':
      if (message.ref !== undefined && message.ref === pastRef) view.rings.missPast(message.message);
      else view.notice(message.message, 'doubt');
      break;
    default:
      // A newer server may say more than this page knows.
      return;
  }
  markRead();
  askPeople();
  draw();
}

function welcome(message) {
  // That it was away was said; what waits says by itself that it went.
  if (model.position !== undefined && outbox.waiting.length === 0) say('Connected again.');
  model.isConnected = true;
  ownPresence.tell();
  model.user = message.user;
  model.suffix = message.suffix;
  model.reports = message.reports;
  model.alphabets = message.alphabets ?? [];
  model.isAdmin = message.scopes.includes('admin');
  model.shownPeople = undefined;
  if (model.position === undefined) {
    model.position = message.position;
    connection.send({ type: 'conversations', ref: nextRef() });
  } else {
    // A store that ends before what was already shown is another one: nothing of its history was told here.
    if (message.position < model.position) model.position = 0;
    model.isResuming = true;
    connection.send({ type: 'resume', position: model.position });
  }
  if (open !== undefined && !model.conversation(open).isLoaded) askHistory(open);
  resent = new Set(outbox.waiting.map((item) => item.cid));
  for (const item of outbox.turns) hand(item);
  if (location.hash === ringsHash && tab === 'chat') followHash();
  watchRings();
  view.rings.connected();
  draw();
}

/** The button that was pressed is gone with its message: whoever uses keys goes on where one writes. */
function keepFocus() {
  if (document.activeElement === document.body) view.talk.focus();
}

/** Into the outbox first: from there it goes to the server, now or later. */
function submit(peer, text) {
  const item = outbox.add(peer, text);
  if (outbox.turnTo(peer) === item) hand(item);
  draw({ toEnd: true });
}

function hand(item) {
  if (!model.isConnected) return;
  connection.send({ type: 'send', cid: item.cid, to: item.to, text: item.text });
}

/** The server has it: the next one to its address may go. @returns what was removed, if it was here */
function settle(cid) {
  const item = outbox.remove(cid);
  const next = item === undefined ? undefined : outbox.turnTo(item.to);
  if (next !== undefined) hand(next);
  return item;
}

function stored({ cid, text }) {
  const item = settle(cid);
  model.take(text);
  // The server may know the number under another spelling.
  if (item !== undefined && item.to === open && text.peer !== open)
    location.replace(`#${encodeURIComponent(text.peer)}`);
  if (!resent.delete(cid) || resent.size > 0 || outbox.waiting.length > 0) return;
  notify('Connected again: everything you wrote was sent.', 'good');
}

function refused({ cid, code, message, retryable }) {
  if (retryable) {
    setTimeout(() => {
      const item = outbox.waiting.find((waiting) => waiting.cid === cid);
      if (item !== undefined) hand(item);
    }, retryRefusedMs);
    return;
  }
  const to = outbox.items.find((item) => item.cid === cid)?.to;
  outbox.refuse(cid, { words: message.replace(/\.$/, ''), code });
  const next = outbox.turnTo(to);
  if (next !== undefined) hand(next);
  say(`Not sent: ${message}`);
}

function notify(words, kind) {
  view.notice(words, kind);
  clearTimeout(noticeTimer);
  noticeTimer = setTimeout(() => {
    view.notice(undefined);
    draw();
  }, noticeMs);
}

/** The open conversation says its own; of the others one hears that there is something. */
function hearFrom({ direction, peer }) {
  if (direction === 'in' && (peer !== open || tab !== 'chat')) say(`A message from ${partyOf(peer).name}`);
}

function askHistory(peer, before, limit) {
  const page = { ...(before === undefined ? {} : { before }), ...(limit === undefined ? {} : { limit }) };
  connection.send({ type: 'history', ref: nextRef(), peer, ...page });
}

/** Reads back to a message that the reader looks for. */
function seek() {
  const { wanted } = view.talk;
  const [first] = model.textsOf(open);
  if (wanted === undefined || first === undefined) return draw();
  if (first.order > wanted && model.conversation(open).hasMore) askHistory(open, first.order, pageOfHistory);
  else draw();
}

/** Those with whom there is a conversation: who of them is here, and which number is out of reach, is shown. */
function askPeople() {
  if (!model.isConnected) return;
  const names = new Set([...(open === undefined ? [] : [open]), ...model.newestFirst]);
  const shown = [...names].filter((peer) => partyOf(peer).kind !== 'sender').slice(0, mostShownPeople);
  // Asked again when somebody else is among them, not when one passes another.
  const sign = shown.toSorted().join(' ');
  if (model.shownPeople === sign) return;
  model.shownPeople = sign;
  connection.send({ type: 'people', names: shown });
}

function askShownSlot() {
  const [smscId, lane, slot] = view.rings.shownSlot.split(' ');
  connection.send({ type: 'slot', ref: nextRef(), smscId, lane, slot: Number(slot) });
}

function followHash() {
  // Before the welcome nobody knows whether there is such a tab.
  const wanted = location.hash === ringsHash && model.isAdmin ? 'rings' : 'chat';
  const isNew = tab !== wanted;
  tab = wanted;
  watchRings();
  if (tab === 'rings') {
    draw();
    if (isNew) view.rings.focus();
    return;
  }
  show(peerInHash());
  // The way here led over the tab: what had the focus is not seen any more.
  if (isNew) view.focusChat(open);
}

function show(peer) {
  const isNew = open !== peer;
  open = peer;
  if (peer !== undefined && isNew) model.open(peer);
  if (peer !== undefined && model.isConnected && !model.conversation(peer).isLoaded) askHistory(peer);
  markRead();
  askPeople();
  draw({ toEnd: isNew });
  if (peer === undefined) return;
  if (isNew) view.talk.focus();
  seek();
}

/** The server tells of the rings only while they are looked at. */
function watchRings() {
  const isWanted = tab === 'rings' && model.isConnected && document.visibilityState === 'visible';
  if (isWanted === isWatching) return;
  isWatching = isWanted;
  connection.send({ type: 'rings', watch: isWanted });
}

function markRead() {
  if (open === undefined || tab !== 'chat' || document.visibilityState !== 'visible' || !model.isConnected) return;
  const order = model.markRead(open);
  if (order !== undefined) connection.send({ type: 'read', peer: open, order });
}

function peerInHash() {
  try {
    const peer = decodeURIComponent(location.hash.slice(1));
    return partyOf(peer).kind === 'sender' ? peer : parsePeer(peer);
  } catch {
    return undefined;
  }
}

function nextRef() {
  lastRef += 1;
  return String(lastRef);
}

function draw({ toEnd = false } = {}) {
  if (outbox !== undefined) view.draw({ model, outbox, open, tab, toEnd });
}
