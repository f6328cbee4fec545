/** Settings of the three roles as a test needs them where it is not about settings: one SMSC `hel1`, one account, no delays. */
import { fromLatin1 } from '../src/core/base/bytes.ts';
import { defaultExchangeSettings, type ImEvent } from '../src/core/im/exchange-io.ts';
import type { BufferSettings } from '../src/core/roles/buffer/buffer-io.ts';
import type { ImServerSettings } from '../src/core/roles/im-server/im-server-io.ts';
import { type Account, defaultSessionSettings, type SmscSettings } from '../src/core/roles/smsc/settings.ts';
import type { RunningGateway } from '../src/shell/gateway-set.ts';

export const linkSecret = fromLatin1('k'.repeat(32));

export const plainAccount: Account = {
  user: 'app',
  password: 'secret',
  number: '2882',
  type: 'receiving',
  reports: 'allowed',
  maxSessions: 10,
  maxWindow: 128,
};

export const plainSmsc: SmscSettings = {
  accounts: [plainAccount],
  handsets: [],
  unknownNumbers: 'on',
  zoneOffset: 480,
  turnMs: 0,
  ratePerSecond: undefined,
  deliveryDelayMs: 0,
  cutEveryMs: undefined,
  session: defaultSessionSettings,
};

export const plainBuffer: Omit<BufferSettings, 'machineZone'> = {
  smscId: 'hel1',
  node: 'buffer in test',
  secret: linkSecret,
  ringSize: 255,
  inDoubt: 'resend',
  alphabet: 'nokia',
  smscZone: 'ask',
  reports: 'final',
  user: 'app',
  password: 'secret',
  subaddress: undefined,
  window: 1,
  pace: { type: 'sporadic' },
  checksum: 'send',
  greetingWaitMs: 0,
  aliveMs: 30_000,
  answerTimeoutMs: 60_000,
};

export const plainImServer: ImServerSettings = {
  node: 'im in test',
  ringSize: 255,
  buffers: [{ smscId: 'hel1', secret: linkSecret }],
  exchange: { ...defaultExchangeSettings, routes: [{ prefix: '', smscId: 'hel1' }], serviceNumbers: ['2882'] },
};

/** A gateway without clients of its own. @param hear is told of everything that is delivered */
export function plainGateway(
  hear: (event: ImEvent) => void,
  answer: RunningGateway['answer'] = () => undefined,
): RunningGateway {
  return {
    type: 'test',
    abilities: {
      receipts: 'delivered',
      presence: 'none',
      offlineStore: 'here',
      longestText: undefined,
      groups: 'no',
      stableIds: 'yes',
    },
    deliver: (_client, event) => {
      hear(event);
      return 'accepted';
    },
    answer,
    broadcast: () => undefined,
    start: () => undefined,
    close: () => undefined,
  };
}
