/**
 * Framer, decoder and everything that reads values, under a stream of mutants: nothing throws, nothing held grows past
 * its limit, and a good packet behind it is found. SPEC: section 1.6.
 */
import type { Random } from '../../src/core/base/random.ts';
import { instant } from '../../src/core/base/time.ts';
import { decodePacket } from '../../src/core/codec/decode.ts';
import { tryEncodePacket } from '../../src/core/codec/encode.ts';
import { Framer } from '../../src/core/codec/framer.ts';
import { maskSecrets } from '../../src/core/codec/mask.ts';
import type { Packet } from '../../src/core/codec/packet.ts';
import { validateParameters } from '../../src/core/codec/validate.ts';
import { parseDeliver } from '../../src/core/message/deliver.ts';
import { messageId } from '../../src/core/message/message.ts';
import { parseStatusReport } from '../../src/core/message/status-report.ts';
import { readSubmitAnswer } from '../../src/core/message/submit-answer.ts';
import { below, joined, latin1, mutant, pick, pieces } from './mutate.ts';

const limitBytes = 2_048;
const now = instant(Date.UTC(2026, 0, 31));
const good = latin1('\u000240:003\t3C\u0003');

/** @returns what was violated; undefined where nothing was */
export function fuzzCodec(random: Random): string | undefined {
  const framer = new Framer({ limitBytes, betweenLimitBytes: 64 });
  const stream = joined(...Array.from({ length: 1 + below(random, 12) }, () => mutant(random)));
  for (const piece of pieces(stream, random)) {
    for (const event of framer.push(piece)) {
      if (event.type === 'between' && event.bytes.length > 64) return 'hands out more than the limit between packets';
      if (event.type !== 'packet') continue;
      if (event.bytes.length > limitBytes) return 'hands out a packet beyond its limit';
      const problem = readEverything(event.bytes, random);
      if (problem !== undefined) return problem;
    }
    if (framer.bufferedBytes > limitBytes) return `holds ${framer.bufferedBytes} bytes`;
  }
  const last = framer.push(good).at(-1);
  const isFound = last?.type === 'packet' && Buffer.from(last.bytes).equals(good);
  return isFound ? undefined : 'does not find a good packet behind it';
}

function readEverything(bytes: Uint8Array, random: Random): string | undefined {
  const decoded = decodePacket(bytes);
  if (!decoded.ok) return undefined;
  const { packet } = decoded;
  validateParameters(packet, 'request', { unknownParameters: 'refuse' });
  validateParameters(packet, 'response');
  if (JSON.stringify(maskSecrets(packet)).includes('SeCrEt') && isLogin(packet)) return 'shows a password';
  read(packet, random);
  const again = tryEncodePacket(packet, { checksum: 'send' });
  if (!again.ok) return undefined;
  const twice = decodePacket(again.value);
  return twice.ok && JSON.stringify(twice.packet) === JSON.stringify(packet)
    ? undefined
    : 'reads otherwise what it wrote';
}

function isLogin({ operation, parameters }: Packet): boolean {
  return operation === 1 && parameters.every(({ code, value }) => (code === 11) === value.includes('SeCrEt'));
}

/** As a deliver, a report and the answer to a submit, whatever it was. */
function read(packet: Packet, random: Random): void {
  const options = {
    zoneOffsetMinutes: 120,
    alphabet: pick(random, ['nokia', 'literal'] as const),
    id: messageId('00000000-0000-4000-8000-000000000001'),
    now,
    validUntil: now,
  };
  parseDeliver({ ...packet, operation: 20 }, options);
  parseStatusReport({ ...packet, operation: 23 }, options);
  readSubmitAnswer({ ...packet, operation: 53 }, '+358501234567', { zoneOffsetMinutes: 0, now });
}
