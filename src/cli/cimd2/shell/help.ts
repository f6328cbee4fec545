/** `help` of `cimd2 shell`: the commands, and the tables of operations and parameters as far as somebody asks. */
import {
  findOperation,
  formatOperation,
  generalError,
  nack,
  operations,
  type ParameterUse,
} from '../../../core/codec/operations.ts';
import { findParameter, formatParameterCode, parameterName, parameters } from '../../../core/codec/parameters.ts';
import { formatTable } from '../../table.ts';
import { findCommand, shellCommands } from './commands.ts';
import { operationFromName, parameterFromName } from './names.ts';

/** @param topic a command, an operation, a parameter, or `parameters`; undefined lists the commands */
export function helpLines(topic: string | undefined): readonly string[] {
  if (topic === undefined) return commandList();
  if (topic === 'parameters') return parameterList(parameters.map(({ code }) => ({ code, mark: '' })));
  const info = findCommand(topic);
  if (info !== undefined) {
    return [
      `${info.name} ${info.usage}`.trim(),
      `  ${info.summary}`,
      ...info.details.map((line) => `  ${line}`),
      ...info.examples.map((example) => `  for example: ${example}`),
    ];
  }
  // Three digits are a parameter, two an operation.
  if (/^\d{3}$/.test(topic)) return parameterList([{ code: Number(topic), mark: '' }]);
  const operation = operationFromName(topic);
  if (operation.ok) return operationHelp(operation.value);
  const parameter = parameterFromName(topic);
  return parameter.ok
    ? parameterList([{ code: parameter.value, mark: '' }])
    : [`There is no help on "${topic}"; help lists the commands, help parameters the parameters.`];
}

function commandList(): readonly string[] {
  const rows = shellCommands.map(({ name, usage, summary }) => [`${name} ${usage}`.trim(), summary]);
  const codes = [...operations, generalError, nack].map(({ code, name }) => `${formatOperation(code)} ${name}`);
  return [
    ...narrow(rows),
    '',
    'Operations, whose answers have 50 more:',
    ...rowsOf(codes, 4),
    '$to and $stamp are those of the last accepted submit.',
    'help COMMAND says more, help 03 has the parameters of 03.',
  ];
}

function rowsOf(cells: readonly string[], columns: number): readonly string[] {
  const rows: string[][] = [];
  for (let i = 0; i < cells.length; i += columns) rows.push(['', ...cells.slice(i, i + columns)]);
  return formatTable(rows);
}

/** Where the usage is too long to stand in front, it has a line of its own. */
function narrow(rows: readonly (readonly string[])[]): readonly string[] {
  const width = 32;
  return rows.flatMap(([usage = '', summary = '']) =>
    usage.length > width ? [usage, `${' '.repeat(width)}  ${summary}`] : [`${usage.padEnd(width)}  ${summary}`],
  );
}

function operationHelp(code: number): readonly string[] {
  const role = findOperation(code);
  if (role === undefined) return [`Operation ${formatOperation(code)} is not assigned (section 2.1).`];
  if (role.type === 'error') {
    return [
      `${formatOperation(code)} ${role.packet.name} (section ${role.packet.section})`,
      ...parameterList(role.packet.parameters.map(marked)),
    ];
  }
  const { operation } = role;
  const side = operation.requester === 'smsc' ? 'from the SMSC' : 'to the SMSC';
  return [
    `${formatOperation(operation.code)} ${operation.name}, ${side} (section ${operation.section})`,
    ...part('request', operation.request),
    ...part(`answer ${formatOperation(operation.responseCode)}`, operation.positive),
    ...part('refusal', operation.negative),
  ];
}

function part(title: string, uses: readonly ParameterUse[]): readonly string[] {
  return uses.length === 0 ? [`${title}: no parameters`] : [`${title}:`, ...parameterList(uses.map(marked))];
}

function marked({ code, presence, repeats }: ParameterUse): { readonly code: number; readonly mark: string } {
  return { code, mark: `${presence}${repeats ? ', repeats' : ''}` };
}

function parameterList(uses: readonly { readonly code: number; readonly mark: string }[]): readonly string[] {
  return formatTable(
    uses.map(({ code, mark }) => {
      const info = findParameter(code);
      const range = info?.range === undefined ? '' : `${info.range.from} to ${info.range.to}`;
      const section = info === undefined ? '' : `section ${info.section}`;
      return [`  ${formatParameterCode(code)}`, parameterName(code), info?.type, range, section, mark];
    }),
  );
}
