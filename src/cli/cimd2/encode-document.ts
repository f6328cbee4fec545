/**
 * Packets as documents, back to drafts: what `cimd2 decode --json` prints, or what a person wrote by hand, which may leave
 * out everything but operation, number and parameters. JSONL, or documents over several lines; anything of another
 * schema is passed over.
 */
import { z } from 'zod';
import { fromHex } from '../../core/base/bytes.ts';
import { errorCodes, OperatorError } from '../../core/base/errors.ts';
import type { Draft, DraftParameter } from './encode-draft.ts';
import { operationCode } from './encode-operation.ts';

/** Longest document read; the longest packet there is takes a tenth of it. */
const documentLimit = 1_048_576;

const latin1 = z.string().regex(/^[\u0000-\u00ff]*$/, 'has one character per byte, none above U+00FF');

const packetSchema = z.object({
  operation: z.union([z.int().min(0).max(99), z.string(), z.null()]),
  packetNumber: z.int().min(0).max(999).nullish(),
  parameters: z
    .array(z.object({ code: z.int().min(0).max(999).nullable(), value: latin1, secret: z.boolean().optional() }))
    .optional(),
  checksum: z.object({ found: latin1.nullable() }).optional(),
  faults: z.array(z.object({ code: z.enum(errorCodes), parameter: z.int().nullable() })).optional(),
  hex: z.string().optional(),
});

/** A document, and where it began. */
export interface ReadDocument {
  /** From 1. */
  readonly line: number;
  readonly document: unknown;
}

/** @throws OperatorError INPUT_UNREADABLE for what is no JSON */
export async function* readDocuments(input: AsyncIterable<Uint8Array>): AsyncGenerator<ReadDocument> {
  let text = '';
  let line = 0;
  let begin = 1;
  for await (const next of linesOf(input)) {
    line += 1;
    if (text === '') begin = line;
    text = text === '' ? next.trim() : `${text}\n${next}`;
    if (text === '') continue;
    if (text.length > documentLimit) throw noJson(begin, `a document of more than ${documentLimit} characters`);
    const document = /[}\]]\s*$/.test(text) ? parse(text) : undefined;
    if (document === undefined) continue;
    text = '';
    for (const one of Array.isArray(document) ? document : [document]) yield { line: begin, document: one };
  }
  if (text !== '') throw noJson(begin, 'something that is no JSON');
}

/**
 * @param password stands in for one that was starred; undefined where there is none
 * @returns undefined for a document of another schema
 * @throws OperatorError INPUT_UNREADABLE, USAGE_MISSING_VALUE
 */
export function draftOf({ line, document }: ReadDocument, password: string | undefined): Draft | undefined {
  const isObject = typeof document === 'object' && document !== null;
  const schema = isObject && 'schema' in document ? document.schema : 'cimd2.packet/1';
  if (schema !== 'cimd2.packet/1') return undefined;
  const read = packetSchema.safeParse(document);
  if (!read.success) {
    const [issue] = read.error.issues;
    throw noJson(line, `no packet: ${issue?.path.join('.') || 'it'}: ${issue?.message ?? 'wrong'}`);
  }
  const { operation, packetNumber, parameters = [], checksum, faults = [], hex } = read.data;
  if (operation === null) return { type: 'bytes', bytes: bytesOf(hex, line) };
  return {
    type: 'fields',
    operation: typeof operation === 'string' ? operationCode(operation) : operation,
    packetNumber: packetNumber ?? missingNumber(line),
    parameters: parameters.map(({ code, value, secret }): DraftParameter => {
      if (secret !== true) return { code: code ?? undefined, value };
      return { code: code ?? undefined, value: password ?? missingPassword(line) };
    }),
    trailer: checksum === undefined ? { type: 'computed' } : { type: 'given', text: checksum.found ?? '' },
    knownFaults: faults.map(({ code, parameter }) => ({ code, parameter: parameter ?? undefined })),
  };
}

function bytesOf(hex: string | undefined, line: number): Uint8Array {
  const bytes = hex === undefined ? undefined : fromHex(hex);
  if (bytes !== undefined) return bytes;
  throw noJson(line, 'a packet without operation and without hex: it held a password, or its hex is wrong');
}

function missingNumber(line: number): never {
  throw noJson(line, 'a packet without packetNumber');
}

function missingPassword(line: number): never {
  throw new OperatorError({
    code: 'USAGE_MISSING_VALUE',
    message: `The packet of line ${line} had a password (011), which was starred.`,
    hint: 'Give it with --password-file, or RINGBRIDGE_SMSC_PASSWORD in the environment.',
  });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not whole yet, or never; the end of the input tells.
    return undefined;
  }
}

function noJson(line: number, what: string): OperatorError {
  return new OperatorError({
    code: 'INPUT_UNREADABLE',
    message: `Line ${line} of the input begins ${what}. Nothing was written of it.`,
    hint: 'A packet is {"operation":"submit","packetNumber":3,"parameters":[{"code":21,"value":"+358401234567"}]}; `cimd2 decode --json` prints more.',
  });
}

async function* linesOf(input: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8');
  let rest = '';
  for await (const chunk of input) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
    if (rest.length > documentLimit) yield rest;
  }
  if (rest !== '') yield rest;
}
