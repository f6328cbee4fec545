/** `cimd2 decode`: packets of CIMD2 in words, from hex, bytes, logs and captures. */

import { Args, Flags } from '@oclif/core';
import { BaseCommand } from '../../cli/base-command.ts';
import { prose } from '../../cli/prose.ts';
import { OperatorError } from '../../core/base/errors.ts';

export default class Cimd2Decode extends BaseCommand {
  static override enableJsonFlag = true;
  static override summary = 'Say what CIMD2 packets mean, and what is wrong with them';
  static override description =
    prose(`Finds the packets in what it is given and prints each with its parameters in words, what the tables allow, the
checksum found and expected, the rule for its number, and the section of docs/reference/cimd2.md. Reads hex, raw bytes,
packets spelled out as --show-packets prints them, log lines with any of these in them, and captures (pcap, pcapng), whose
TCP connections it puts together; which of these it is, it sees by itself. Any size passes through in constant memory.
Passwords (011) are starred, everything else is shown. --strict ends 7 if anything is wrong.`);
  static override examples = [
    '<%= config.bin %> <%= command.id %> 0234303a30303309334303',
    "<%= config.bin %> <%= command.id %> '<STX>03:003<TAB>021:+358401234567<TAB>033:Hello<TAB>79<ETX>'",
    "printf '\\00240:003\\t3C\\003' | <%= config.bin %> <%= command.id %> - --json",
    '<%= config.bin %> <%= command.id %> smsc.pcap --port 9971 --summary --strict',
  ];

  static override args = {
    input: Args.string({
      name: 'HEX|FILE|-',
      description: 'a file, or hex or a spelled-out packet itself; - or nothing takes stdin',
      ignoreStdin: true,
    }),
  };

  static override flags = {
    format: Flags.option({
      description: 'what the input is, instead of seeing by itself',
      options: ['hex', 'raw', 'escaped', 'log', 'pcap', 'pcapng'] as const,
    })(),
    port: Flags.integer({
      description: 'of a capture only connections with this port, whatever they speak; may be given several times',
      min: 1,
      max: 65_535,
      multiple: true,
      multipleNonGreedy: true,
    }),
    alphabet: Flags.option({
      description: 'what [ \\ ] ^ { | } ~ in a text mean: letters as the specification says, or themselves',
      options: ['nokia', 'literal'] as const,
      default: 'nokia',
    })(),
    summary: Flags.boolean({ description: 'only counts, by operation and by fault' }),
    strict: Flags.boolean({ description: 'end 7 if anything is wrong, or no packet is found' }),
  };

  override async run(): Promise<void> {
    const { args, flags } = await this.parse(Cimd2Decode);
    const { openInput, readPieces } = await import('../../cli/cimd2/decode-input.ts');
    const { PacketFinder } = await import('../../cli/cimd2/decode-finder.ts');
    const { DecodeSummary } = await import('../../cli/cimd2/decode-summary.ts');
    const { findingLines } = await import('../../cli/cimd2/decode-lines.ts');
    const { findingDocument } = await import('../../cli/cimd2/decode-document.ts');
    const { LineOutput } = await import('../../cli/cimd2/decode-output.ts');
    const { isStdinFed } = await import('../../cli/text-source.ts');

    if (args.input === undefined && !isStdinFed()) {
      throw new OperatorError({
        code: 'USAGE_MISSING_VALUE',
        message: 'Missing HEX, FILE or -.',
        hint: `Give a packet, a file, or - for what you type or paste. See \`${this.commandLine()} --help\`.`,
      });
    }
    const paint = await this.painter();
    const ports = flags.port ?? [];
    const input = readPieces(openInput(args.input), flags.format, ports);
    const summary = new DecodeSummary();
    const output = new LineOutput(process.stdout);
    const isCapture = () => input.form() === 'pcap' || input.form() === 'pcapng';
    let finder: InstanceType<typeof PacketFinder> | undefined;
    const show = (findings: ReturnType<PacketFinderType['take']>) => {
      for (const finding of findings) {
        summary.take(finding);
        if (flags.summary) continue;
        if (this.jsonEnabled()) output.add(JSON.stringify(findingDocument(finding, summary.packets)));
        else for (const line of findingLines(finding, summary.packets, paint)) output.add(line);
      }
    };
    for await (const pieces of input.pieces) {
      // Only now the form is known.
      finder ??= new PacketFinder({
        nationalPositions: flags.alphabet,
        protocol: isCapture() && ports.length === 0 ? 'unknown' : 'known',
      });
      for (const piece of pieces) show(finder.take(piece));
      await output.written();
      if (output.isClosed) return;
    }
    show(finder?.end() ?? []);
    await output.written();
    if (flags.summary) this.printResult(summary.document(), summary.lines(paint).join('\n'));
    else this.printNotice(`${summary.sentence()}; read as ${input.form() ?? 'nothing: it is empty'}`);
    for (const notice of input.notices()) this.printNotice(notice);
    if (flags.strict) refuse(summary, input.form());
  }
}

type PacketFinderType = import('../../cli/cimd2/decode-finder.ts').PacketFinder;

/** @throws OperatorError with the code of the first fault, exit status 7 */
function refuse(
  summary: {
    readonly packets: number;
    readonly firstFault: { readonly code: OperatorError['code']; readonly message: string } | undefined;
  },
  form: string | undefined,
): void {
  const { firstFault, packets } = summary;
  if (firstFault === undefined && packets > 0) return;
  throw new OperatorError({
    code: firstFault?.code ?? 'CHECK_FAILED',
    message: firstFault?.message ?? `No packet was found in the input, read as ${form ?? 'nothing'}.`,
    hint:
      firstFault === undefined
        ? 'Check the input; --format forces a form, and --port a connection of a capture.'
        : 'The section is one of docs/reference/cimd2.md; docs/errors.md has a chapter on the code.',
    exitStatus: 7,
  });
}
