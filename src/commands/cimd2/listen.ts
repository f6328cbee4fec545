/** `cimd2 listen`: stays logged in at an SMSC and prints what it sends. */

import { Flags } from '@oclif/core';
import { BaseCommand } from '../../cli/base-command.ts';
import { resolveSmscLogin, smscLoginFlags } from '../../cli/cimd2/login-flags.ts';
import { durationFlag } from '../../cli/flags.ts';
import { prose } from '../../cli/prose.ts';
import { OperatorError } from '../../core/base/errors.ts';

export default class Cimd2Listen extends BaseCommand {
  static override enableJsonFlag = true;
  static override summary = 'Print what an SMSC delivers';
  static override description =
    prose(`Logs in and stays: every message and status report is printed and then answered, so what could not be printed stays
at the SMSC. On a terminal as lines, in a pipe or with --json one document per line: cimd2.delivery/1, cimd2.report/1, and
with --join cimd2.text/1 when all parts of a long text are there. Numbers and texts are shown in full, because the SMSC
forgets what was answered and this copy is the only one.
Ends 0 after --count, --for, Ctrl-C or SIGTERM, each time with a logout. A lost session is replaced, unless --no-reconnect
is given: then it ends 5. The first login is tried once.`);
  static override examples = [
    '<%= config.bin %> <%= command.id %> --smsc tcp://127.0.0.1:9971 --user app --password-file app.secret',
    '<%= config.bin %> <%= command.id %> --count 1 --for 30s --json',
    '<%= config.bin %> <%= command.id %> --answer error:711 --show-packets',
    '<%= config.bin %> <%= command.id %> --poll 5s --join',
  ];

  static override flags = {
    ...smscLoginFlags,
    reconnect: Flags.boolean({ description: 'log in again after a session is lost', default: true, allowNo: true }),
    answer: Flags.custom<number>({
      description: 'answer messages with this error; 700 to 750 are final, with any other the SMSC tries again later',
      helpValue: 'error:CODE',
      exclusive: ['no-answer'],
      parse: async (text) => parseAnswer(text),
    })(),
    'no-answer': Flags.boolean({ description: 'print and do not answer; the SMSC repeats what it sent' }),
    count: Flags.integer({ description: 'end after so many messages and reports', min: 1, max: 1_000_000 }),
    for: durationFlag({ description: 'end after so long' }),
    poll: durationFlag({ description: 'ask for what waits, so often: for a querying account' }),
    join: Flags.boolean({ description: 'also print long texts as one when their parts are there' }),
    timeout: durationFlag({ description: 'longest wait for an answer', default: 60_000 }),
    'show-packets': Flags.boolean({ description: 'show every packet on stderr, passwords starred' }),
  };

  override async run(): Promise<void> {
    const { flags } = await this.parse(Cimd2Listen);
    const { setTimeout: pause } = await import('node:timers/promises');
    const { listen } = await import('../../cli/cimd2/listen.ts');
    const documents = await import('../../cli/cimd2/listen-documents.ts');
    const { formatPacketLine } = await import('../../cli/cimd2/packet-text.ts');
    const { writeOut } = await import('../../cli/cimd2/written-out.ts');
    const { exitStatus } = await import('../../cli/exit-status.ts');
    const { systemClock } = await import('../../shell/clock.ts');
    const { waitForShutdown } = await import('../../shell/signals.ts');
    const login = await resolveSmscLogin(flags, flags.timeout, {
      require: (value, name, ask) => this.requireValue(value, name, ask),
      warn: (warning) => this.printNotice(warning),
    });
    const paint = await this.painter();
    const now = systemClock();
    const isForPeople = process.stdout.isTTY === true && !this.jsonEnabled();
    const print = (document: () => object, lines: () => readonly string[]): Promise<void> =>
      writeOut(process.stdout, isForPeople ? lines().join('\n') : JSON.stringify(document()));

    const stop = new AbortController();
    const isOver = new AbortController();
    const shutdown = waitForShutdown({ onDrain: async () => stop.abort(), stop: isOver.signal });
    if (flags.for !== undefined) {
      void pause(flags.for, undefined, { signal: isOver.signal }).then(
        () => stop.abort(),
        () => undefined,
      );
    }
    try {
      const outcome = await listen({
        login,
        reconnect: flags.reconnect ? 'forever' : 'once',
        answer: flags['no-answer'] ? 'nothing' : (flags.answer ?? 'yes'),
        count: flags.count,
        pollMs: flags.poll,
        join: flags.join ? 'texts' : 'parts',
        stop: stop.signal,
        on: {
          loggedIn: () => {
            if (isForPeople) this.printNotice(paint.dim(`Logged in as ${login.user}; Ctrl-C logs out.`));
          },
          delivery: (packet, reading) =>
            print(
              () => documents.deliveryDocument(packet, reading, now()),
              () => documents.deliveryLines(packet, reading, now(), paint),
            ),
          report: (packet, reading) =>
            print(
              () => documents.reportDocument(packet, reading, now()),
              () => documents.reportLines(packet, reading, now(), paint),
            ),
          text: (joined) =>
            print(
              () => documents.textDocument(joined, now()),
              () => documents.textLines(joined, now(), paint),
            ),
          notice: (text) => this.printNotice(text),
          packet: (line) => {
            if (flags['show-packets']) process.stderr.write(`${formatPacketLine(line)}\n`);
          },
        },
      });
      if (outcome.end === 'unread') {
        this.printNotice(
          `Nobody reads the output any more (${outcome.reason}); what was not printed is left at the SMSC.`,
        );
      } else if (outcome.end === 'lost') {
        throw new OperatorError({
          code: 'SESSION_LOST',
          message: `The session was lost: ${outcome.reason}`,
          hint: 'Run it again, or leave out --no-reconnect.',
          exitStatus: exitStatus.unreachable,
          retryable: true,
        });
      }
    } finally {
      isOver.abort();
      await shutdown;
    }
  }
}

/** @throws OperatorError USAGE_BAD_VALUE */
function parseAnswer(text: string): number {
  const code = Number(/^error:(\d{1,3})$/.exec(text.trim())?.[1]);
  if (code >= 1 && code <= 999) return code;
  throw new OperatorError({
    code: 'USAGE_BAD_VALUE',
    message: `"${text}" is no answer.`,
    hint: 'Write it like error:711, with a number from 1 to 999; section 2.9 has those that an SMSC knows.',
  });
}
