/** Settings of the recorder, the same for every role that has one. */
import { fail, ok, type Result } from '../core/base/result.ts';
import { dayMs, minuteMs } from '../core/base/time.ts';
import { recordPrivacies } from '../shell/recording/discretion.ts';
import type { RecordSettings } from '../shell/recording/recorder.ts';
import { choice, duration, parsed, type ValuesOf } from './setting-kinds.ts';
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
    description: 'how long the recording is kept at most',
    default: 7 * dayMs,
    minMs: minuteMs,
  }),
  'record-privacy': choice(recordPrivacies, {
    description:
      'how far the recording has numbers and texts: full (only that can be played back), masked, or hashed under a key that nobody keeps',
    // The store beside it has the same numbers and texts, and what cannot be played back is not what one records for.
    default: 'full',
  }),
} as const;

/** As a role takes them; undefined for no recording. */
export function recordOf(values: ValuesOf<typeof recordSettings>): RecordSettings | undefined {
  const { record } = values;
  if (record === undefined || record === 'off') return undefined;
  return { limitBytes: record, keepMs: values['record-for'], privacy: values['record-privacy'] };
}

function parseRecord(text: string): Result<number | 'off'> {
  if (text === 'off') return ok('off');
  const size = parseSize(text);
  if (size.ok && size.value < smallestBytes) {
    return fail('CONFIG_BAD_VALUE', `${text} is too little: at least ${formatSize(smallestBytes)}, or off.`);
  }
  return size;
}
