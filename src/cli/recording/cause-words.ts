/**
 * Why a slot moved, in words: what went into the role at that moment, as far as it is about that message. No texts and no
 * numbers of people are in it.
 */
import type { Entry } from '../../core/link/entries.ts';
import type { PastMove } from '../../shell/recording/past-rings.ts';
import { type Carried, type InputEvent, readFrame } from '../../shell/recording/timeline-event.ts';
import { describePacket } from '../cimd2/packet-text.ts';

/** Packets of one input that are told. */
const packetsTold = 3;

/** `packet 003 came: accepted`; `place came`; `text of a user`; `its time came`. */
export function causeText(event: InputEvent, move: PastMove): string {
  const cause = inputText(event, move);
  const logged = event.log.filter(({ level }) => level === 'warn' || level === 'error').map((one) => one.event);
  return logged.length === 0 ? cause : `${cause} (${[...new Set(logged)].join(', ')})`;
}

function inputText(event: InputEvent, move: PastMove): string {
  const { input, received } = event;
  const reason = event.given !== undefined && 'reason' in event.given ? `: ${String(event.given.reason)}` : '';
  switch (input) {
    case 'start':
      return 'start of the role';
    case 'tick':
      return 'its time came';
    case 'claims-kept':
      return 'the claim is on disk';
    case 'smsc-received':
      return packetsText(received);
    case 'link-received':
      return received.flatMap((each) => entryTexts(each, move)).join(', ') || 'a frame came on the link';
    case 'smsc-opened':
      return 'connected to the SMSC';
    case 'smsc-closed':
      return `connection to the SMSC closed${reason}`;
    case 'link-opened':
      return 'the link was connected';
    case 'link-closed':
      return `the link was cut${reason}`;
    case 'im':
      return imText(event);
    case 'resolve':
      return 'an operator decided';
    case 'compare':
      return 'an operator asked for a comparison';
    case 'prefer':
      return 'an operator preferred one end';
    case 'hand-in':
      return 'handed in from a retired store';
    case 'drain':
      return 'the role was asked to end';
    default:
      return input === '' ? 'an input of another version' : input;
  }
}

function packetsText(received: readonly Carried[]): string {
  const packets = received.flatMap((each) => (each.over === 'smsc' ? each.packets : []));
  if (packets.length === 0) return 'a part of a packet came';
  const told = packets.slice(0, packetsTold).map((bytes) => {
    const number = new TextDecoder('latin1').decode(bytes.subarray(4, 7));
    return `packet ${number} came: ${describePacket('in', bytes, undefined).meaning}`;
  });
  const more = packets.length - told.length;
  return more > 0 ? `${told.join(', ')} and ${more} more` : told.join(', ');
}

function imText({ given }: InputEvent): string {
  const inner = given !== undefined && 'input' in given ? given.input : undefined;
  const type = typeof inner === 'object' && inner !== null && 'type' in inner ? String(inner.type) : '';
  return type === 'send' ? 'text of a user' : `a gateway: ${type}`;
}

/** What a frame says of the message that moved, or of its whole lane. */
function entryTexts(carried: Carried, { lane, before, after }: PastMove): readonly string[] {
  const content = carried.over === 'link' ? readFrame(carried.bytes) : undefined;
  if (content?.type !== 'entries') return [];
  const numbers = [before?.seq, after?.seq];
  const told = content.entries.filter((entry) => {
    if (!('lane' in entry) || entry.lane !== lane) return false;
    return entry.type === 'digest' || numbers.includes('state' in entry ? entry.state.seq : entry.seq);
  });
  return [...new Set(told.map(entryText))];
}

function entryText(entry: Entry): string {
  switch (entry.type) {
    case 'status':
      return `status ${entry.state.status} came`;
    case 'digest':
      return 'the other end was compared';
    case 'place':
      return entry.fate === 'unknown' ? 'place came, fate unknown' : 'place came';
    case 'resolve':
      return `resolve as ${entry.as} came`;
    default:
      return `${entry.type} came`;
  }
}
