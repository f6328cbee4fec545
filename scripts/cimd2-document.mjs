// The tables of docs/cimd2.md, made from the tables of the program. What stands between two marks in the document is
// replaced; everything else in it is written by hand. test/core/codec/cimd2-document.test.ts says when it is stale.

/** @returns the document with its printed parts made anew; throws where a mark is missing */
export function printInto(document, tables) {
  const parts = {
    operations: printOperations(tables),
    packets: printPackets(tables),
    parameters: printParameters(tables),
  };
  let text = document;
  for (const [name, lines] of Object.entries(parts)) {
    const [begin, end] = [`<!-- printed: ${name} -->`, `<!-- end of ${name} -->`];
    const [from, to] = [text.indexOf(begin), text.indexOf(end)];
    if (from === -1 || to < from) throw new Error(`the document has no marks for ${name}`);
    text = `${text.slice(0, from + begin.length)}\n${lines.join('\n')}\n${text.slice(to)}`;
  }
  return text;
}

const two = (code) => String(code).padStart(2, '0');
const three = (code) => String(code).padStart(3, '0');

function printOperations({ operations, generalError, nack }) {
  const rows = operations.map((one) => [
    two(one.code),
    two(one.responseCode),
    one.name,
    one.requester === 'application' ? 'client' : 'SMSC',
    one.section,
  ]);
  const errors = [generalError, nack].map((one) => [
    '-',
    two(one.code),
    one.name,
    one.senders.length > 1 ? 'both' : 'SMSC',
    one.section,
  ]);
  return table(['request', 'answer', 'name', 'asked by', 'section'], [...rows, ...errors]);
}

function printPackets(tables) {
  const { operations, wrongValueCode, wrongCountCode } = tables;
  return operations
    .flatMap((one) => {
      const isAsked = one.requester === 'application';
      const rows = one.request.map((use) => [
        named(use, tables),
        use.presence,
        use.repeats ? 'yes' : 'no',
        isAsked ? String(wrongValueCode(one.code, use.code)) : '-',
        isAsked && use.presence !== 'optional' ? String(wrongCountCode(one.code, use.code)) : '-',
      ]);
      const head = ['parameter', 'presence', 'may repeat', '900 if wrong', '900 if missing'];
      return [
        `### ${two(one.code)} ${one.name} (${one.section})`,
        '',
        ...(rows.length === 0 ? ['No parameters.'] : table(head, rows)),
        '',
        `Positive answer ${one.responseCode}: ${list(one.positive)}. Negative: ${list(one.negative)}.`,
        '',
      ];
    })
    .slice(0, -1);
}

function printParameters({ parameters }) {
  const rows = parameters.map((one) => [
    three(one.code),
    one.name,
    one.isDeprecated ? 'obsolete, ignored' : one.type,
    one.maxLength === undefined ? '-' : String(one.maxLength),
    rangeOf(one.range),
    rangeOf(one.emitRange ?? one.range),
    one.section,
  ]);
  return table(['code', 'name', 'type', 'longest', 'accepted', 'sent', 'section'], rows);
}

function named({ code }, { parameters }) {
  return `${three(code)} ${parameters.find((one) => one.code === code)?.name ?? ''}`.trim();
}

function list(uses) {
  if (uses.length === 0) return 'no parameters';
  return uses.map((use) => `${three(use.code)} ${use.presence}${use.repeats ? ', may repeat' : ''}`).join('; ');
}

function rangeOf(range) {
  return range === undefined ? '-' : `${range.from} to ${range.to}`;
}

function table(head, rows) {
  const line = (cells) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)];
}
