/**
 * The table test at the client end, on the wire: whatever is wrong with the parameters of an answer, a deliver or a
 * report, the packet is taken (1.7: the first of a repeated parameter, nothing that nobody knows), and what is wrong is
 * told, parameter by parameter, as the reference has it.
 */
import { describe, expect, test } from 'vitest';
import { instant } from '../../../../src/core/base/time.ts';
import { encodePacket } from '../../../../src/core/codec/encode.ts';
import type { Parameter } from '../../../../src/core/codec/packet.ts';
import { packetNumber } from '../../../../src/core/codec/packet-number.ts';
import { CimdClient } from '../../../../src/core/handshake/client.ts';
import type { ClientOutput } from '../../../../src/core/handshake/client-io.ts';
import { clientSettings } from '../settings.ts';
import { type ArrivalCase, arrivalCases, caseName } from './cases.ts';
import { smscPackets } from './uses.ts';

const now = instant(0);
const arrived = arrivalCases(smscPackets);

function wire(operation: number, number: number, parameters: readonly Parameter[]) {
  const packet = { operation, packetNumber: packetNumber(number), parameters };
  return { type: 'received', bytes: encodePacket(packet, { checksum: 'send' }) } as const;
}

/** A client that waits for just that packet, and what it does when it comes. */
function receive({ operation, parameters }: ArrivalCase): readonly ClientOutput[] {
  const client = new CimdClient(clientSettings(), () => 0);
  client.handle({ type: 'log-in' }, now);
  client.handle({ type: 'opened' }, now);
  if (operation === 51) return client.handle(wire(51, 1, parameters), now);
  client.handle(wire(51, 1, []), now);
  if (operation < 50) return client.handle(wire(operation, 0, parameters), now);
  if (operation === 52) {
    client.handle({ type: 'log-out' }, now);
  } else {
    // The answer to a submit must name one of its destinations.
    const asked = parameters.filter(({ code }) => code === 21);
    const request = operation === 98 ? 4 : operation - 50;
    client.handle({ type: 'request', ref: 7, operation: request, parameters: asked, onTimeout: 'repeat' }, now);
  }
  return client.handle(wire(operation, 3, parameters), now);
}

function isTaken({ operation }: ArrivalCase, outputs: readonly ClientOutput[]): boolean {
  if (operation < 50) return outputs.some(({ type }) => type === 'incoming');
  if (operation === 51) return outputs.some((one) => one.type === 'session' && ['ready', 'down'].includes(one.state));
  if (operation === 52) return outputs.some((one) => one.type === 'session' && one.state === 'ended');
  return outputs.some((one) => one.type === 'response' && one.ref === 7);
}

function toldFlaws(outputs: readonly ClientOutput[]): string {
  return outputs
    .flatMap((one) => (one.type === 'log' && one.event === 'session.flawed-packet' ? [one.fields['parameter']] : []))
    .map(Number)
    .join(' ');
}

describe(`every parameter of what an SMSC sends: ${arrived.length} cases at the client end (1.7, 2.2–2.10, 3.2)`, () => {
  test('are taken, and what is wrong is told', () => {
    const found = arrived.map((one) => {
      const outputs = receive(one);
      return `${caseName(one)} → ${isTaken(one, outputs) ? 'taken' : 'dropped'}, ${toldFlaws(outputs)}`;
    });
    expect(found).toEqual(arrived.map((one) => `${caseName(one)} → taken, ${one.wrong.join(' ')}`));
  });

  test('say no where 900 begins with a digit but 0, or cannot be read (9)', () => {
    const verdicts = ['0', '00', '', '1', '01', '10 congestion', 'x', '-1'].map((value) => {
      const outputs = receive({
        operation: 51,
        shape: 'negative',
        parameter: 900,
        kind: 'lowest',
        parameters: [{ code: 900, value }],
        wrong: [],
      });
      const refused = outputs.find((one) => one.type === 'session' && one.state === 'down');
      return `${value} → ${refused?.type === 'session' ? refused.refusedWith : 'ready'}`;
    });
    expect(verdicts).toEqual([
      '0 → ready',
      '00 → ready',
      ' → ready',
      '1 → 1',
      '01 → 1',
      '10 congestion → 10',
      'x → 6',
      '-1 → 6',
    ]);
  });

  test('are told aloud once a session, however often they come (1.7)', () => {
    const client = new CimdClient(clientSettings(), () => 0);
    client.handle({ type: 'log-in' }, now);
    client.handle({ type: 'opened' }, now);
    const levels = [0, 2, 4].flatMap((number) =>
      client
        .handle(wire(20, number, [{ code: 21, value: 'x' }]), now)
        .flatMap((one) => (one.type === 'log' && one.fields['parameter'] === '021' ? [one.level] : [])),
    );
    expect(levels).toEqual(['warn', 'debug', 'debug']);
  });
});
