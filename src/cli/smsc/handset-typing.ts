/** What somebody may type on a simulated handset, as values: a text, or a command that begins with a slash. */
import { ok, type Result } from '../../core/base/result.ts';
import type { HandsetState } from '../../core/roles/smsc/settings.ts';
import { parseDuration } from '../duration.ts';
import { parsePhone } from '../phone.ts';
import { readSlashLine, unknownCommand } from '../slash-line.ts';

export type Typed =
  /** `to`: undefined is whoever is written to now. */
  | { readonly type: 'send'; readonly to: string | undefined; readonly text: string }
  | { readonly type: 'turn-to'; readonly to: string }
  | { readonly type: 'set-state'; readonly state: HandsetState }
  | { readonly type: 'status' }
  | { readonly type: 'help' }
  | { readonly type: 'quit' }
  | { readonly type: 'nothing' };

export const handsetHelp: readonly string[] = [
  'a line                sends it to the number in front of ›: who wrote last, or',
  '/to NUMBER            turns to that number',
  '/new NUMBER TEXT      turns to that number and sends the text',
  '/off  /on  /full      out of reach, in reach, memory full',
  '/slow 5s              takes every message so much later',
  '/status               how it is, and what is on its way to it',
  '/quit                 leaves; the handset stays as it is',
];

const commands = ['/to', '/new', '/off', '/on', '/full', '/slow', '/status', '/quit', '/help'];

export function parseTyped(line: string): Result<Typed> {
  const typed = readSlashLine(line);
  if (typed.type === 'nothing') return ok(typed);
  if (typed.type === 'text') return ok({ type: 'send', to: undefined, text: typed.text });
  const { word, rest } = typed;
  switch (word) {
    case '/to': {
      const number = parsePhone(rest);
      return number.ok ? ok({ type: 'turn-to', to: number.value }) : number;
    }
    case '/new': {
      const [, address = '', text = ''] = /^(\S+)\s*(.*)$/s.exec(rest) ?? [];
      const number = parsePhone(address);
      if (!number.ok) return number;
      return ok(text === '' ? { type: 'turn-to', to: number.value } : { type: 'send', to: number.value, text });
    }
    case '/on':
    case '/off':
    case '/full':
      return ok({ type: 'set-state', state: { type: word === '/on' ? 'on' : word === '/off' ? 'off' : 'full' } });
    case '/slow': {
      const ms = parseDuration(rest);
      return ms.ok ? ok({ type: 'set-state', state: { type: 'slow', ms: ms.value } }) : ms;
    }
    case '/status':
      return ok({ type: 'status' });
    case '/help':
      return ok({ type: 'help' });
    case '/quit':
      return ok({ type: 'quit' });
    default:
      return unknownCommand(word, commands);
  }
}
