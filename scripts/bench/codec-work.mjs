// The submits that `bench-codec.mjs` measures with, and what one step does with each of them. Every step reads what it
// made, so that nothing a machine would put off (a string not yet joined) is left out of its price.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** Different packets, so that nobody is fast by having seen the very same bytes a moment ago. */
const packetCount = 256;
const textLength = 160;

/**
 * @param {string} dist folder of a build
 * @returns {Promise<{ sizes: { packet: number, json: number }, steps: Record<string, (index: number) => number> }>}
 *   each step takes a packet by its index, any whole number
 */
export async function codecWork(dist) {
  const codec = (name) => import(pathToFileURL(join(dist, 'core/codec', name)).href);
  const { Framer, defaultReceiveLimitBytes, defaultBetweenLimitBytes } = await codec('framer.js');
  const { decodePacket } = await codec('decode.js');
  const { encodePacket } = await codec('encode.js');
  const { packetNumber } = await codec('packet-number.js');

  const packets = Array.from({ length: packetCount }, (_, index) =>
    submit(packetNumber((index * 2 + 1) & 0xff), index),
  );
  const bytes = packets.map((packet) => encodePacket(packet, { checksum: 'send' }));
  const texts = packets.map((packet) => JSON.stringify(packet));
  const framer = new Framer({ limitBytes: defaultReceiveLimitBytes, betweenLimitBytes: defaultBetweenLimitBytes });
  const send = { checksum: 'send' };
  const at = (list, index) => list[index % packetCount];

  const decode = (index) => {
    const [event] = framer.push(at(bytes, index));
    if (event?.type !== 'packet') throw new Error(`the framer found ${event?.type ?? 'nothing'}`);
    const decoded = decodePacket(event.bytes);
    if (!decoded.ok || !decoded.hasChecksum) throw new Error('a packet was not decoded');
    return lookAt(decoded.packet);
  };
  const steps = {
    decode,
    'JSON.parse': (index) => lookAt(JSON.parse(at(texts, index))),
    encode: (index) => encodePacket(at(packets, index), send).at(-1),
    'JSON.stringify': (index) => JSON.stringify(at(packets, index)).charCodeAt(0),
    copy: (index) => at(bytes, index).slice().at(-1),
  };
  return { sizes: { packet: bytes[0].length, json: texts[0].length }, steps };
}

/** A submit of 160 characters as the buffer makes it: destination, text, validity, reports wanted. */
function submit(number, index) {
  const text = `Message ${index} of the benchmark, one short message long: `.padEnd(textLength, 'abcdefghij klmnop,.');
  return {
    operation: 3,
    packetNumber: number,
    parameters: [
      { code: 21, value: `+35840${1_000_000 + index * 7}` },
      { code: 33, value: text },
      { code: 50, value: '168' },
      { code: 56, value: '62' },
    ],
  };
}

function lookAt({ packetNumber, parameters }) {
  let sum = packetNumber;
  for (const { code, value } of parameters) sum += code + value.charCodeAt(value.length - 1);
  return sum;
}
