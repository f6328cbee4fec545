/** The settings of `buffer start`, each from flag, environment, config file or default. */
import { ok } from '../../core/base/result.ts';
import { parseTransportAddress, parseWebSocketAddress } from '../../shell/address.ts';
import { metricsSettings } from '../metrics-setting.ts';
import { parsePace } from '../pace.ts';
import { recordSettings } from '../record-settings.ts';
import { address, choice, duration, integer, path, required, secretFile, text, toggle } from '../setting-kinds.ts';
import { parseSmscId } from '../smsc-id.ts';

export const bufferSettings = {
  smsc: required(
    address({
      description: 'address of the SMSC: tcp://HOST:PORT, tls://HOST:PORT, unix:/PATH or serial:/DEVICE?baud=N',
      parse: parseTransportAddress,
    }),
  ),
  user: required(
    text({
      description: 'user identity (010) of the account at the SMSC',
      helpValue: 'NAME',
      environment: 'RINGBRIDGE_SMSC_USER',
    }),
  ),
  'password-file': required(
    secretFile({
      description: 'file with the password (011) of that account',
      environment: 'RINGBRIDGE_SMSC_PASSWORD_FILE',
      secretEnvironment: 'RINGBRIDGE_SMSC_PASSWORD',
    }),
  ),
  'smsc-id': required(
    text({ description: 'name of this SMSC, the same at the IM server', helpValue: 'ID', check: parseSmscId }),
  ),
  'im-server': required(
    address({
      description: 'link of the IM server: wss://HOST[:PORT]/link',
      helpValue: 'URL',
      parse: parseWebSocketAddress,
    }),
  ),
  'secret-file': required(
    secretFile({
      description: 'file with the secret shared with the IM server, 64 hex digits',
      secretEnvironment: 'RINGBRIDGE_SECRET',
    }),
  ),
  'state-dir': required(path({ description: 'directory for the rings; one per buffer', helpValue: 'DIR' })),
  'ring-size': integer({ description: 'slots of the mo ring, which this end owns', min: 1, max: 255, default: 255 }),
  'account-type': choice(['receiving', 'querying', 'send-only'], {
    description:
      'what the account gets: all by itself, or messages when it asks, or none; the last two ask for statuses',
    default: 'receiving',
  }),
  poll: duration({
    description: 'how often a querying account asks for messages when none waited',
    default: 5_000,
    minMs: 100,
  }),
  window: integer({
    description: 'submits outstanding at the SMSC; above 1 only as the account allows',
    min: 1,
    max: 128,
    default: 1,
  }),
  pace: text({
    description: 'when submits leave: as messages come, steadily (20/s), or all that is there in cycles (cycle:200ms)',
    helpValue: 'PACE',
    default: 'sporadic',
    check: (value) => {
      const pace = parsePace(value);
      return pace.ok ? ok(value) : pace;
    },
  }),
  alive: duration({ description: 'idle time before an alive packet', default: 30_000, minMs: 1_000 }),
  'answer-timeout': duration({
    description: 'waiting time for an answer of the SMSC before the packet is repeated',
    default: 60_000,
    minMs: 1_000,
  }),
  'in-doubt': choice(['resend', 'hold'], {
    description: 'what becomes of a submit whose answer never came: sent again, marked, or held for a decision',
    default: 'resend',
  }),
  'answer-after': choice(['stored', 'mirrored'], {
    description: 'when a deliver is answered: on the disk here, or on that of the IM server too (a round trip each)',
    default: 'stored',
  }),
  'on-full': choice(['wait', 'defer'], {
    description:
      'what a deliver gets while the ring has no room: no answer, or "later" (900:10), for accounts with "sm deliver nack", not in order',
    default: 'wait',
  }),
  durability: choice(['disk', 'process'], {
    description: 'what a promise survives: power loss, or a killed process',
    default: 'disk',
  }),
  ...recordSettings,
  ...metricsSettings,
  'smsc-zone': text({
    description: "zone of the SMSC's clock: +08:00, or ask it after login",
    helpValue: 'ZONE',
    default: 'ask',
  }),
  alphabet: choice(['nokia', 'literal'], {
    description: 'what single bytes [ \\ ] ^ { | } ~ of a deliver mean: letters of the Nokia table, or themselves',
    default: 'nokia',
  }),
  reports: choice(['final', 'none'], {
    description: 'whether status reports are asked for; an account that forbids them is noticed by itself',
    default: 'final',
  }),
  checksum: choice(['send', 'omit'], { description: 'whether packets carry a checksum', default: 'send' }),
  'greeting-wait': duration({ description: 'how long to wait for a greeting before login', default: 0 }),
  subaddress: integer({ description: 'subaddress (012) of this instance of the account', min: 0, max: 9 }),
  'smsc-ca': path({ description: 'certificates to trust for an SMSC at tls:// instead of the system’s' }),
  'smsc-cert': path({ description: 'certificate of this end, where the SMSC at tls:// wants one' }),
  'smsc-key': path({ description: 'private key of that certificate' }),
  'tls-ca': path({ description: 'certificates to trust for the IM server instead of the system’s' }),
  insecure: toggle({
    description: 'allow ws://, and metrics, beyond this machine: secrets stay secret, messages do not',
  }),
} as const;
