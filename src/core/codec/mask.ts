/** What must never be seen of a packet: passwords. Addresses and texts are the business of whoever shows the packet. */
import type { Packet } from './packet.ts';
import { findParameter } from './parameters.ts';

/** As many for every password, or its length would be told. */
const stars = '********';

/** The packet for traces, logs and recorders: secret values replaced by asterisks. SPEC: section 3.2, parameter 011. */
export function maskSecrets(packet: Packet): Packet {
  if (!packet.parameters.some(isSecret)) return packet;
  return {
    ...packet,
    parameters: packet.parameters.map((parameter) =>
      isSecret(parameter) ? { ...parameter, value: stars } : parameter,
    ),
  };
}

function isSecret(parameter: { readonly code: number }): boolean {
  return findParameter(parameter.code)?.isSecret === true;
}
