/** The other process of state-dir.test.ts: tries to hold a state directory, says how that went, and lets go on demand. */
import { createInterface } from 'node:readline';
import { OperatorError } from '../../../src/core/base/errors.ts';
import { lockStateDir } from '../../../src/shell/state-dir.ts';

const [stateDir = ''] = process.argv.slice(2);
const tell = (line: string): boolean => process.stdout.write(`${line}\n`);
const questions = createInterface(process.stdin)[Symbol.asyncIterator]();

tell('ready');
for (;;) {
  const { done } = await questions.next();
  if (done) break;
  try {
    const lock = await lockStateDir(stateDir, 'buffer');
    tell('held');
    await questions.next();
    await lock.release();
    tell('released');
  } catch (error) {
    tell(error instanceof OperatorError ? error.code : String(error));
  }
}
