/** Flags of the commands about messages, and what they ask. */
import { Flags } from '@oclif/core';
import { OperatorError } from '../../core/base/errors.ts';
import { type MessageQuestion, mostTexts } from '../../shell/message-reader.ts';
import { parseDuration } from '../duration.ts';
import { parsePhone } from '../phone.ts';
import { parseMoment } from '../recording/moment.ts';

export const messageDirsFlag = Flags.string({
  description:
    "state directory of a buffer, an IM server or a simulated SMSC, running or stopped; give all that there are; this user's usual ones if left out [env: RINGBRIDGE_STATE_DIR]",
  helpValue: 'DIR',
  multiple: true,
  multipleNonGreedy: true,
});

export interface QuestionFlags {
  readonly number?: string | undefined;
  readonly user?: string | undefined;
  readonly text?: string | undefined;
  readonly hash?: string | undefined;
  readonly id?: string | undefined;
  readonly since?: string | undefined;
  readonly until?: string | undefined;
  readonly last: number;
}

/** @throws OperatorError USAGE_BAD_VALUE, CONFIG_BAD_VALUE */
export function parseQuestion(flags: QuestionFlags, now: number): MessageQuestion {
  const { user, text, last } = flags;
  return {
    number: flags.number === undefined ? undefined : phoneOf(flags.number),
    hash: flags.hash === undefined ? undefined : hashOf(flags.hash),
    id: flags.id === undefined ? undefined : parseMessageId(flags.id, '--id'),
    since: flags.since === undefined ? undefined : timeOf(flags.since, '--since', now),
    until: flags.until === undefined ? undefined : timeOf(flags.until, '--until', now),
    ...{ user, text, limit: Math.min(last, mostTexts) },
  };
}

/** Shorter beginnings would fit every message of a day. */
const shortestId = 6;

/** The beginning of a UUID. @param name of the flag or argument @throws OperatorError USAGE_BAD_VALUE */
export function parseMessageId(typed: string, name: string): string {
  const id = typed.trim().toLowerCase().replace(/…$/, '');
  if (id.length >= shortestId && id.length <= 36 && /^[0-9a-f-]+$/.test(id)) return id;
  throw badValue(
    `${name}: "${typed}" is no id.`,
    `Give at least the first ${shortestId} characters of an id as \`message find\` shows it.`,
  );
}

/** A moment, or how long ago. */
function timeOf(typed: string, flag: string, now: number): number {
  const ago = parseDuration(typed);
  return ago.ok ? now - ago.value : parseMoment(typed, flag, now);
}

function phoneOf(typed: string): string {
  const number = parsePhone(typed);
  if (number.ok) return number.value;
  throw badValue(`--number: ${number.fault.message}`, 'Write it like +358401234567; names of people go with --user.');
}

/** As masked output shows it: `[42 ch, sha 9f3c]`. */
function hashOf(typed: string): string {
  const hash = typed
    .trim()
    .toLowerCase()
    .replace(/^sha\s*/, '')
    .replace(/…$/, '');
  if (/^[0-9a-f]{4,64}$/.test(hash)) return hash;
  throw badValue(`--hash: "${typed}" is no hash.`, 'Give the hex digits behind "sha" in masked output, at least four.');
}

function badValue(message: string, hint: string): OperatorError {
  return new OperatorError({ code: 'USAGE_BAD_VALUE', message, hint });
}
