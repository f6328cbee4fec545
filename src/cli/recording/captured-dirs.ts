/**
 * Of which state directories a capture of CIMD2 packets can be made: those with a recording of somebody who speaks it, so
 * those of buffers and of simulated SMSCs. What is recorded says whose it is; stores are not looked into.
 */
import { OperatorError } from '../../core/base/errors.ts';
import { Timeline } from '../../shell/recording/timeline.ts';
import { findStateDirs } from '../ring/state-dirs.ts';

/**
 * @param given as `findStateDirs` takes them; also a folder of recorded files, or one file
 * @returns at least one
 * @throws OperatorError RECORDING_MISSING where nothing is recorded, or only of IM servers; INPUT_UNREADABLE; CONFIG_MISSING
 */
export async function findCapturable(given: readonly string[] | undefined): Promise<readonly string[]> {
  const found = (await findStateDirs(given)).map((path) => ({ path, recorded: recordedOf(path) }));
  const capturable = found.filter(({ recorded }) => recorded !== 'im-server' && recorded !== 'nothing');
  if (capturable.length > 0) return capturable.map(({ path }) => path);
  throw new OperatorError({
    code: 'RECORDING_MISSING',
    message: `There is no recording with CIMD2 packets in ${found.map(({ path }) => path).join(', ')}.`,
    hint: 'Give the --state-dir of a buffer or of a simulated SMSC that is started with --record 64MiB; IM servers do not speak CIMD2.',
  });
}

/** `unknown`: it cannot be read, or nothing is in it yet; whoever reads it says so. */
function recordedOf(path: string): 'buffer' | 'im-server' | 'smsc' | 'unknown' | 'nothing' {
  const timeline = new Timeline(path);
  try {
    // One block is enough: each file begins with whose it is.
    timeline.readOn(1);
  } catch (error) {
    if (error instanceof OperatorError && error.code === 'RECORDING_MISSING') return 'nothing';
    throw error;
  }
  return timeline.from === undefined ? 'unknown' : timeline.side;
}
