/**
 * What happens in a world as a story, one line each: when, who, what. The same seed tells the same story byte for byte.
 * What goes on all the time (heartbeats, alive, commits) is left out.
 */
import type { Entry } from '../core/link/entries.ts';
import type { SmscEvent } from '../core/roles/smsc/smsc-io.ts';
import { faultText } from './faults.ts';
import type { Happening } from './happening.ts';

const whoWidth = 14;

/** Undefined for what is not worth a line. */
export function traceLine(happening: Happening, atMs: number): string | undefined {
  const told = tell(happening);
  if (told === undefined) return undefined;
  const [who, what] = told;
  return `${(atMs / 1_000).toFixed(3).padStart(10)}  ${who.padEnd(whoWidth)}  ${what}`;
}

/** Who, and what. */
function tell(happening: Happening): readonly [string, string] | undefined {
  switch (happening.type) {
    case 'fault': {
      const { fault, moment } = happening;
      const words = { begins: faultText(fault).replace(/^\S+ s {2}/, ''), ends: 'is over', 'left-out': 'is left out' };
      return ['FAULT', moment === 'begins' ? words.begins : `${fault.kind} ${fault.target} ${words[moment]}`];
    }
    case 'started':
      return [happening.who, 'starts'];
    case 'died':
      return [happening.who, 'dies'];
    case 'disk-lost':
      return [happening.who, 'has an empty disk'];
    case 'disk-set-back':
      return [happening.who, `has an earlier disk: ${happening.records.length} records differ`];
    case 'refused-to-start':
      return [happening.who, `refuses to start: ${happening.code}`];
    case 'committed': {
      const slots = happening.records.filter(({ key }) => key[0] === 'ring' && key[3] === 'slot').length;
      return slots === 0 ? undefined : [happening.who, `has on disk: ${slots} ${slots === 1 ? 'slot' : 'slots'}`];
    }
    case 'noted':
      return [
        happening.who,
        `notes number ${happening.note.seq} ${happening.note.status}, attempt ${happening.note.attempts}`,
      ];
    case 'told': {
      const what = entryText(happening.entry);
      return what === undefined ? undefined : [happening.who, `tells ${happening.smscId}: ${what}`];
    }
    case 'smsc': {
      const what = smscText(happening.event);
      return what === undefined ? undefined : [`SMSC ${happening.smscId}`, what];
    }
    case 'log': {
      const { level, event, fields } = happening.event;
      return level === 'debug'
        ? undefined
        : [happening.who.replace('buffer ', ''), `logs ${event} ${fieldsText(fields)}`.trimEnd()];
    }
    case 'typed':
      return [happening.user, `types to ${happening.to}: "${short(happening.text)}" (${happening.cid})`];
    case 'answered': {
      const { cid, result } = happening;
      return [
        'im-server',
        result.type === 'stored' ? `answers ${cid}: stored` : `answers ${cid}: refused, ${result.fault.code}`,
      ];
    }
    case 'shown': {
      const { client, event } = happening;
      if (event.type === 'message')
        return [client, `sees ${event.text.direction} "${short(event.text.text)}", ${event.text.step}`];
      return event.type === 'step' ? [client, `sees step ${event.step} ${event.marks.join(' ')}`.trimEnd()] : undefined;
    }
    case 'report-withheld':
      return [`SMSC ${happening.smscId}`, `loses a report for ${happening.to}`];
    case 'decided':
      return ['operator', `says of "${short(happening.text)}": ${happening.as}`];
    case 'injected':
      return [happening.from, `writes to ${happening.to}: "${short(happening.text)}"`];
    default:
      return happening satisfies never;
  }
}

function entryText(entry: Entry): string | undefined {
  switch (entry.type) {
    case 'heartbeat':
      return undefined;
    case 'digest':
      return `digest ${entry.lane}, ${entry.occasion}, ${entry.digest.slots.length} slots, epoch ${entry.digest.epoch?.slice(0, 4) ?? 'none'}`;
    case 'place':
      return `place ${entry.lane} ${entry.seq}, fate ${entry.fate}`;
    case 'status':
    case 'reconstruct': {
      const { seq, status, attempts, possibleDuplicate } = entry.state;
      return `${entry.type} ${entry.lane} ${seq} ${status}, attempt ${attempts}${possibleDuplicate ? ', possible duplicate' : ''}`;
    }
    case 'settled':
      return `settled ${entry.lane} ${entry.seq}`;
    case 'resolve':
      return `resolve ${entry.lane} ${entry.seq} as ${entry.as}`;
    case 'session':
      return `session ${entry.state}${entry.code === undefined ? '' : ` (${entry.code})`}`;
    default:
      return entry satisfies never;
  }
}

function smscText(event: SmscEvent): string | undefined {
  switch (event.type) {
    case 'received':
      return `${event.to} receives "${short(event.text)}"${event.repeats > 0 ? ', again' : ''}`;
    case 'submitted':
      return event.errorCode === 0
        ? `takes a submit to ${event.to}, stamp ${event.stamp}`
        : `refuses a submit to ${event.to}: ${event.errorCode}`;
    case 'session':
      return `session ${event.state} ${event.reason}`.trimEnd();
    case 'deliver-offered':
      return `offers the deliver of ${event.from}, attempt ${event.attempt}`;
    case 'deliver-answered':
      return `has the answer to the deliver of ${event.from}${event.errorCode === 0 ? '' : `: ${event.errorCode}`}`;
    case 'report-offered':
    case 'report-answered':
      return `${event.type} for ${event.to}, stamp ${event.stamp}`;
    case 'fault':
      return `misbehaves: ${event.kind} ${event.packet}`.trimEnd();
    case 'handset':
      return `${event.number} is ${event.state}`;
    case 'put-off':
      return `cannot reach ${event.to}`;
    case 'undelivered':
      return `gives up ${event.to}, stamp ${event.stamp}`;
    default:
      return `${event.type}`;
  }
}

function fieldsText(fields: Readonly<Record<string, string | number | boolean | undefined>>): string {
  return Object.entries(fields)
    .flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${value}`]))
    .join(' ');
}

function short(text: string): string {
  return text.length <= 30 ? text : `${text.slice(0, 30)}…`;
}
