/** The settings of `im-server start`, each from flag, environment, config file or default. */
import { fail, ok } from '../../core/base/result.ts';
import { nationalChoices } from '../../core/codec/national-language.ts';
import { parseListenAddress } from '../../shell/address.ts';
import { metricsSettings } from '../metrics-setting.ts';
import { recordSettings } from '../record-settings.ts';
import {
  address,
  choice,
  duration,
  integer,
  path,
  rate,
  required,
  rows,
  secretFile,
  text,
  toggle,
} from '../setting-kinds.ts';
import { parseSmscId } from '../smsc-id.ts';
import { routingSettings } from './routing-settings.ts';
import { xmppSettings } from './xmpp-settings.ts';

export const imServerSettings = {
  listen: address({
    description: 'where page, clients and buffers connect: HOST:PORT, port 0 for any',
    default: '127.0.0.1:8080',
    parse: parseListenAddress,
  }),
  'state-dir': required(path({ description: 'directory for rings, users and messages', helpValue: 'DIR' })),
  buffer: rows(
    {
      'smsc-id': required(text({ description: 'name of the SMSC', helpValue: 'ID', check: parseSmscId })),
      'secret-file': required(secretFile({ description: 'file with the secret shared with its buffer' })),
    },
    {
      description: 'a buffer that may connect: its SMSC id and the file with the shared secret; one per SMSC',
      helpValue: 'ID=FILE',
      split: (given) => {
        const [smscId, ...file] = given.split('=');
        if (smscId === undefined || smscId === '' || file.length === 0) {
          return fail('CONFIG_BAD_VALUE', `"${given}" is not of the form ID=FILE, for example hel1=hel1.secret.`);
        }
        return ok({ 'smsc-id': smscId, 'secret-file': file.join('=') });
      },
    },
  ),
  ...routingSettings,
  'ring-size': integer({ description: 'slots of each mt ring, which this end owns', min: 1, max: 255, default: 255 }),
  validity: duration({
    description: 'how long the SMSC shall try',
    default: 48 * 3_600_000,
    minMs: 300_000,
    maxMs: 63 * 86_400_000,
  }),
  reports: choice(['final', 'none'], {
    description: 'whether senders wait for status reports; without, the steps end at the SMSC',
    default: 'final',
  }),
  national: choice(nationalChoices, {
    description:
      'national shift tables that texts may leave in where they make fewer parts; the handsets must know them',
    default: 'off',
  }),
  'send-rate': rate({
    description: 'texts that one user may hand in, on average; ten times as many at once',
    default: 100,
  }),
  'webhook-targets': choice(['guarded', 'any'], {
    description: 'where webhooks may point: public https, and this machine for admins; or everywhere',
    default: 'guarded',
  }),
  'keep-for': duration({
    description: 'how long messages are kept that are no longer under way; without it for ever',
    minMs: 86_400_000,
    maxMs: 36_500 * 86_400_000,
  }),
  'keep-count': integer({
    description: 'messages of each user that are kept, the newest; none goes that is younger than a day',
    min: 0,
    max: 1_000_000_000,
  }),
  durability: choice(['disk', 'process'], {
    description: 'what a promise survives: power loss, or a killed process',
    default: 'disk',
  }),
  ...recordSettings,
  ...metricsSettings,
  'tls-cert': path({ description: 'certificate (PEM); with --tls-key page and link are https and wss' }),
  'tls-key': path({ description: 'key of that certificate (PEM)' }),
  ...xmppSettings,
  insecure: toggle({ description: 'allow to listen, and to serve metrics, beyond this machine without TLS' }),
} as const;
