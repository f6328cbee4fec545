/** The packet that a line of `cimd2 shell` spells out, right or wrong, as bytes. SPEC: docs/reference/cimd2.md sections 1.1 and 1.5. */
import { writeDraft } from '../encode-draft.ts';
import type { ShellCommand } from './command.ts';

export type PacketCommand = Extract<ShellCommand, { readonly type: 'packet' }>;

/** @param session whether checksums are sent where the line does not say otherwise */
export function packetBytes(
  { operation, number, parameters, checksum }: PacketCommand & { readonly number: number },
  session: 'send' | 'omit',
): Uint8Array {
  const isSummed = checksum === 'wrong' || (checksum === 'as-set' && session === 'send');
  const { bytes } = writeDraft({
    type: 'fields',
    operation,
    packetNumber: number,
    parameters,
    trailer: isSummed ? { type: 'computed' } : { type: 'given', text: '' },
    knownFaults: [],
  });
  if (checksum !== 'wrong') return bytes;
  const wrong = bytes.slice();
  // The digit before the ETX: another one, whatever it was.
  const last = wrong.length - 2;
  wrong[last] = wrong[last] === 0x30 ? 0x31 : 0x30;
  return wrong;
}
