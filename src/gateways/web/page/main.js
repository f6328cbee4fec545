// The page: puts connection, model, outbox and view together. Every message of the server and every act of the user
// ends here, changes the model, and is then shown.
import { Connection } from './connection.js';
import { isNumber, parsePeer } from './format.js';
import { Model } from './model.js';
import { Outbox } from './outbox.js';
import { View } from './view.js';

const retryRefusedMs = 3_000;
const noticeMs = 4_000;

let model = new Model();
let outbox;
let open;
let lastRef = 0;
let noticeTimer;
let resent = new Set();

const view = new View({
  logIn,
  logOut,
  choose: (peer) => {
    location.hash = encodeURIComponent(peer);
  },
  back: () => {
    if (open !== undefined) history.pushState(undefined, '', location.pathname);
    show(undefined);
  },
  begin: (typed) => {
    const peer = parsePeer(typed);
    if (peer === undefined) return 'Neither a phone number nor a name.';
    if (peer === model.user) return 'That is you.';
    location.hash = encodeURIComponent(peer);
    return undefined;
  },
  send: (text) => {
    if (open === undefined) return;
    submit(open, text);
  },
  again: (item) => {
    if (item.refusal !== undefined) outbox.remove(item.cid);
    submit(item.peer ?? item.to, item.text);
  },
  discard: (cid) => {
    outbox.remove(cid);
    draw();
  },
  older: () => {
    const [first] = model.textsOf(open);
    if (first !== undefined) askHistory(open, first.order);
  },
  seen: () => markRead(),
});

const connection = new Connection({
  message: take,
  down: () => {
    model.isConnected = false;
    draw();
  },
  loginNeeded: () => showLogin(),
});

addEventListener('hashchange', () => show(peerInHash()));
addEventListener('storage', (event) => {
  if (outbox === undefined || event.key !== outbox.key) return;
  outbox.reload();
  draw();
});
document.addEventListener('visibilitychange', () => markRead());

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
  connection.close();
  await fetch('/session', { method: 'DELETE' }).catch((error) => console.warn(error));
  showLogin();
}

function showLogin(problem) {
  connection.close();
  localStorage.removeItem('ringbridge.user');
  model = new Model();
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
  show(peerInHash());
  connection.open();
}

function take(message) {
  switch (message.type) {
    case 'welcome':
      return welcome(message);
    case 'conversations':
      model.takeConversations(message.conversations);
      break;
    case 'history':
      model.takeHistory(message.peer, message.texts, message.hasMore);
      break;
    case 'changes':
      for (const text of message.texts) model.take(text);
      model.advance(message.position);
      if (!message.isComplete) connection.send({ type: 'resume', position: message.position });
      break;
    case 'stored':
      stored(message);
      break;
    case 'refused':
      refused(message);
      break;
    case 'message':
      outbox.remove(message.text.cid);
      model.take(message.text);
      model.advance(message.text.position);
      break;
    case 'step':
      model.takeStep(message);
      break;
    case 'read':
      model.takeRead(message.peer, message.order);
      break;
    case 'links':
      model.links = message.links;
      break;
    case 'error':
      view.notice(message.message, 'doubt');
      break;
    default:
      // A newer server may say more than this page knows.
      return;
  }
  markRead();
  draw();
}

function welcome(message) {
  model.isConnected = true;
  model.user = message.user;
  model.suffix = message.suffix;
  model.reports = message.reports;
  if (model.position === undefined) {
    model.position = message.position;
    connection.send({ type: 'conversations', ref: nextRef() });
  } else {
    // A store that ends before what was already shown is another one: nothing of its history was told here.
    if (message.position < model.position) model.position = 0;
    connection.send({ type: 'resume', position: model.position });
  }
  if (open !== undefined && !model.conversation(open).isLoaded) askHistory(open);
  resent = new Set(outbox.waiting.map((item) => item.cid));
  for (const item of outbox.waiting) hand(item);
  draw();
}

/** Into the outbox first: from there it goes to the server, now or later. */
function submit(peer, text) {
  const item = outbox.add(peer, text);
  if (model.isConnected) hand(item);
  draw({ toEnd: true });
}

function hand(item) {
  connection.send({ type: 'send', cid: item.cid, to: item.to, text: item.text });
}

function stored({ cid, text }) {
  const item = outbox.remove(cid);
  model.take(text);
  // The server may know the number under another spelling.
  if (item !== undefined && item.to === open && text.peer !== open)
    location.replace(`#${encodeURIComponent(text.peer)}`);
  if (!resent.delete(cid) || resent.size > 0 || outbox.waiting.length > 0) return;
  say('Connected again: everything you wrote was sent.', 'good');
}

function refused({ cid, code, message, retryable }) {
  if (retryable) {
    setTimeout(() => {
      const item = outbox.waiting.find((waiting) => waiting.cid === cid);
      if (item !== undefined && model.isConnected) hand(item);
    }, retryRefusedMs);
    return;
  }
  outbox.refuse(cid, { words: message, code });
}

function say(words, kind) {
  view.notice(words, kind);
  clearTimeout(noticeTimer);
  noticeTimer = setTimeout(() => {
    view.notice(undefined);
    draw();
  }, noticeMs);
}

function askHistory(peer, before) {
  connection.send({ type: 'history', ref: nextRef(), peer, ...(before === undefined ? {} : { before }) });
}

function show(peer) {
  open = peer;
  if (peer !== undefined && model.isConnected && !model.conversation(peer).isLoaded) askHistory(peer);
  markRead();
  draw({ toEnd: true });
  if (peer !== undefined) view.focusComposer();
}

function markRead() {
  if (open === undefined || document.visibilityState !== 'visible' || !model.isConnected) return;
  const order = model.markRead(open);
  if (order !== undefined) connection.send({ type: 'read', peer: open, order });
}

function peerInHash() {
  try {
    return parsePeer(decodeURIComponent(location.hash.slice(1)));
  } catch {
    return undefined;
  }
}

function nextRef() {
  lastRef += 1;
  return String(lastRef);
}

function draw(options = {}) {
  if (outbox === undefined) return;
  view.draw({ model, outbox, open, kind: open === undefined || isNumber(open) ? 'number' : 'user', ...options });
}
