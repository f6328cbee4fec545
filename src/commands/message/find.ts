/** `message find`: which messages there are, and where each of them is. */

import { Flags } from '@oclif/core';
import { BaseCommand } from '../../cli/base-command.ts';
import { revealFlag } from '../../cli/flags.ts';
import { messageDirsFlag } from '../../cli/message/message-flags.ts';
import { prose } from '../../cli/prose.ts';

const lastDefault = 50;

export default class MessageFind extends BaseCommand {
  static override enableJsonFlag = true;
  static override summary = 'Find messages, and where each of them is';
  static override description =
    prose(`Lists the newest messages that fit, one to a line: when the bridge took it, from whom to whom, the step that its
sender sees, and where it is now. Without a question the newest of all. Asks running roles through their control sockets
and reads the stores of stopped ones; changes nothing. Numbers and texts are masked unless --reveal is given; a number
that you typed is shown. \`message trace ID\` shows the way of one of them.`);
  static override examples = [
    '<%= config.bin %> <%= command.id %> --number +358401234567 --state-dir im-server --state-dir buffer',
    "<%= config.bin %> <%= command.id %> --text 'see you at five' --since 3d --state-dir im-server",
    '<%= config.bin %> <%= command.id %> --hash 9f3c --state-dir im-server',
    '<%= config.bin %> <%= command.id %> --last 10 --json --state-dir im-server --state-dir buffer',
  ];

  static override flags = {
    'state-dir': messageDirsFlag,
    number: Flags.string({ description: 'from this number or to it', helpValue: 'NUMBER' }),
    user: Flags.string({ description: 'of this user of the IM server', helpValue: 'NAME' }),
    text: Flags.string({ description: 'with these words, as they were written but for capitals', helpValue: 'TEXT' }),
    hash: Flags.string({ description: 'whose text has this hash, as masked output shows it', helpValue: 'HEX' }),
    id: Flags.string({ description: 'whose id, or the id of a short message of it, begins so', helpValue: 'ID' }),
    since: Flags.string({ description: 'not older: 3d, 14:03, 2026-11-22T14:03:07+02:00', helpValue: 'TIME' }),
    until: Flags.string({ description: 'older, as --since', helpValue: 'TIME' }),
    last: Flags.integer({ description: 'at most so many, the newest', min: 1, max: 1_000, default: lastDefault }),
    reveal: revealFlag,
  };

  override async run(): Promise<void> {
    const { flags } = await this.parse(MessageFind);
    const { parseQuestion } = await import('../../cli/message/message-flags.ts');
    const { readSources } = await import('../../cli/message/sources.ts');
    const { knownMessages } = await import('../../cli/message/known-message.ts');
    const { foundDocument, foundLines } = await import('../../cli/message/found-lines.ts');
    const now = Date.now();
    const question = parseQuestion(flags, now);
    const sources = await this.withSpinner('Looking for messages', () => readSources(flags['state-dir'], question));
    const messages = knownMessages(sources, question).slice(0, flags.last);
    const privacy = flags.reveal ? 'reveal' : 'mask';
    const typed = { number: question.number, text: question.text };
    const options = { paint: await this.painter(), privacy, typed, now } as const;
    if (this.jsonEnabled()) {
      for (const message of messages) this.printResult(foundDocument(message, options), '');
      return;
    }
    for (const line of foundLines(messages, options)) this.printLine(line);
    if (messages.length === 0) this.printNotice('No message fits.');
    if (!sources.dirs.some(({ role }) => role === 'im-server')) {
      this.printNotice('Only rings were looked at: texts are kept by the IM server, whose --state-dir is not given.');
    }
  }
}
