/** A deliver or a status report that came, read as the message it is, for commands that show it at once and keep nothing. */
import { type Instant, later } from '../../core/base/time.ts';
import { uuidV7 } from '../../core/base/uuid.ts';
import type { Packet } from '../../core/codec/packet.ts';
import { parseDeliver } from '../../core/message/deliver.ts';
import { messageId } from '../../core/message/message.ts';
import { parseStatusReport } from '../../core/message/status-report.ts';
import { randomBytes } from '../../shell/hashing.ts';
import type { Reading } from './listen-documents.ts';

const deliver = 20;
/** Parts of long texts do not outlive the command, so their validity does not matter. */
const anyValidityMs = 3_600_000;

/** @param packet with operation 20 or 23 */
export function readIncoming(packet: Packet, now: Instant): Reading {
  const common = {
    // Times are told as the digits they came in, so their zone does not matter.
    zoneOffsetMinutes: 0,
    id: messageId(uuidV7(now, randomBytes)),
    now,
    validUntil: later(now, anyValidityMs),
  };
  const parsed =
    packet.operation === deliver
      ? parseDeliver(packet, { ...common, alphabet: 'nokia' })
      : parseStatusReport(packet, common);
  return parsed.ok
    ? { type: 'read', message: parsed.value, remarks: parsed.remarks }
    : { type: 'unreadable', fault: parsed.fault };
}
