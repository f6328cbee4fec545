/** What was typed in `cimd2 shell`, and what came after each line, kept so that it can be saved as a script. */
import { writeFile } from 'node:fs/promises';
import { formatOperation } from '../../../core/codec/operations.ts';
import type { Packet } from '../../../core/codec/packet.ts';
import { formatPacketNumber } from '../../../core/codec/packet-number.ts';
import { formatParameterCode } from '../../../core/codec/parameters.ts';
import type { ShellCommand } from './command.ts';
import type { Seen } from './connection.ts';
import { checkLine } from './parse.ts';
import { badLine } from './shell-errors.ts';
import { mayHoldPassword } from './shell-lines.ts';
import { quoteWord } from './words.ts';

export const recordingLimits = { lines: 10_000, packetsPerLine: 100 } as const;

interface Recorded {
  readonly typed: string;
  readonly came: Packet[];
}

export class Recording {
  readonly #lines: Recorded[] = [];

  /** The oldest go first; {@link text} says so. */
  typed(line: string): void {
    this.#lines.push({ typed: line.trim(), came: [] });
    if (this.#lines.length > recordingLimits.lines) this.#lines.shift();
  }

  seen({ line, packet, isOwn }: Seen): void {
    const last = this.#lines.at(-1);
    if (last === undefined || packet === undefined || line.direction === 'out' || isOwn) return;
    if (last.came.length < recordingLimits.packetsPerLine) last.came.push(packet);
  }

  /** A script that does the same. Lines with a password are left out with what came after them, and leave a comment. */
  text(answers: 'with' | 'without'): string {
    const lines = ['# Saved by ringbridge cimd2 shell.'];
    if (this.#lines.length === recordingLimits.lines) lines.push(`# Only the last ${recordingLimits.lines} lines.`);
    for (const { typed, came } of this.#lines) {
      const command = checkLine(typed);
      if (mayHoldPassword(typed)) {
        lines.push('# A line with a password was left out here, and what came after it.');
        continue;
      }
      if (command.ok && isKept(command.value, answers)) lines.push(typed);
      if (answers === 'with') lines.push(...came.map(expectLine));
    }
    return `${lines.join('\n')}\n`;
  }
}

/** @throws OperatorError USAGE_BAD_VALUE: a file that is there is not written over */
export async function saveRecording(
  recording: Recording,
  { file, answers }: Extract<ShellCommand, { readonly type: 'save' }>,
): Promise<void> {
  try {
    // Texts and numbers stand in it.
    await writeFile(file, recording.text(answers), { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error)) throw error;
    throw badLine(
      error.code === 'EEXIST'
        ? `${file} is there already, and was left as it is.`
        : `${file} cannot be written (${String(error.code)}).`,
    );
  }
}

/** What came says it all: an expectation that was typed would want it a second time. */
function isKept(command: ShellCommand, answers: 'with' | 'without'): boolean {
  switch (command.type) {
    case 'nothing':
    case 'save':
    case 'help':
    case 'quit':
    case 'packets':
      return false;
    case 'expect':
      return answers === 'without' || command.expectation.type !== 'packet';
    default:
      return true;
  }
}

/** Parameters that are the same when it is done again; stamps and times are not. */
const lasting: Readonly<Record<number, readonly number[]>> = {
  20: [23, 32, 33, 34],
  23: [21, 61, 62],
  54: [61, 62],
  55: [66],
};

/** `expect 53 !900` */
export function expectLine(packet: Packet): string {
  const { operation, packetNumber, parameters } = packet;
  const head = `${formatOperation(operation)}${operation === 99 ? `:${formatPacketNumber(packetNumber)}` : ''}`;
  const refusals = parameters.filter(({ code }) => code === 900);
  const kept = parameters.filter(({ code }) => lasting[operation]?.includes(code));
  const conditions = [...kept, ...refusals].map(({ code, value }) =>
    quoteWord(`${formatParameterCode(code)}=${spelled(value)}`),
  );
  if (refusals.length === 0 && operation >= 50 && operation < 98) conditions.push('!900');
  return ['expect', head, ...conditions].join(' ');
}

/** As a value is typed: bytes that are no characters as `<HH>`. */
function spelled(value: string): string {
  return value.replace(/[^\x20-\x7e]|</g, (character) => {
    const hex = character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0');
    return `<${hex}>`;
  });
}
