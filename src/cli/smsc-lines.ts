/**
 * What a simulated SMSC shows on a terminal: one line per event, and how to begin. Numbers and texts are shown in full:
 * the handsets are made up, and to see what arrives is what it is for.
 */
import { assertNever } from '../core/base/invariant.ts';
import { cimdErrorMeaning } from '../core/codec/error-codes.ts';
import { operationName } from '../core/codec/operations.ts';
import { formatZoneOffset } from '../core/codec/smsc-time.ts';
import { findStatusCode, findStatusError } from '../core/codec/status-codes.ts';
import type { SmscEvent } from '../core/roles/smsc/smsc-io.ts';
import type { Painter } from './colour.ts';
import { formatDuration } from './duration.ts';

export interface SmscGreeting {
  readonly address: string;
  readonly user: string;
  /** Assignment of the environment that gives the password, or the file with it. */
  readonly passwordAssignment: string;
  readonly number: string;
  readonly zoneOffset: number;
  /** A number to send to. */
  readonly handset: string;
  /** ` --state-dir DIR` where it is not the default. */
  readonly stateDirFlag: string;
}

/** What to paste into another terminal. */
export function greetingLines(greeting: SmscGreeting, paint: Painter): readonly string[] {
  const { address, user, passwordAssignment, number, handset, stateDirFlag } = greeting;
  const zone = formatZoneOffset(greeting.zoneOffset);
  return [
    `${paint.green('✔')} SMSC simulator at ${paint.bold(address)}   account ${user}   number ${number}   zone ${zone}`,
    '',
    'In another terminal:',
    `  export RINGBRIDGE_SMSC=${address} RINGBRIDGE_SMSC_USER=${user} ${passwordAssignment}`,
    `  ringbridge cimd2 send ${handset} "Hello" --wait delivered`,
    `  ringbridge smsc inject --from ${handset} --to ${number}0001 "Hello from a handset"${stateDirFlag}`,
    `  ringbridge buffer start --smsc ${address} --user ${user} --smsc-id sim --im-server ws://127.0.0.1:8080/link --secret-file FILE --state-dir DIR`,
    '',
    paint.dim('Each thing that happens is a line below; Ctrl-C ends it.'),
  ];
}

/** One line, without the time of day that stands in front. */
export function describeEvent(event: SmscEvent, paint: Painter): string {
  switch (event.type) {
    case 'session':
      return event.state === 'bound'
        ? `${paint.green('login')}      ${event.user} from ${event.reason}`
        : `${paint.yellow('gone')}       ${event.user}: ${event.reason}`;
    case 'submitted': {
      const part = event.part === '' ? '' : ` part ${event.part}`;
      return event.errorCode === 0
        ? `submit     ${event.from} → ${event.to}${part}   ${paint.dim(`key ${event.stamp}/${event.to}`)}`
        : `${paint.red('refused')}    submit ${event.from} → ${event.to}: ${errorText(event.errorCode, event.reason)}`;
    }
    case 'refused': {
      const what = `${operationName(event.operation)} of ${event.user === '' ? 'nobody' : event.user}`;
      return `${paint.red('refused')}    ${what}: ${errorText(event.errorCode, event.reason)}`;
    }
    case 'mended':
      return `${paint.yellow('mended')}     ${operationName(event.operation)} of ${event.user}: ${event.what.join('; ')}`;
    case 'received': {
      const flash = event.messageClass === 0 ? ' flash' : '';
      const repeated = event.repeats === 0 ? '' : paint.yellow(`   the same as ${event.repeats} before`);
      return `${paint.green('handset')}    ${event.to} has${flash} from ${event.from}: ${quote(event.text)}${repeated}`;
    }
    case 'put-off': {
      const again = `again in ${formatDuration(event.nextAttemptAt - event.at)}`;
      return `${paint.yellow('waiting')}    for ${event.to}: ${statusErrorText(event.error)}, attempt ${event.attempts}, ${again}`;
    }
    case 'undelivered': {
      const reason = event.error === 0 ? '' : `, ${statusErrorText(event.error)}`;
      return `${paint.red('failed')}     for ${event.to}: ${statusText(event.status)}${reason}`;
    }
    case 'enquired':
      return `enquiry    ${event.to} ${statusText(event.status)}   ${paint.dim(`key ${event.stamp}/${event.to}`)}`;
    case 'cancelled':
      return `cancel     of ${event.user}, mode ${event.mode}: ${event.messages} messages ended`;
    case 'deliver-offered': {
      const again = event.attempt === 1 ? '' : paint.yellow(`   for the ${event.attempt}. time`);
      return `deliver    ${event.from} → ${event.to}${again}`;
    }
    case 'deliver-answered':
      return event.errorCode === 0
        ? `${paint.green('answered')}   ${event.from} → ${event.to}`
        : `${paint.red('refused')}    ${event.from} → ${event.to}: error ${event.errorCode}`;
    case 'report-offered':
      return `report     ${event.to} status ${event.status}   ${paint.dim(`key ${event.stamp}/${event.to}`)}`;
    case 'report-answered':
      return `${paint.green('answered')}   report ${event.to} status ${event.status}`;
    case 'handset':
      return `handset    ${event.number} is ${event.state}`;
    case 'cut':
      return `${paint.yellow('cut')}        ${event.connections} connections`;
    case 'fault':
      return `${paint.yellow('fault')}      ${event.kind}${event.packet === '' ? '' : ` ${paint.dim(`at ${event.packet}`)}`}`;
    default:
      return assertNever(event);
  }
}

/** `error 300, incorrect destination address: why (section 3.1)` */
function errorText(errorCode: number, reason: string | undefined): string {
  return `error ${errorCode}, ${cimdErrorMeaning(errorCode)}${reason === undefined ? '' : `: ${reason}`}`;
}

/** `message cancelled (7)` */
function statusText(code: number): string {
  return `${findStatusCode(code)?.name ?? 'unknown status'} (${code})`;
}

/** `absent subscriber (29)` */
function statusErrorText(code: number): string {
  return `${findStatusError(code)?.meaning ?? 'unknown error'} (${code})`;
}

/** `--rate`, `--turn` and cuts as a remark behind the greeting; empty where all is at its best. */
export function moodLine(mood: {
  readonly turnMs: number;
  readonly ratePerSecond: number | undefined;
  readonly cutEveryMs: number | undefined;
}): string {
  const parts = [
    ...(mood.turnMs === 0 ? [] : [`answers after ${formatDuration(mood.turnMs)}`]),
    ...(mood.ratePerSecond === undefined ? [] : [`takes ${mood.ratePerSecond} a second`]),
    ...(mood.cutEveryMs === undefined ? [] : [`cuts about every ${formatDuration(mood.cutEveryMs)}`]),
  ];
  return parts.join(', ');
}

/** Line breaks and control characters would leave the line. */
function quote(text: string): string {
  return JSON.stringify(text);
}
