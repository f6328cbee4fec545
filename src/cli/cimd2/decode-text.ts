/**
 * Packets in text: hex and spelled-out bytes, by themselves or somewhere in the lines of a log. What stands in front of
 * a packet in a line is skipped. Input comes in chunks cut anywhere and a line has a limit, so a text of any length
 * passes through. Which form an input has is decided in decode-input.ts.
 */
import { fromHex, toLatin1 } from '../../core/base/bytes.ts';
import { OperatorError } from '../../core/base/errors.ts';
import type { Piece, StreamName } from './decode-finder.ts';
import { endOfSpelled, findSpelledStx, unspell } from './spelled-bytes.ts';

/** Takes the chunks of an input; gives what is in them. */
export interface InputReader {
  push(chunk: Uint8Array): readonly Piece[];
  end(): readonly Piece[];
}

/** Longest line read, in bytes: more than any packet takes, spelled byte by byte. */
const lineLimit = 262_144;

/** Text knows no connections. */
export const onlyStream: StreamName = { conversation: '', direction: '' };

/** Bytes as they are. */
export class RawReader implements InputReader {
  push(chunk: Uint8Array): readonly Piece[] {
    return [{ type: 'bytes', stream: onlyStream, place: {}, bytes: chunk }];
  }

  end(): readonly Piece[] {
    return [];
  }
}

/** Hex digits and nothing else, but for what people put between them: white space, commas, colons, dashes, 0x, \x. */
export class HexReader implements InputReader {
  #line = 1;
  /** First digit of a byte whose second has not come; undefined between bytes. */
  #high: number | undefined;
  #isBehindBackslash = false;

  push(chunk: Uint8Array): readonly Piece[] {
    const pieces: Piece[] = [];
    let bytes: number[] = [];
    const flush = () => {
      if (bytes.length === 0) return;
      pieces.push({ type: 'bytes', stream: onlyStream, place: { line: this.#line }, bytes: Uint8Array.from(bytes) });
      bytes = [];
    };
    for (const byte of chunk) {
      const digit = hexDigit(byte);
      if (digit !== undefined) {
        if (this.#high === undefined) {
          this.#high = digit;
        } else {
          bytes.push(this.#high * 16 + digit);
          this.#high = undefined;
        }
      } else if (byte === 0x78 || byte === 0x58) {
        // The 0 of 0x was no digit.
        if (this.#high !== 0 && !this.#isBehindBackslash) this.#refuse(`${JSON.stringify(String.fromCharCode(byte))}`);
        this.#high = undefined;
      } else if (byte === 0x0a) {
        flush();
        this.#line += 1;
      } else if (byte !== 0x5c && !separators.has(byte)) {
        this.#refuse(JSON.stringify(String.fromCharCode(byte)));
      }
      this.#isBehindBackslash = byte === 0x5c;
    }
    flush();
    return pieces;
  }

  end(): readonly Piece[] {
    if (this.#high !== undefined) this.#refuse('half a byte at its end');
    return [];
  }

  #refuse(what: string): never {
    throw new OperatorError({
      code: 'INPUT_UNREADABLE',
      message: `Line ${this.#line} of the hex holds ${what}. Reading stopped there.`,
      hint: 'Use --format log for lines with other text around the packets, or --format raw for bytes.',
    });
  }
}

/** Space, tab, carriage return, comma, colon, semicolon, dash, quotes. */
const separators = new Set([0x20, 0x09, 0x0d, 0x2c, 0x3a, 0x3b, 0x2d, 0x22, 0x27]);

function hexDigit(byte: number): number | undefined {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : undefined;
}

/**
 * Lines of text. `escaped`: nothing but spelled-out bytes, a packet may go over line ends. `log`: at most one run of
 * packets within a line, spelled out or in hex, with anything around it.
 */
export class LineReader implements InputReader {
  readonly #form: 'escaped' | 'log';
  #rest = '';
  #line = 0;
  /** The beginning of the present line was given up. */
  #isTooLong = false;

  constructor(form: 'escaped' | 'log') {
    this.#form = form;
  }

  push(chunk: Uint8Array): readonly Piece[] {
    const lines = (this.#rest + toLatin1(chunk)).split('\n');
    this.#rest = lines.pop() ?? '';
    const pieces = lines.flatMap((line) => this.#take(line));
    if (this.#rest.length > lineLimit) {
      this.#rest = '';
      this.#isTooLong = true;
    }
    return pieces;
  }

  end(): readonly Piece[] {
    const last = this.#rest;
    this.#rest = '';
    return last === '' && !this.#isTooLong ? [] : this.#take(last);
  }

  #take(text: string): readonly Piece[] {
    this.#line += 1;
    const place = { line: this.#line };
    if (this.#isTooLong || text.length > lineLimit) {
      this.#isTooLong = false;
      const message = `Line ${this.#line} is longer than ${lineLimit} bytes; it was skipped.`;
      return [{ type: 'broken', place, fault: { code: 'INPUT_UNREADABLE', message } }];
    }
    const stream = onlyStream;
    if (this.#form === 'escaped') {
      const bytes = unspell(text.replace(/\r$/, ''), /<STX>|<ETX>|<TAB>/.test(text) ? 'angle' : 'backslash');
      return [{ type: 'bytes', stream, place, bytes }];
    }
    const bytes = findRun(text);
    if (bytes === undefined) return [];
    return [
      { type: 'bytes', stream, place, bytes },
      { type: 'break', stream, place },
    ];
  }
}

/** What may stand between two hex bytes. */
const gap = String.raw`[\s,:;-]*(?:0[xX]|\\x)?`;
/** STX, two digits, colon: the beginning of every readable header. Behind it, hex as far as it goes. */
const headerRun = new RegExp(`02${gap}3[0-9]${gap}3[0-9]${gap}3[aA](?:${gap}[0-9A-Fa-f]{2})*`);
/** From STX to ETX in one word, whatever stands between. */
const wordRun = /(?<![0-9A-Za-z])02(?:[0-9A-Fa-f]{2}){3,}03(?![0-9A-Za-z])/;

/** The packets of one line of a log, as bytes; undefined where there are none. */
function findRun(text: string): Uint8Array | undefined {
  const spelled = findSpelledStx(text);
  if (spelled !== undefined) {
    const run = text.slice(spelled.at);
    return unspell(run.slice(0, endOfSpelled(run, spelled.spelling)), spelled.spelling);
  }
  const run = headerRun.exec(text)?.[0] ?? wordRun.exec(text)?.[0];
  const bytes = run === undefined ? undefined : fromHex(run.replace(/0[xX]|[^0-9A-Fa-f]/g, ''));
  const end = bytes?.lastIndexOf(0x03) ?? -1;
  // Behind the last ETX, digits of the log's own may have been taken for hex.
  return end === -1 ? bytes : bytes?.subarray(0, end + 1);
}
