/** What Tab offers in `cimd2 shell`: commands, operations, parameters by code and by name, numbers that were used before. */
import { findOperation, operations } from '../../../core/codec/operations.ts';
import { formatParameterCode, parameterName, parameters } from '../../../core/codec/parameters.ts';
import { shellCommands, submitKeys } from './commands.ts';
import { operationFromName } from './names.ts';

/** Readline's form: what fits, and the part of the line that it takes the place of. */
export type Completed = [string[], string];

/** @param numbers phone numbers of this shell, for where one is wanted */
export function complete(line: string, numbers: readonly string[]): Completed {
  const words = line.trimStart().split(/\s+/);
  const last = words.at(-1) ?? '';
  const offered = words.length === 1 ? shellCommands.map(({ name }) => `${name} `) : choices(words, numbers);
  return [offered.filter((choice) => choice.startsWith(last)), last];
}

function choices(words: readonly string[], numbers: readonly string[]): readonly string[] {
  const [command = '', second = ''] = words;
  const place = words.length;
  switch (command) {
    case 'submit':
      if (place === 2) return numbers;
      return place === 3 ? [] : [...submitKeys.map((key) => `${key}=`), ...parametersOf(3)];
    case 'enquire':
    case 'cancel':
      if (place === 2) return ['$to ', ...(command === 'cancel' ? ['all'] : []), ...numbers];
      return place === 3 ? ['$stamp'] : [];
    case 'packet':
      return place === 2
        ? operationNames.map((name) => `${name} `)
        : [...parametersOf(codeOf(second)), 'checksum=wrong', 'checksum=none'];
    case 'expect':
      if (place === 2) return ['nothing ', 'closed ', ...answerNames.map((name) => `${name} `)];
      return words.at(-2) === 'within' ? ['2s', '5s', '30s'] : ['within ', ...parametersOf(codeOf(second))];
    case 'answer':
      return place === 2 ? ['auto', 'hold', 'all', 'error:'] : ['error:', '900=', '901='];
    case 'fetch':
      return ['count', 'one', 'all'];
    case 'set':
      return place === 2 ? ['password '] : [];
    case 'get':
      return ['time'];
    case 'packets':
      return ['on', 'off'];
    case 'save':
      return place === 2 ? [] : ['--with-answers'];
    case 'help':
    case '?':
      return [...shellCommands.map(({ name }) => name), ...operationNames, 'parameters'];
    default:
      return [];
  }
}

const operationNames: readonly string[] = [
  ...operations.map(({ name }) => name.replaceAll(' ', '-')),
  'general-error-response',
  'nack',
];
const answerNames: readonly string[] = [
  ...operations.filter(({ requester }) => requester === 'application').map(({ responseCode }) => String(responseCode)),
  ...operations.filter(({ requester }) => requester === 'smsc').map(({ code }) => String(code)),
  '98',
  '99',
];

function codeOf(name: string): number | undefined {
  const code = operationFromName(name.split(':')[0] ?? '');
  return code.ok ? code.value : undefined;
}

/** Those that the operation has, by code and by name; all where it is not known. */
function parametersOf(operation: number | undefined): readonly string[] {
  const role = operation === undefined ? undefined : findOperation(operation);
  const codes =
    role === undefined
      ? parameters.map(({ code }) => code)
      : role.type === 'error'
        ? role.packet.parameters.map(({ code }) => code)
        : role.type === 'request'
          ? role.operation.request.map(({ code }) => code)
          : [...role.operation.positive, ...role.operation.negative].map(({ code }) => code);
  const unique = [...new Set(codes)];
  return unique.flatMap((code) => [
    `${formatParameterCode(code)}=`,
    `${parameterName(code).toLowerCase().replaceAll(' ', '-')}=`,
  ]);
}
