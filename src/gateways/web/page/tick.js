// The tick of a step, with its words for those who hover or listen.
import { element, icon } from './element.js';
import { stepWords } from './words.js';

export function tick(step, reason) {
  const words = reason ? `${stepWords[step]}: ${reason.words} (${reason.code})` : stepWords[step];
  const made = element('span', { className: 'tick', title: words, data: { step } });
  made.append(icon(step, 15), element('span', { className: 'visually-hidden' }, words));
  return made;
}
