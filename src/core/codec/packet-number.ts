/**
 * The three digits on the wire. Requests of the application are odd, those of the SMSC even, both count up by two and
 * wrap; a response copies the number of its request. Source: docs/reference/cimd2.md section 4.1. The wrap-around of
 * packet numbers exists only here.
 */

declare const packetNumberBrand: unique symbol;

/** 0–255. Never an identity: it names a request only while that request is outstanding. */
export type PacketNumber = number & { readonly [packetNumberBrand]: true };

/** First request of the application in a session: 001. */
export const firstClientNumber = packetNumber(1);
/** First request of the SMSC in a session: 000. */
export const firstServerNumber = packetNumber(0);

/** @param value 0–255; anything else is a bug of the caller, wire bytes go through the decoder */
export function packetNumber(value: number): PacketNumber {
  if (!Number.isInteger(value) || value < 0 || value > 255) throw new RangeError(`${value} is no packet number`);
  return value as PacketNumber;
}

/** The next number of the same end: 255 → 001, 254 → 000. SPEC: section 4.1. */
export function nextPacketNumber(number: PacketNumber): PacketNumber {
  return packetNumber((number + 2) & 0xff);
}

/** The number of the same end that came before. */
export function previousPacketNumber(number: PacketNumber): PacketNumber {
  return packetNumber((number + 254) & 0xff);
}

export function isClientNumber(number: PacketNumber): boolean {
  return number % 2 === 1;
}

/** `007`: three digits as on the wire and in every log. */
export function formatPacketNumber(number: PacketNumber): string {
  return String(number).padStart(3, '0');
}
