/** `cimd2 encode`: packets of CIMD2 as bytes, from flags or from documents. */

import { Args, Flags } from '@oclif/core';
import { BaseCommand } from '../../cli/base-command.ts';
import { durationFlag } from '../../cli/flags.ts';
import { prose } from '../../cli/prose.ts';
import { OperatorError } from '../../core/base/errors.ts';
import { type NationalLanguages, nationalChoices } from '../../core/codec/national-language.ts';

export default class Cimd2Encode extends BaseCommand {
  static override enableJsonFlag = true;
  static override summary = 'Make CIMD2 packets, right or wrong ones';
  static override description =
    prose(`Writes the packet of an operation (submit, login, deliver-response, nack, or a code) with the parameters given, or
the packets of documents on stdin, as \`cimd2 decode --json\` prints them. With --text it finds the coding, splits a long
text into several packets, and says on stderr how long it is and which characters cost the short coding. What the tables do
not allow is refused with its section and range; --force writes it all the same. Nothing is sent. A password comes from
--password-file or RINGBRIDGE_SMSC_PASSWORD, and is in the packet as it must be, except in --json.`);
  static override examples = [
    '<%= config.bin %> <%= command.id %> submit --to +358401234567 --text "Hello"',
    '<%= config.bin %> <%= command.id %> submit --number 5 --param 021=+358401234567 --param 033=Hello --output escaped',
    '<%= config.bin %> <%= command.id %> alive --checksum 00 --force --output raw | <%= config.bin %> cimd2 decode -',
    '<%= config.bin %> cimd2 decode 0234303a30303309334303 --json | <%= config.bin %> <%= command.id %> -',
  ];

  static override args = {
    operation: Args.string({
      name: 'OPERATION|-',
      description: 'name or code of the operation; - or nothing takes documents from stdin',
      ignoreStdin: true,
    }),
  };

  static override flags = {
    number: Flags.integer({
      description: 'packet number; the first of a session if left out',
      min: 0,
      max: 999,
      helpValue: 'N',
    }),
    to: Flags.string({
      description: 'destination (021); may be given several times',
      helpValue: 'NUMBER',
      multiple: true,
      multipleNonGreedy: true,
    }),
    from: Flags.string({ description: 'originator: 023 for digits, 027 for letters', helpValue: 'NUMBER' }),
    text: Flags.string({ description: 'text of the message, in the coding that fits it' }),
    coding: Flags.option({
      description: 'auto takes the GSM alphabet where everything fits it',
      options: ['auto', 'gsm7', 'ucs2'] as const,
      default: 'auto',
    })(),
    national: Flags.option({
      description: 'national language tables that may be used if they save parts',
      options: nationalChoices,
      default: 'off',
    })(),
    flash: Flags.boolean({ description: 'shown at once and not kept by the handset', dependsOn: ['text'] }),
    header: Flags.string({
      description: 'user data header of every part, with its length octet',
      helpValue: 'HEX',
      dependsOn: ['text'],
    }),
    reference: Flags.integer({
      description: 'reference of the parts of a long text; above 255 the 16-bit form',
      min: 0,
      max: 65_535,
      default: 0,
    }),
    validity: durationFlag({ description: 'how long the SMSC shall try (050), rounded up' }),
    report: Flags.boolean({ description: 'ask for a status report of every final event (056)' }),
    user: Flags.string({ description: 'user identity of a login (010)', helpValue: 'NAME' }),
    'password-file': Flags.string({
      description: 'file with the password (011) of a login or set, or in place of starred ones of documents',
      helpValue: 'FILE',
    }),
    param: Flags.string({
      description: 'any parameter as on the wire, bytes that cannot be typed as <HH>; may be given several times',
      helpValue: 'CODE=VALUE',
      multiple: true,
      multipleNonGreedy: true,
    }),
    checksum: Flags.string({
      description: 'this instead of the right one',
      helpValue: 'HH',
      exclusive: ['no-checksum'],
    }),
    'no-checksum': Flags.boolean({ description: 'without checksum' }),
    output: Flags.option({
      description: 'one line of hex or spelled out per packet, or the bytes',
      options: ['hex', 'raw', 'escaped'] as const,
      default: 'hex',
    })(),
    force: Flags.boolean({ description: 'write also what is wrong, and say on stderr what is' }),
  };

  override async run(): Promise<void> {
    const { args, flags } = await this.parse(Cimd2Encode);
    const { isStdinFed } = await import('../../cli/text-source.ts');
    const { findPassword } = await import('../../cli/credentials.ts');
    const { operation } = args;
    if (operation === undefined && !isStdinFed()) {
      throw new OperatorError({
        code: 'USAGE_MISSING_VALUE',
        message: 'Missing OPERATION or -.',
        hint: `Give an operation like submit, or documents on stdin. See \`${this.commandLine()} --help\`.`,
      });
    }
    const password = await findPassword({
      file: flags['password-file'],
      variable: 'RINGBRIDGE_SMSC_PASSWORD',
      warn: (warning) => this.printNotice(warning),
    });
    const trailer =
      flags.checksum !== undefined || flags['no-checksum']
        ? ({ type: 'given', text: flags.checksum ?? '' } as const)
        : undefined;
    if (operation === undefined || operation === '-') await this.encodeDocuments(flags, password, trailer);
    else await this.encodeFlags(operation, flags, password, trailer);
  }

