/**
 * The settings of `smsc start`, each from flag, environment, config file or default as those of the other roles, and the
 * simulator they come to. In the environment they begin with RINGBRIDGE_SMSC_, because buffer and clients have settings
 * of the same names on the same machine.
 */
import { resolve } from 'node:path';
import { OperatorError } from '../../core/base/errors.ts';
import { fail, ok, type Result } from '../../core/base/result.ts';
import { parseZoneOffset } from '../../core/codec/smsc-time.ts';
import {
  type Account,
  defaultAttemptDelaysMs,
  defaultSessionSettings,
  type Rules,
  type SmscSettings,
} from '../../core/roles/smsc/settings.ts';
import { parseListenAddress } from '../../shell/address.ts';
import { durationText } from '../duration.ts';
import { metricsSettings } from '../metrics-setting.ts';
import { recordSettings } from '../record-settings.ts';
import {
  address,
  choice,
  duration,
  integer,
  list,
  parsed,
  path,
  phone,
  type ReadContext,
  rate,
  text,
  toggle,
  type ValuesOf,
} from '../setting-kinds.ts';
import { prefixed, type ResolvedSettings } from '../settings.ts';
import { accountSettings } from '../smsc-accounts.ts';
import { parseCredential, parseDelays, parseHandset } from '../smsc-flags.ts';

/** Known to everybody, as it must be for commands to be pasted; a simulator guards nothing. */
export const developmentPassword = 'ringbridge';

export const startSettings = prefixed('RINGBRIDGE_SMSC_', {
  listen: address({
    description:
      'where clients connect: tcp://HOST:PORT, tls://HOST:PORT, unix:/PATH, serial:/DEVICE?baud=N; port 0 takes a free one',
    helpValue: 'URL',
    default: 'tcp://127.0.0.1:9971',
    parse: parseListenAddress,
  }),
  'tls-cert': path({ description: 'certificate to show at tls://' }),
  'tls-key': path({ description: 'private key of that certificate' }),
  'client-ca': path({ description: 'take only clients at tls:// with a certificate of these authorities' }),
  user: text({
    description: 'name of the account',
    helpValue: 'NAME',
    default: 'app',
    check: (name) => parseCredential('user', name),
  }),
  'password-file': path({
    description: `file with the account's password, which RINGBRIDGE_SMSC_PASSWORD may hold itself; "${developmentPassword}" if left out`,
  }),
  number: phone({ description: "the account's service number; digits behind it are its users", default: '2882' }),
  type: choice(['send-only', 'querying', 'receiving'], {
    description: 'what the account gets by itself: nothing, messages when it asks, or messages and reports',
    default: 'receiving',
  }),
  reports: choice(['allowed', 'refused'], {
    description: 'whether the account may ask for status reports; refused answers 310',
    default: 'allowed',
  }),
  ...accountSettings,
  handset: list(
    parsed(parseHandset, {
      description: 'a handset: on, off, slow:3s, full (memory), or unknown (nobody has it); may be repeated',
      helpValue: 'NUMBER=STATE',
    }),
  ),
  unknown: choice(['on', 'fail'], {
    description: 'numbers that are no --handset: all on, or reported as unknown subscribers',
    default: 'on',
  }),
  'delivery-delay': duration({ description: 'from the answer to the first try at the handset', default: 100 }),
  retry: parsed(parseDelays, {
    description:
      'from each failed attempt to the next, the last goes on; a handset that is switched on is tried at once',
    helpValue: 'DURATION,…',
    default: defaultAttemptDelaysMs,
    show: (delaysMs) => delaysMs.map(durationText).join(','),
  }),
  turn: duration({ description: 'from a submit to its answer', default: 0 }),
  rate: rate({ description: 'submits taken per second' }),
  throttle: choice(['delay', 'refuse'], {
    description: 'faster submits than --rate: answered later, or refused with 10 once a second’s worth came at once',
    default: 'delay',
  }),
  strict: toggle({ description: 'refuse what the specification refuses (default)' }),
  lenient: toggle({ description: 'take what Kannel and others send: mend what can be mended, and say so' }),
  idle: duration({
    description: 'close a session that sends no packet for so long, as service centres do; 0 never',
    default: defaultSessionSettings.idleMs,
  }),
  'cut-every': duration({ description: 'reset all connections about so often' }),
  scenario: parsed(nameOrPath, {
    description: 'faults on the line: one that ships, or a TOML file; list shows those that ship (docs/simulator.md)',
    helpValue: 'NAME|FILE',
  }),
  seed: integer({
    description: 'the same seed cuts at the same times, and brings the same faults',
    min: 0,
    max: Number.MAX_SAFE_INTEGER,
    default: 1,
  }),
  greeting: text({
    description: 'text sent before any packet; none sends none',
    default: 'CIMD2-A ConnectionInfo: ringbridge SMSC simulator',
  }),
  zone: parsed(parseZone, {
    description: "of the SMSC's local time; this machine's if left out",
    helpValue: 'ZONE',
  }),
  ...metricsSettings,
  'state-dir': path({
    description: 'holds the control socket for `smsc inject` and `smsc handset`; one process per directory',
    helpValue: 'DIR',
  }),
  ...recordSettings,
});

export type StartValues = ValuesOf<typeof startSettings>;
export type StartOrigins = ResolvedSettings<typeof startSettings>['origins'];

/** @throws OperatorError CONFIG_BAD_VALUE where `strict` and `lenient` are chosen side by side */
export function smscSettingsOf(values: StartValues, origins: StartOrigins, accounts: readonly Account[]): SmscSettings {
  const rules = rulesOf(values, origins);
  return {
    accounts,
    handsets: values.handset,
    unknownNumbers: values.unknown,
    zoneOffset: values.zone ?? -new Date().getTimezoneOffset(),
    turnMs: values.turn,
    ratePerSecond: values.rate,
    throttle: values.throttle,
    attemptDelaysMs: values.retry,
    rules,
    deliveryDelayMs: values['delivery-delay'],
    cutEveryMs: values['cut-every'],
    session: {
      ...defaultSessionSettings,
      numbers: rules,
      idleMs: values.idle,
      greeting: greetingBytes(values.greeting),
    },
  };
}

const strength = ['default', 'file', 'environment', 'flag'] as const;

/** A flag goes before a file that says the opposite, as for every setting. */
function rulesOf({ strict, lenient }: StartValues, origins: StartOrigins): Rules {
  if (!strict || !lenient) return lenient ? 'lenient' : 'strict';
  const by = strength.indexOf(origins.strict.type) - strength.indexOf(origins.lenient.type);
  if (by !== 0) return by > 0 ? 'strict' : 'lenient';
  throw new OperatorError({
    code: 'CONFIG_BAD_VALUE',
    message: `${origins.strict.where} and ${origins.lenient.where} exclude each other.`,
    hint: 'Leave one of them out; nothing was started.',
  });
}

/** What can only be a path is one from the folder of the file that names it. */
function nameOrPath(given: string, { baseDir }: ReadContext): Result<string> {
  return ok(/[/.]/.test(given) ? resolve(baseDir, given) : given);
}

/** Minutes ahead of UTC. */
function parseZone(given: string): Result<number> {
  const offset = parseZoneOffset(given);
  if (offset !== undefined) return ok(offset);
  return fail('CONFIG_BAD_VALUE', `"${given}" is no time zone; write it like +08:00 or Z.`);
}

/** SPEC: reference section 6.2: one write, ended by LF, no control bytes other than LF. */
function greetingBytes(given: string): string | undefined {
  return given === 'none' ? undefined : `${given.replaceAll(/[^ -~]/g, '?')}\n`;
}
