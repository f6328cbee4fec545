/** Reads the body of a request: one object of JSON, bounded, or what is wrong with it. */
import type { IncomingMessage } from 'node:http';
import { type Answer, badRequest, problem } from './answer.ts';

/** Bytes; a text of 10,000 characters fits in any encoding. */
export const bodySizeLimit = 64 * 1024;

export type Body =
  | { readonly type: 'fields'; readonly fields: Readonly<Record<string, unknown>> }
  | { readonly type: 'refused'; readonly answer: Answer }
  /** The client left. */
  | { readonly type: 'gone' };

/** An empty body is an empty object. */
export async function readBody(request: IncomingMessage): Promise<Body> {
  const bytes = await readBytes(request);
  if (bytes === 'gone') return { type: 'gone' };
  if (bytes === 'too-long') return refused(tooLong());
  if (bytes.length === 0) return { type: 'fields', fields: {} };
  // A form of a foreign page cannot send this type without asking first.
  if (!/^application\/json\b/i.test(request.headers['content-type'] ?? '')) {
    return refused(problem({ status: 415, code: 'IM_BAD_REQUEST', message: 'The body is not JSON.' }));
  }
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8'));
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      return refused(badRequest('The body is JSON, but not an object.'));
    }
    // An object of JSON: its fields are checked where they are used.
    return { type: 'fields', fields: value as Readonly<Record<string, unknown>> };
  } catch (cause) {
    if (cause instanceof SyntaxError) return refused(badRequest('The body is not JSON.'));
    throw cause;
  }
}

function readBytes(request: IncomingMessage): Promise<Buffer | 'too-long' | 'gone'> {
  if (Number(request.headers['content-length'] ?? 0) > bodySizeLimit) return Promise.resolve('too-long');
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= bodySizeLimit) chunks.push(chunk);
      else resolve('too-long');
    });
    request.on('end', () => resolve(Buffer.concat(chunks)));
    request.on('close', () => resolve('gone'));
    request.on('error', () => resolve('gone'));
  });
}

function tooLong(): Answer {
  const message = `The body has more than ${bodySizeLimit} bytes.`;
  const answer = problem({ status: 413, code: 'IM_BAD_REQUEST', message });
  // What else is on its way is not read.
  return { ...answer, headers: { ...answer.headers, connection: 'close' } };
}

function refused(answer: Answer): Body {
  return { type: 'refused', answer };
}
