/**
 * CIMD2 packets as a recording has them whose privacy is not `full`: operation, number, times, codes and the place in a
 * long text stay; numbers and texts, and every parameter that nobody knows, are replaced. Packets are told whole, with
 * the input that ended them; noise and damaged packets are left out. SPEC: section 3.2.
 */

import { concatBytes } from '../../core/base/bytes.ts';
import { decodePacket } from '../../core/codec/decode.ts';
import { tryEncodePacket } from '../../core/codec/encode.ts';
import { defaultBetweenLimitBytes, defaultReceiveLimitBytes, Framer } from '../../core/codec/framer.ts';
import { maskSecrets } from '../../core/codec/mask.ts';
import type { Packet, Parameter } from '../../core/codec/packet.ts';
import { findParameter } from '../../core/codec/parameters.ts';
import type { Discretion } from './discretion.ts';

/** Of these types no value says who writes to whom, or what. */
const harmlessTypes: ReadonlySet<string> = new Set(['integer', 'time']);
/** User identity, and password once it is starred. */
const harmlessCodes: ReadonlySet<number> = new Set([10, 11]);
const header = 32;

const nothing = new Uint8Array(0);

/** @param bytes STX to ETX; @returns nothing of what is no packet */
export function retellPacket(bytes: Uint8Array, discretion: Discretion): Uint8Array {
  const decoded = decodePacket(bytes);
  if (!decoded.ok) return nothing;
  const packet: Packet = {
    ...decoded.packet,
    parameters: maskSecrets(decoded.packet).parameters.map((parameter) => retellParameter(parameter, discretion)),
  };
  const encoded = tryEncodePacket(packet, { checksum: decoded.hasChecksum ? 'send' : 'omit' });
  return encoded.ok ? encoded.value : nothing;
}

function retellParameter({ code, value }: Parameter, discretion: Discretion): Parameter {
  const info = findParameter(code);
  if (info !== undefined && (harmlessTypes.has(info.type) || harmlessCodes.has(code))) return { code, value };
  if (code === header && isConcatenation(value)) return { code, value };
  return { code, value: info?.type === 'address' ? discretion.number(value) : discretion.text(value) };
}

/** Nothing but the place in a long text. SPEC: section 7.8. */
function isConcatenation(value: string): boolean {
  return /^(050003[0-9A-F]{6}|060804[0-9A-F]{8})$/i.test(value);
}

/** The packets of one connection. */
export class RetoldLine {
  readonly #discretion: Discretion;
  readonly #framer = new Framer({
    limitBytes: defaultReceiveLimitBytes,
    betweenLimitBytes: defaultBetweenLimitBytes,
  });

  constructor(discretion: Discretion) {
    this.#discretion = discretion;
  }

  /** @returns the packets that end in these bytes */
  push(bytes: Uint8Array): Uint8Array {
    const events = this.#framer.push(bytes);
    return concatBytes(
      ...events.map((event) => (event.type === 'packet' ? retellPacket(event.bytes, this.#discretion) : nothing)),
    );
  }
}
