/** `link impair`: a TCP relay with delay, jitter, little bandwidth and cuts, to rehearse bad days. */

import { Flags } from '@oclif/core';
import { BaseCommand } from '../../cli/base-command.ts';
import { durationFlag, sizeFlag, valueOrThrow } from '../../cli/flags.ts';
import { describeProfile, type ImpairProfile, impairProfiles, noProfile } from '../../cli/impair-profiles.ts';
import { prose } from '../../cli/prose.ts';
import { parseBandwidth } from '../../cli/rate.ts';
import { formatSize } from '../../cli/size.ts';
import { OperatorError } from '../../core/base/errors.ts';
import type { HostAndPort, TransportAddress } from '../../shell/address.ts';
import type { ImpairSettings } from '../../shell/impair.ts';

export default class LinkImpair extends BaseCommand {
  static override summary = 'Relay TCP as a bad link would';
  static override description =
    prose(`Takes connections at one address and relays them to another, late and with cuts. What arrives is exact and in
order. A cut resets what is open and refuses what is new (reset), holds everything until it is over (stall), or lets one
direction of each open connection die for good without a word (half). Each cut is a line of the log on stderr.
With --bandwidth all connections share so much each way; who sends more has to wait, and nothing is dropped.

A profile is a name for several settings, and a flag beside it replaces that one of them.

${impairProfiles.map((profile) => `${profile.name}: ${describeProfile(profile)}`).join('\n\n')}`);
  static override examples = [
    '<%= config.bin %> <%= command.id %> --listen tcp://127.0.0.1:9000 --to tcp://127.0.0.1:8080 --delay 100ms',
    '<%= config.bin %> <%= command.id %> --listen tcp://127.0.0.1:9000 --to tcp://127.0.0.1:8080 --delay 100ms --jitter 20ms --cut-every 5s --cut-for 1s --cut-mode reset --seed 1',
    '<%= config.bin %> <%= command.id %> --listen tcp://127.0.0.1:9000 --to tcp://127.0.0.1:8080 --profile bad-lte --bandwidth 64kbit/s',
  ];

  static override flags = {
    listen: Flags.string({
      description: 'where to take connections; port 0 takes a free one',
      helpValue: 'URL',
      required: true,
    }),
    to: Flags.string({ description: 'where they lead', helpValue: 'URL', required: true }),
    profile: Flags.option({
      description: 'settings that belong together, told below',
      options: impairProfiles.map(({ name }) => name),
    })(),
    delay: durationFlag({ description: 'each way; 100ms makes a round trip of 200ms; none if left out' }),
    jitter: durationFlag({ description: 'a delay is off by at most this, either way; none if left out' }),
    bandwidth: Flags.custom<number>({
      description: 'each way, for all connections together: 64kbit/s; no limit if left out',
      helpValue: 'RATE',
      parse: async (text) => valueOrThrow(parseBandwidth(text)),
    })(),
    queue: sizeFlag({
      description: `with a bandwidth: what one connection may have waiting each way before it has to wait itself; ${formatSize(noProfile.queueBytes)} if left out`,
    }),
    'cut-every': durationFlag({ description: 'from the begin of one cut to the next, give or take a fifth' }),
    'cut-for': durationFlag({ description: 'how long a cut lasts, at most half of --cut-every; 1s if left out' }),
    'cut-mode': Flags.option({
      description: 'what a cut does; reset if left out',
      options: ['reset', 'stall', 'half'] as const,
    })(),
    seed: Flags.integer({ description: 'the same seed cuts at the same times', default: 1 }),
    'state-dir': Flags.string({
      description: 'for a control socket that tells the counts; none if left out',
      helpValue: 'DIR',
    }),
  };

  override async run(): Promise<void> {
    const { flags } = await this.parse(LinkImpair);
    const { parseListenAddress, parseTransportAddress } = await import('../../shell/address.ts');
    const profile: ImpairProfile = impairProfiles.find(({ name }) => name === flags.profile) ?? noProfile;
    const everyMs = flags['cut-every'] ?? profile.cutEveryMs;
    const forMs = flags['cut-for'] ?? profile.cutForMs;
    const bitsPerSecond = flags.bandwidth ?? profile.bitsPerSecond;
    const queueBytes = flags.queue ?? profile.queueBytes;
    if (everyMs !== undefined && forMs * 2 > everyMs) throw cutTooLong();
    const settings: ImpairSettings = {
      listen: tcpOnly(parseListenAddress(flags.listen), '--listen'),
      to: tcpOnly(parseTransportAddress(flags.to), '--to'),
      delayMs: flags.delay ?? profile.delayMs,
      jitterMs: flags.jitter ?? profile.jitterMs,
      bandwidth: bitsPerSecond === undefined ? undefined : { bitsPerSecond, queueBytes },
      cuts: everyMs === undefined ? undefined : { everyMs, forMs, mode: flags['cut-mode'] ?? profile.cutMode },
      seed: flags.seed,
    };
    const { createLogger } = await import('../../shell/logger.ts');
    const { startImpairment } = await import('../../shell/impair.ts');
    const { announceReady } = await import('../../shell/ready.ts');
    const { waitForShutdown } = await import('../../shell/signals.ts');
    const { formatAddress } = await import('../../shell/address.ts');

    const logger = await createLogger({ role: 'link-impair' });
    const lock = flags['state-dir'] === undefined ? undefined : await this.lock(flags['state-dir']);
    const relay = await startImpairment(settings, logger.log).catch(async (error: unknown) => {
      await lock?.release();
      throw error;
    });
    let fail: (error: unknown) => void = () => undefined;
    const bug = new Promise<never>((_resolve, reject) => {
      fail = reject;
    });
    if (lock !== undefined) {
      const { serveControl } = await import('../../shell/control.ts');
      const counts = async () => ({ schema: 'link.impair-counts/1', ...relay.counts() });
      serveControl(lock, { 'GET /counts': counts }, { onBug: (error) => fail(error) });
    }
    const listen = formatAddress({ type: 'tcp', host: settings.listen.host, port: relay.port });
    // Before anybody hears that it is ready: who hears it may send a signal at once.
    const shutdown = waitForShutdown({
      onDrain: async () => {
        await relay.close();
        await lock?.release();
      },
    });
    announceReady({ role: 'link-impair', listen });
    if (process.stdout.isTTY === true) {
      const paint = await this.painter();
      this.printLine(`${paint.green('✔')} bad link at ${paint.bold(listen)} to ${flags.to}; Ctrl-C ends it`);
    }
    await Promise.race([shutdown, bug]);
    logger.flush();
  }

  private async lock(stateDir: string) {
    const { lockStateDir } = await import('../../shell/state-dir.ts');
    return lockStateDir(stateDir, 'link-impair');
  }
}

function tcpOnly(address: TransportAddress, flag: string): HostAndPort {
  if (address.type === 'tcp') return address;
  throw new OperatorError({
    code: 'CONFIG_BAD_ADDRESS',
    message: `${flag} takes tcp:// only: bytes are relayed as they are, whatever they mean.`,
    hint: 'Write it like tcp://127.0.0.1:9000; a TLS connection passes through it too.',
  });
}

function cutTooLong(): OperatorError {
  return new OperatorError({
    code: 'CONFIG_BAD_VALUE',
    message: '--cut-for is longer than half of --cut-every, which leaves no link between two cuts.',
    hint: 'Give a shorter --cut-for, or a longer --cut-every.',
  });
}
