/** The text of a message: an argument, or what comes on stdin. */
import { fstatSync } from 'node:fs';
import { OperatorError } from '../core/base/errors.ts';

/** 255 short messages of 153 characters, each of up to four bytes, fit well. */
const maxTextBytes = 262_144;

/** Whether somebody feeds stdin: a pipe or a file, not a terminal, and not the nothing of a service. */
export function isStdinFed(): boolean {
  try {
    const stats = fstatSync(0);
    return stats.isFIFO() || stats.isFile();
  } catch {
    // stdin is closed: nobody feeds it.
    return false;
  }
}

/** All of stdin as UTF-8 text, without the line break at its end. @throws OperatorError USAGE_BAD_VALUE */
export async function readStdinText(): Promise<string> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of process.stdin) {
    const bytes = Buffer.from(chunk);
    sizeBytes += bytes.length;
    if (sizeBytes > maxTextBytes) throw badText(`more than ${maxTextBytes} bytes came`, 'Send a shorter text.');
    chunks.push(bytes);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks)).replace(/\r?\n$/, '');
  } catch {
    throw badText('it is not UTF-8', 'Convert it first, for example with `iconv -f latin1 -t utf-8`.');
  }
}

function badText(why: string, hint: string): OperatorError {
  return new OperatorError({
    code: 'USAGE_BAD_VALUE',
    message: `The text on stdin cannot be used: ${why}. Nothing was sent.`,
    hint,
  });
}
