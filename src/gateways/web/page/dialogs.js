// The two dialogs: a new conversation, and the help; and the keys that lead to everything.
import { element } from './element.js';
import { tick } from './tick.js';
import { stepWords } from './words.js';

const $ = (id) => document.getElementById(id);

const keys = [
  ['Enter', 'send'],
  ['Shift + Enter', 'a new line'],
  ['Ctrl + K', 'a new conversation'],
  ['/', 'search'],
  ['Alt + ↑ ↓', 'the conversation above, below'],
  ['Esc', 'back, close'],
  ['Alt + 1, Alt + 2', 'chat, rings'],
  ['?', 'this help'],
];
const ringKeys = [
  ['← →', 'rings: the slot before, after'],
  ['N, Shift + N', 'rings: the next, the previous slot in use'],
  ['Enter', 'rings: what is in the slot'],
];

export class Dialogs {
  /** @param acts { begin(typed): problem, back(), neighbour(steps), tab(name), isAdmin() } */
  constructor(acts) {
    const ask = () => {
      $('new-peer').value = '';
      showProblem('new-problem', undefined);
      $('new-dialog').showModal();
      $('new-peer').focus();
    };
    const help = () => {
      fillHelp(acts.isAdmin());
      $('help-dialog').showModal();
    };
    $('new').addEventListener('click', ask);
    $('new-here').addEventListener('click', ask);
    $('new-cancel').addEventListener('click', () => $('new-dialog').close());
    $('help').addEventListener('click', help);
    $('help-close').addEventListener('click', () => $('help-dialog').close());
    $('new-form').addEventListener('submit', (event) => {
      event.preventDefault();
      const problem = acts.begin($('new-peer').value);
      showProblem('new-problem', problem);
      $('new-peer').setAttribute('aria-invalid', String(problem !== undefined));
      if (problem === undefined) $('new-dialog').close();
    });
    document.addEventListener('keydown', (event) => {
      if (document.body.dataset.face !== 'app' || event.isComposing) return;
      if (document.querySelector('dialog[open]') !== null) return;
      const isTyping = /^(INPUT|TEXTAREA)$/.test(document.activeElement?.tagName ?? '');
      const act = {
        'Control k': ask,
        'Meta k': ask,
        Escape: () => acts.back(),
        'Alt ArrowDown': () => acts.neighbour(1),
        'Alt ArrowUp': () => acts.neighbour(-1),
        'Alt 1': () => acts.tab('chat'),
        'Alt 2': () => acts.tab('rings'),
        ...(isTyping ? {} : { '?': help, '/': () => $('search').focus() }),
      }[keyOf(event)];
      if (act === undefined) return;
      event.preventDefault();
      act();
    });
  }
}

/** Says it, or takes it away. */
export function showProblem(id, words) {
  $(id).hidden = words === undefined;
  $(id).textContent = words ?? '';
}

function keyOf({ ctrlKey, metaKey, altKey, key }) {
  const modifiers = [ctrlKey ? 'Control' : '', metaKey ? 'Meta' : '', altKey ? 'Alt' : ''].filter(Boolean);
  return [...modifiers, key].join(' ');
}

function fillHelp(isAdmin) {
  const rows = isAdmin ? [...keys, ...ringKeys] : keys.filter(([, words]) => words !== 'chat, rings');
  const terms = rows.flatMap(([key, words]) => [element('dt', {}, element('kbd', {}, key)), element('dd', {}, words)]);
  $('keys').replaceChildren(...terms);
  const signs = Object.entries(stepWords).flatMap(([step, words]) => [
    element('dt', { className: 'sign', aria: { hidden: 'true' } }, tick(step)),
    element('dd', {}, words),
  ]);
  $('signs').replaceChildren(...signs);
}
