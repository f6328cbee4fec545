/**
 * Plays a text script against one end of a session and writes down what comes out, in the same form. A script is right
 * when playing it reproduces it. Format, one step per line: `set name value` before all, then inputs (`log-in`,
 * `opened`, `received 51:001`, `damaged 20:000`, `between text`, `bytes 02…`, `request …`, `wait ms`), each followed by
 * its outputs, indented. `wait` lets time pass and sends the ticks that the machine asks for; what they cause bears its
 * time. Lines with `#` are remarks. `seen` outputs are left out: they repeat the input.
 */
import { fromHex, fromLatin1, toLatin1 } from '../../../src/core/base/bytes.ts';
import type { LogEvent } from '../../../src/core/base/log-event.ts';
import type { Machine } from '../../../src/core/base/machine.ts';
import { type Instant, instant, later } from '../../../src/core/base/time.ts';
import { encodePacket } from '../../../src/core/codec/encode.ts';
import { formatOperation } from '../../../src/core/codec/operations.ts';
import type { Packet, Parameter } from '../../../src/core/codec/packet.ts';
import { formatPacketNumber, packetNumber } from '../../../src/core/codec/packet-number.ts';
import { CimdClient } from '../../../src/core/handshake/client.ts';
import type { ClientInput, ClientOutput } from '../../../src/core/handshake/client-io.ts';
import { CimdServerSession } from '../../../src/core/handshake/server.ts';
import type { ServerInput, ServerOutput } from '../../../src/core/handshake/server-io.ts';
import { clientSettings, serverSettings } from './settings.ts';

/** @returns the script as the machine makes it: equal to `script` if it keeps to it */
export function play(script: string): string {
  const lines = script.split('\n');
  const settings = new Map<string, string>();
  for (const line of lines) {
    const [word, name, ...rest] = line.split(' ');
    if (word === 'set' && name !== undefined) settings.set(name, rest.join(' '));
  }
  return settings.get('end') === 'server'
    ? playOn(new CimdServerSession(serverSettings(overrides(settings))), lines, serverInput, describeServer)
    : playOn(new CimdClient(clientSettings(overrides(settings)), () => 0), lines, clientInput, describeClient);
}

function playOn<Input extends { type: string }, Output>(
  machine: Machine<Input | { type: 'tick' }, Output>,
  lines: readonly string[],
  parse: (line: string) => Input,
  describe: (output: Output) => string | undefined,
): string {
  let now = instant(0);
  const played: string[] = [];
  const note = (outputs: readonly Output[], prefix: string): void => {
    for (const output of outputs) {
      const text = describe(output);
      if (text !== undefined) played.push(`  ${prefix}${text}`);
    }
  };
  for (const line of lines) {
    if (line.startsWith('  ')) continue;
    played.push(line);
    if (line === '' || line.startsWith('#') || line.startsWith('set ')) continue;
    const wait = /^wait (\d+)$/.exec(line)?.[1];
    if (wait === undefined) {
      note(machine.handle(parse(line), now), '');
      continue;
    }
    const until = later(now, Number(wait));
    let ticks = 0;
    for (let at = machine.deadline(); at !== undefined && at <= until; at = machine.deadline()) {
      ticks += 1;
      if (ticks > 1_000) throw new Error(`ticks change nothing at ${now} after: ${line}`);
      now = instant(Math.max(at, now));
      note(machine.handle({ type: 'tick' }, now), `@${now} `);
      stuck(machine.deadline(), now, line);
    }
    now = until;
  }
  return played.join('\n');
}

/** A tick must move the deadline, or the owner would send ticks for ever. */
function stuck(deadline: Instant | undefined, now: Instant, line: string): void {
  if (deadline !== undefined && deadline < now) throw new Error(`deadline ${deadline} is before ${now} after: ${line}`);
}

function overrides(settings: ReadonlyMap<string, string>): Record<string, unknown> {
  const values = [...settings].filter(([name]) => name !== 'end');
  return Object.fromEntries(values.map(([name, value]) => [name, /^\d+$/.test(value) ? Number(value) : value]));
}

// Inputs

function wireInput(word: string, rest: string): { type: 'received'; bytes: Uint8Array } | undefined {
  switch (word) {
    case 'received':
      return { type: 'received', bytes: encodePacket(parsePacket(rest), { checksum: 'send' }) };
    case 'damaged': {
      const bytes = encodePacket(parsePacket(rest), { checksum: 'send' });
      // A value one off: the checksum stays the old one.
      return { type: 'received', bytes: bytes.map((byte, at) => (at === bytes.lastIndexOf(9) - 1 ? byte ^ 1 : byte)) };
    }
    case 'between':
      return { type: 'received', bytes: fromLatin1(rest) };
    case 'bytes':
      return { type: 'received', bytes: fromHex(rest) ?? refuse(rest) };
    default:
      return undefined;
  }
}

