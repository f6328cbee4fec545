/**
 * Where the decoder's input comes from and which form it has: an argument, a file, or stdin; told from its beginning
 * unless somebody says it. Everything passes through in chunks; nothing is read whole.
 */
import { createReadStream, statSync } from 'node:fs';
import { OperatorError } from '../../core/base/errors.ts';
import { PcapReader, pcapMagics } from '../capture/pcap-reader.ts';
import { PcapngReader, pcapngMagic } from '../capture/pcapng-reader.ts';
import { CaptureInput } from './decode-capture.ts';
import type { Piece } from './decode-finder.ts';
import { HexReader, type InputReader, LineReader, RawReader } from './decode-text.ts';
import { findSpelledStx } from './spelled-bytes.ts';

export const inputForms = ['hex', 'raw', 'escaped', 'log', 'pcap', 'pcapng'] as const;
export type InputForm = (typeof inputForms)[number];

const chunkBytes = 262_144;

/**
 * The bytes of the argument itself, of the file it names, or of stdin for `-` and undefined.
 *
 * @throws OperatorError INPUT_UNREADABLE for what is neither a file nor packets
 */
export function openInput(argument: string | undefined): AsyncIterable<Uint8Array> {
  if (argument === undefined || argument === '-') return process.stdin;
  const kind = statSync(argument, { throwIfNoEntry: false });
  if (kind?.isDirectory() === true) throw unreadable(`${argument} is a directory`, 'Name a file in it.');
  if (kind !== undefined) return readFile(argument);
  const isPacket = /^[\s0-9A-Fa-fx\\,:;-]+$/.test(argument) || findSpelledStx(argument) !== undefined;
  if (!isPacket) throw unreadable(`${argument} is no file, and neither hex nor a packet`, 'Check the name, or use -.');
  return only(Buffer.from(argument, 'utf8'));
}

/** The form of an input that begins so. */
export function recognizeForm(head: Uint8Array): InputForm {
  const magic = Buffer.from(head.subarray(0, 4)).toString('hex');
  if (magic in pcapMagics) return 'pcap';
  if (magic === pcapngMagic.toString(16).padStart(8, '0')) return 'pcapng';
  // STX itself is in no text.
  if (head.includes(0x02)) return 'raw';
  const text = Buffer.from(head.subarray(0, 65_536)).toString('latin1');
  if (/^[\s0-9A-Fa-fx\\,:;"'-]*$/.test(text)) return 'hex';
  const spelled = findSpelledStx(text);
  const firstLine = text.trimStart().split('\n', 1)[0] ?? '';
  const isAtBegin = spelled !== undefined && text.slice(0, spelled.at).trim() === '';
  return isAtBegin && !/<ETX>|<03>|\\x03/.test(firstLine) ? 'escaped' : 'log';
}

export interface ReadPieces {
  /** In the order of the input; an empty list is a sign of life. */
  readonly pieces: AsyncIterable<readonly Piece[]>;
  /** Known once the first bytes came. */
  form(): InputForm | undefined;
  /** Known at the end. */
  notices(): readonly string[];
}

/** @param form undefined: told from the beginning */
export function readPieces(
  input: AsyncIterable<Uint8Array>,
  form: InputForm | undefined,
  ports: readonly number[],
): ReadPieces {
  let reader: InputReader | undefined;
  let found = form;
  async function* pieces(): AsyncGenerator<readonly Piece[]> {
    let head: Uint8Array = new Uint8Array();
    for await (const chunk of input) {
      let bytes = chunk;
      if (reader === undefined) {
        head = Buffer.concat([head, chunk]);
        // Four bytes tell a capture from anything else.
        if (head.length < 4) continue;
        bytes = head;
        found ??= recognizeForm(head);
        reader = readerOf(found, ports);
      } else if (form === undefined && found === 'log' && bytes.includes(0x02)) {
        // A greeting came first and looked like text.
        yield reader.end();
        found = 'raw';
        reader = readerOf(found, ports);
      }
      yield reader.push(bytes);
    }
    if (reader === undefined && head.length > 0) {
      found ??= recognizeForm(head);
      reader = readerOf(found, ports);
      yield reader.push(head);
    }
    yield reader?.end() ?? [];
  }
  return {
    pieces: pieces(),
    form: () => found,
    notices: () => (reader instanceof CaptureInput ? reader.notices() : []),
  };
}

function readerOf(form: InputForm, ports: readonly number[]): InputReader {
  switch (form) {
    case 'hex':
      return new HexReader();
    case 'raw':
      return new RawReader();
    case 'escaped':
    case 'log':
      return new LineReader(form);
    case 'pcap':
      return new CaptureInput(new PcapReader(), ports);
    case 'pcapng':
      return new CaptureInput(new PcapngReader(), ports);
  }
}

async function* readFile(path: string): AsyncGenerator<Uint8Array> {
  try {
    yield* createReadStream(path, { highWaterMark: chunkBytes });
  } catch (error) {
    const why = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    throw new OperatorError({
      code: 'INPUT_UNREADABLE',
      message: `${path} cannot be read (${why}).`,
      hint: 'Check that it is a file that you may read.',
      cause: error,
    });
  }
}

async function* only(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

function unreadable(what: string, hint: string): OperatorError {
  return new OperatorError({ code: 'INPUT_UNREADABLE', message: `${what}. Nothing was read.`, hint });
}
