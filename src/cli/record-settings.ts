/** Settings of the recorder, the same for every role that has one. */
import { fail, ok, type Result } from '../core/base/result.ts';
import { dayMs, minuteMs } from '../core/base/time.ts';
import { duration, parsed, type ValuesOf } from './setting-kinds.ts';
import { formatSize, parseSize } from './size.ts';

/** Less holds no more than a few seconds of a busy lane, and its files would be smaller than one block. */
const smallestBytes = 1024 * 1024;

export const recordSettings = {
  record: parsed(parseRecord, {
    description:
      'room for a recording of what happens here, in the state directory, 64MiB for example; the oldest goes first',
    helpValue: 'SIZE|off',
    // It takes about a twentieth of the processor time of a message, which is the operator's to give.
    default: 'off',
  }),
  'record-for': duration({
    description: 'how long the recording is kept, which has numbers and texts in it',
    default: 7 * dayMs,
    minMs: minuteMs,
  }),
} as const;

/** As a role takes them; undefined for no recording. */
export function recordOf(
  values: ValuesOf<typeof recordSettings>,
): { readonly limitBytes: number; readonly keepMs: number } | undefined {
  const { record } = values;
  return record === undefined || record === 'off' ? undefined : { limitBytes: record, keepMs: values['record-for'] };
}

function parseRecord(text: string): Result<number | 'off'> {
  if (text === 'off') return ok('off');
  const size = parseSize(text);
  if (size.ok && size.value < smallestBytes) {
    return fail('CONFIG_BAD_VALUE', `${text} is too little: at least ${formatSize(smallestBytes)}, or off.`);
  }
  return size;
}
