/** What somebody may type in a chat on a terminal, as values: a text, or a command that begins with a slash. */
import { fail, ok, type Result } from '../../core/base/result.ts';
import { parseAddress } from '../../core/im/address.ts';
import { readSlashLine, unknownCommand } from '../slash-line.ts';

export type ChatTyped =
  | { readonly type: 'send'; readonly text: string }
  | { readonly type: 'turn-to'; readonly peer: string }
  /** Older texts than those that are shown. */
  | { readonly type: 'history'; readonly count: number }
  | { readonly type: 'who' }
  | { readonly type: 'help' }
  | { readonly type: 'quit' }
  | { readonly type: 'nothing' };

export const chatHelp: readonly string[] = [
  'a line             is sent to the name in front of ›; what you type while not connected is sent afterwards',
  '/to NAME           turns to a user or phone number, and shows what was written; Tab completes names',
  '/history [COUNT]   shows older texts, 20 if no count is given',
  '/who               lists your conversations, what is unread, and how the links are',
  '/quit              leaves; so do Ctrl-D and Ctrl-C on an empty line',
  '//text             sends /text',
  '· on its way   ✓ stored   ✓✓ at the SMSC   ✔✔ on the handset   ✖ failed   ? unknown   (1) unread elsewhere',
];

const commands = ['/to', '/history', '/who', '/help', '/quit'];
const defaultCount = 20;
const longestPage = 200;

export function parseChatLine(line: string): Result<ChatTyped> {
  const typed = readSlashLine(line);
  if (typed.type === 'nothing') return ok(typed);
  if (typed.type === 'text') return ok({ type: 'send', text: typed.text });
  const { word, rest } = typed;
  switch (word) {
    case '/to': {
      const address = parseAddress(rest);
      if (!address.ok) return fail('USAGE_BAD_VALUE', '/to needs a phone number or the name of a user.');
      return ok({ type: 'turn-to', peer: address.value.type === 'user' ? address.value.name : address.value.number });
    }
    case '/history': {
      const count = rest === '' ? defaultCount : Number(rest);
      if (Number.isInteger(count) && count >= 1 && count <= longestPage) return ok({ type: 'history', count });
      return fail('USAGE_BAD_VALUE', `/history takes a count from 1 to ${longestPage}.`);
    }
    case '/who':
      return ok({ type: 'who' });
    case '/help':
      return ok({ type: 'help' });
    case '/quit':
      return ok({ type: 'quit' });
    default:
      return unknownCommand(word, commands);
  }
}

/**
 * What Tab offers, in readline's form: what fits, and the end of the line that it takes the place of.
 *
 * @param peers whom there is a conversation with, newest first
 */
export function completeChatLine(line: string, peers: readonly string[]): [string[], string] {
  const [, begun] = /^\s*\/to\s+(\S*)$/.exec(line) ?? [];
  if (begun !== undefined) return [peers.filter((peer) => peer.startsWith(begun.toLowerCase())), begun];
  if (!/^\/\S*$/.test(line)) return [[], line];
  const fitting = commands.filter((command) => command.startsWith(line));
  return [fitting.map((command) => (command === '/to' || command === '/history' ? `${command} ` : command)), line];
}
