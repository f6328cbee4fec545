/**
 * One number for all that a machine said to one input: what it wrote to the SMSC or to its clients, told the other end,
 * wanted opened or closed. Two machines that say the same have the same number; it is recorded so that a replay can be held
 * to it. Not a cryptographic hash: it tells a change of the program, not a forger. The login is left out, because it has the
 * password.
 */
import type { Entry } from '../../core/link/entries.ts';
import { statuses } from '../../core/ring/status.ts';

/** What is looked at of outputs; a role has others, which count by their type alone. */
type Said = {
  readonly type: string;
  readonly bytes?: Uint8Array;
  readonly entry?: Entry;
  readonly event?: unknown;
};

/** What a number begins with, before anything is mixed into it. */
export const startNumber = 0x811c9dc5;

/** The bytes of a login packet begin so: STX, operation 01. */
const [stx, digit0, digit1] = [0x02, 0x30, 0x31];

/** FNV-1a over what was said. @returns 0 to 2^32 - 1; the same number for no outputs */
export function saidNumber(outputs: readonly Said[]): number {
  let hash = startNumber;
  for (const output of outputs) {
    hash = mixText(hash, output.type);
    if (output.entry !== undefined) hash = mixEntry(hash, output.entry);
    else if ((output.type === 'smsc-write' || output.type === 'write') && output.bytes !== undefined)
      hash = mixPacket(hash, output.bytes);
    else if (output.type === 'log' && typeof output.event === 'string') hash = mixText(hash, output.event);
  }
  return hash >>> 0;
}

/** Into a number that stands for all that was mixed into it: FNV-1a, by 32 bits at a time. */
export function mixNumber(hash: number, number: number): number {
  return Math.imul(hash ^ number, 0x01000193);
}

export function mixText(hash: number, text: string): number {
  let mixed = mixNumber(hash, text.length);
  for (let at = 0; at < text.length; at += 1) mixed = mixNumber(mixed, text.charCodeAt(at));
  return mixed;
}

function mixPacket(hash: number, bytes: Uint8Array): number {
  if (bytes[0] === stx && bytes[1] === digit0 && bytes[2] === digit1) return mixNumber(hash, 1);
  let mixed = mixNumber(hash, bytes.length);
  for (let at = 0; at < bytes.length; at += 1) mixed = mixNumber(mixed, bytes[at] ?? 0);
  return mixed;
}

function mixEntry(hash: number, entry: Entry): number {
  let mixed = mixText(hash, entry.type);
  switch (entry.type) {
    case 'digest':
      mixed = mixText(mixed, entry.digest.epoch ?? '');
      mixed = mixNumber(mixNumber(mixed, entry.digest.size), entry.digest.lastSeq);
      for (const state of entry.digest.slots) mixed = mixText(mixState(mixed, state), state.contentHash);
      return mixed;
    case 'status':
    case 'reconstruct':
      return mixState(mixed, entry.state);
    case 'place':
    case 'resolve':
      return mixNumber(mixNumber(mixed, entry.seq), entry.attempts);
    case 'settled':
      return mixNumber(mixed, entry.seq);
    case 'heartbeat':
      return mixNumber(mixed, entry.position.count);
    case 'session':
      return mixNumber(mixNumber(mixed, entry.state === 'up' ? 1 : 0), entry.refusedWith);
    default:
      return entry satisfies never;
  }
}

function mixState(
  hash: number,
  state: { readonly seq: number; readonly status: (typeof statuses)[number]; readonly attempts: number },
): number {
  return mixNumber(mixNumber(mixNumber(hash, state.seq), statuses.indexOf(state.status)), state.attempts);
}
