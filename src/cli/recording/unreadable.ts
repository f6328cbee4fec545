/** A recording of which nothing at all can be read, for every command that needs one. */
import { OperatorError } from '../../core/base/errors.ts';
import type { Timeline } from '../../shell/recording/timeline.ts';
import { ownVersion } from '../../shell/version.ts';

/** Why nothing could be read, as the end of a file told. */
const readNothing: Readonly<Record<string, string>> = {
  torn: 'is empty, or ends before anything was written',
  foreign: 'is no recording, or one of another format',
  damaged: 'is damaged from its beginning',
};

/** @param why how its file ended */
export function unreadableRecording(path: string, why: string): OperatorError {
  return new OperatorError({
    code: 'RECORDING_UNREADABLE',
    message: `${path} ${readNothing[why] ?? 'cannot be read'}. Nothing was read of it.`,
    hint: `Give the state directory of a role, or the folder \`recording\` in it; this is ringbridge ${ownVersion()}.`,
  });
}

/** Whether nothing can be read of it. One of a role that has just begun is empty, and may be read later. */
export function isUnreadable({ from, end }: Pick<Timeline, 'from' | 'end'>): boolean {
  return from === undefined && (end === 'foreign' || end === 'damaged');
}