function clientInput(line: string): ClientInput {
  const { word, rest, words } = split(line);
  const wire = wireInput(word, rest);
  if (wire !== undefined) return wire;
  switch (word) {
    case 'log-in':
    case 'log-out':
    case 'opened':
    case 'stop-polling':
      return { type: word };
    case 'closed':
      return { type: 'closed', reason: rest };
    case 'repeat':
      return { type: 'repeat', ref: Number(rest) };
    case 'answer':
      return { type: 'answer', token: Number(words[0]), parameters: parseParameters(words.slice(1).join(' ')) };
    case 'request': {
      const [ref, operation, onTimeout, ...parameters] = words;
      if (onTimeout !== 'ask' && onTimeout !== 'repeat' && onTimeout !== 'close') return refuse(line);
      return {
        type: 'request',
        ref: Number(ref),
        operation: Number(operation),
        parameters: parseParameters(parameters.join(' ')),
        onTimeout,
      };
    }
    default:
      return refuse(line);
  }
}

function serverInput(line: string): ServerInput {
  const { word, rest, words } = split(line);
  const wire = wireInput(word, rest);
  if (wire !== undefined) return wire;
  switch (word) {
    case 'opened':
      return { type: 'opened' };
    case 'closed':
    case 'shut-down':
      return { type: word, reason: rest };
    case 'respond':
      return { type: 'respond', token: Number(words[0]), parameters: parseParameters(words.slice(1).join(' ')) };
    case 'request': {
      const [ref, operation, ...parameters] = words;
      return {
        type: 'request',
        ref: Number(ref),
        operation: operation === '23' ? 23 : 20,
        parameters: parseParameters(parameters.join(' ')),
      };
    }
    default:
      return refuse(line);
  }
}

function split(line: string): { word: string; rest: string; words: readonly string[] } {
  const [word = '', ...words] = line.split(' ');
  return { word, rest: words.join(' '), words };
}

function parsePacket(text: string): Packet {
  const [header = '', ...parameters] = text.split(' ');
  const [operation, number] = header.split(':');
  return {
    operation: Number(operation),
    packetNumber: packetNumber(Number(number)),
    parameters: parseParameters(parameters.join(' ')),
  };
}

function parseParameters(text: string): readonly Parameter[] {
  if (text === '') return [];
  return text.split(/ (?=\d{3}:)/).map((one) => ({ code: Number(one.slice(0, 3)), value: one.slice(4) }));
}

function refuse(line: string): never {
  throw new Error(`no step of a dialogue: ${line}`);
}

// Outputs

function describeClient(output: ClientOutput): string | undefined {
  switch (output.type) {
    case 'seen':
      return undefined;
    case 'connect':
      return 'connect';
    case 'disconnect':
      return `disconnect (${output.reason})`;
    case 'write':
      return `write ${describePacket(output.packet)}`;
    case 'session': {
      const code = output.code === undefined ? '' : ` ${output.code}`;
      const refused = output.refusedWith === undefined ? '' : ` refused-with=${output.refusedWith}`;
      return `session ${output.state}${code}${refused}`;
    }
    case 'response':
      return `response ${output.ref} ${describePacket(output.packet)}`;
    case 'repeat-wanted':
      return `repeat-wanted ${output.ref} waited=${output.waitedMs}`;
    case 'unknown':
      return `unknown ${output.ref} ${output.code}`;
    case 'incoming':
      return `incoming ${output.token} ${describePacket(output.packet)}`;
    case 'withdrawn':
    case 'answer-seen':
      return `${output.type} ${output.token}`;
    case 'log':
      return describeLog(output);
  }
}

function describeServer(output: ServerOutput): string | undefined {
  switch (output.type) {
    case 'seen':
      return undefined;
    case 'write':
      return output.packet === undefined
        ? `write ${JSON.stringify(toLatin1(output.bytes))}`
        : `write ${describePacket(output.packet)}`;
    case 'close':
      return `close (${output.reason})`;
    case 'reading':
      return `reading ${output.flow}`;
    case 'session':
      return `session ${output.state}`;
    case 'request':
      return `request ${output.token} ${describePacket(output.packet)}`;
    case 'response':
      return `response ${output.ref} ${describePacket(output.packet)}`;
    case 'unknown':
      return `unknown ${output.ref} ${output.code}`;
    case 'log':
      return describeLog(output);
  }
}

export function describePacket(packet: Packet): string {
  const header = `${formatOperation(packet.operation)}:${formatPacketNumber(packet.packetNumber)}`;
  return [header, ...packet.parameters.map(({ code, value }) => `${String(code).padStart(3, '0')}:${value}`)].join(' ');
}

function describeLog(event: LogEvent): string {
  const fields = Object.entries(event.fields).filter(([name, value]) => name !== 'message' && value !== undefined);
  return `log ${event.level} ${event.event} ${fields.map(([name, value]) => `${name}=${value}`).join(' ')}`.trimEnd();
}
