/** `message trace`: the way of one message, and where it stopped. */

import { setTimeout as waitMs } from 'node:timers/promises';
import { Args, Flags } from '@oclif/core';
import { BaseCommand } from '../../cli/base-command.ts';
import { revealFlag } from '../../cli/flags.ts';
import { messageDirsFlag } from '../../cli/message/message-flags.ts';
import type { Trace } from '../../cli/message/trace.ts';
import { prose } from '../../cli/prose.ts';

const lookEveryMs = 500;

export default class MessageTrace extends BaseCommand {
  static override enableJsonFlag = true;
  static override summary = 'Show the way of one message, and where it stopped';
  static override description =
    prose(`Puts together what the IM server and the buffer know of one message: when each of them took it, the slot it was in,
the SMSC's answer and report, and what its sender saw when, with the time that each leg took. Times of the buffer are
shown on the clock of the IM server, as far as the difference can be told. The last sentence says where it is, why, and
what to do. A recording (\`--record\` of both roles) adds packets and frames, and what happened before a restart. With
--follow it goes on until nothing more can happen to the message. Changes nothing.`);
  static override examples = [
    '<%= config.bin %> <%= command.id %> 019343c2-7a10-7c44 --state-dir im-server --state-dir buffer',
    '<%= config.bin %> <%= command.id %> 019343c2-7a10-7c44 --follow --state-dir im-server --state-dir buffer',
    '<%= config.bin %> <%= command.id %> 019343c2-7a10-7c44 --json --state-dir im-server --state-dir buffer',
  ];

  static override args = {
    id: Args.string({
      description: 'id of the message, or how it begins, as `message find` shows it',
      ignoreStdin: true,
    }),
  };

  static override flags = {
    'state-dir': messageDirsFlag,
    follow: Flags.boolean({ char: 'f', description: 'go on until nothing more can happen to it' }),
    reveal: revealFlag,
  };

  override async run(): Promise<void> {
    const { args, flags } = await this.parse(MessageTrace);
    const { parseMessageId } = await import('../../cli/message/message-flags.ts');
    const { readTrace } = await import('../../cli/message/trace.ts');
    const { eventLine, traceDocument, traceLines } = await import('../../cli/message/trace-lines.ts');
    const typed = await this.requireValue(args.id, 'ID', async () => {
      const { input } = await import('@inquirer/prompts');
      return input({ message: 'Id of the message, or how it begins' });
    });
    const id = parseMessageId(typed, 'ID');
    const options = {
      paint: await this.painter(),
      privacy: flags.reveal ? 'reveal' : 'mask',
      typed: {},
      now: Date.now(),
    } as const;
    const look = (): Promise<Trace> => readTrace({ id, stateDirs: flags['state-dir'] });
    const first = await this.withSpinner('Looking for the message', look);
    if (!flags.follow) {
      this.printResult(traceDocument(first, options), traceLines(first, options).join('\n'));
      return;
    }
    let trace = first;
    const told = new Set<string>();
    for (let before = ''; ; trace = await look()) {
      const document = JSON.stringify(traceDocument(trace, options));
      if (document !== before) this.printResult(JSON.parse(document), '');
      before = document;
      for (const event of trace.events) {
        const key = `${event.station} ${event.what} ${event.part} ${event.detail}`;
        if (!told.has(key)) this.printLine(eventLine(event));
        told.add(key);
      }
      if (trace.verdict.state === 'settled') break;
      await waitMs(lookEveryMs);
    }
    this.printLine();
    this.printLine(traceLines(trace, options).join('\n'));
  }
}