  private async encodeFlags(
    operation: string,
    flags: EncodeFlags,
    password: string | undefined,
    trailer: GivenTrailer | undefined,
  ): Promise<void> {
    const { operationCode } = await import('../../cli/cimd2/encode-operation.ts');
    const { encodeText, estimateWords } = await import('../../cli/cimd2/encode-text.ts');
    const { draftsOf } = await import('../../cli/cimd2/encode-request.ts');
    const { writeDraft } = await import('../../cli/cimd2/encode-draft.ts');
    const code = operationCode(operation);
    const text =
      flags.text === undefined
        ? undefined
        : encodeText(flags.text, { ...flags, header: flags.header, more: code === 3 ? 'tell' : 'omit' });
    if (text !== undefined) {
      this.printNotice(estimateWords(text.estimate));
      if (this.jsonEnabled()) this.printResult({ schema: 'cimd2.text/1', ...text.estimate }, '');
    }
    const drafts = draftsOf({
      operation: code,
      number: flags.number,
      user: flags.user,
      password,
      to: flags.to ?? [],
      from: flags.from,
      params: flags.param ?? [],
      text,
      validityMs: flags.validity,
      report: flags.report,
      trailer: trailer ?? { type: 'computed' },
    });
    // All are checked before the first is written.
    const written = drafts.map(writeDraft);
    const print = await this.printer(flags);
    if (!flags.force) await this.refuse(written);
    for (const [index, one] of written.entries()) print(one, index + 1);
  }

  private async encodeDocuments(
    flags: EncodeFlags,
    password: string | undefined,
    trailer: GivenTrailer | undefined,
  ): Promise<void> {
    const { draftOf, readDocuments } = await import('../../cli/cimd2/encode-document.ts');
    const { refuseFaulty, writeDraft } = await import('../../cli/cimd2/encode-draft.ts');
    const useless = (['to', 'from', 'text', 'number', 'user', 'param', 'validity', 'report'] as const).filter(
      (name) => flags[name] !== undefined && flags[name] !== false,
    );
    if (useless.length > 0) {
      throw new OperatorError({
        code: 'USAGE_BAD_VALUE',
        message: `${useless.map((name) => `--${name}`).join(', ')} cannot change documents. Nothing was written.`,
        hint: 'Name an operation to build a packet from flags.',
      });
    }
    const print = await this.printer(flags);
    let count = 0;
    let others = 0;
    for await (const document of readDocuments(process.stdin)) {
      const draft = draftOf(document, password);
      if (draft === undefined) {
        others += 1;
        continue;
      }
      count += 1;
      const wished = trailer === undefined || draft.type === 'bytes' ? draft : { ...draft, trailer };
      const written = writeDraft(wished);
      if (!flags.force) refuseFaulty(written, count);
      print(written, count);
    }
    if (others > 0)
      this.printNotice(
        `${others} ${others === 1 ? 'document is no packet and was' : 'documents are no packets and were'} passed over.`,
      );
  }

  private async refuse(written: readonly Written[]): Promise<void> {
    const { refuseFaulty } = await import('../../cli/cimd2/encode-draft.ts');
    for (const [index, one] of written.entries()) refuseFaulty(one, index + 1);
  }

  private async printer(flags: EncodeFlags): Promise<(written: Written, index: number) => void> {
    const { toHex } = await import('../../core/base/bytes.ts');
    const { packetDocument } = await import('../../cli/cimd2/decode-document.ts');
    const { spellOut } = await import('../../cli/cimd2/spelled-bytes.ts');
    return ({ bytes, report, faults }, index) => {
      for (const fault of faults) {
        this.printNotice(`Packet ${index} is wrong: ${fault.message} (${fault.code}, section ${fault.section})`);
      }
      if (this.jsonEnabled()) {
        const hex = report.parameters.some((parameter) => parameter.isSecret) ? {} : { hex: toHex(bytes) };
        this.printResult({ schema: 'cimd2.packet/1', index, ...packetDocument(report), ...hex }, '');
      } else if (flags.output === 'raw') {
        process.stdout.write(bytes);
      } else {
        this.printLine(flags.output === 'hex' ? toHex(bytes) : spellOut(bytes));
      }
    };
  }
}

type Written = import('../../cli/cimd2/encode-draft.ts').Written;
type GivenTrailer = { readonly type: 'given'; readonly text: string };

interface EncodeFlags {
  readonly number: number | undefined;
  readonly to: readonly string[] | undefined;
  readonly from: string | undefined;
  readonly text: string | undefined;
  readonly coding: 'auto' | 'gsm7' | 'ucs2';
  readonly national: NationalLanguages;
  readonly flash: boolean;
  readonly header: string | undefined;
  readonly reference: number;
  readonly validity: number | undefined;
  readonly report: boolean;
  readonly user: string | undefined;
  readonly param: readonly string[] | undefined;
  readonly output: 'hex' | 'raw' | 'escaped';
  readonly force: boolean;
}
