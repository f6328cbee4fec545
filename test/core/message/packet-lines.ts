/** Packets as lines of a trace: `021:…` to parameters, what a submit becomes, what a deliver is read as. */
import { hourMs, later } from '../../../src/core/base/time.ts';
import type { Packet, Parameter } from '../../../src/core/codec/packet.ts';
import { packetNumber } from '../../../src/core/codec/packet-number.ts';
import { type DeliverOptions, parseDeliver } from '../../../src/core/message/deliver.ts';
import type { ShortMessage } from '../../../src/core/message/message.ts';
import { submitParameters } from '../../../src/core/message/submit.ts';
import { idOf, now, shortMessage } from './messages.ts';

export const submitOptions = { now, eightBit: 'combination', reports: 'final' } as const;
export const options: DeliverOptions = {
  zoneOffsetMinutes: 120,
  alphabet: 'nokia',
  id: idOf(5),
  now,
  validUntil: later(now, 48 * hourMs),
};

export function packet(operation: number, parameters: readonly Parameter[]): Packet {
  return { operation, packetNumber: packetNumber(0), parameters };
}

/** `021:…` lines to parameters. */
export function written(...lines: readonly string[]): readonly Parameter[] {
  return lines.map((line) => ({ code: Number(line.slice(0, 3)), value: line.slice(4) }));
}

export function submitted(fields: Partial<ShortMessage>, how: Partial<typeof submitOptions> = {}): readonly string[] {
  return submitParameters(shortMessage(fields), { ...submitOptions, ...how }).map(
    ({ code, value }) => `${String(code).padStart(3, '0')}:${value}`,
  );
}

export const deliverLines = ['021:12345', '023:358501234567', '060:260131235958'] as const;

export function delivered(...lines: readonly string[]): ReturnType<typeof parseDeliver> {
  return parseDeliver(packet(20, written(...deliverLines, ...lines)), options);
}

export function contentOf(...lines: readonly string[]): ShortMessage['content'] | undefined {
  const parsed = delivered(...lines);
  return parsed.ok ? parsed.value.content : undefined;
}
