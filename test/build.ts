/**
 * Before the tests that run commands as processes: dist must be what src says. Runs that only touch tests below the
 * commands need no binary and start at once.
 */
import { fileURLToPath } from 'node:url';
// @ts-expect-error plain JavaScript, because it runs before anything is installed
import { build, isBuilt } from '../scripts/build.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Folders whose tests never start the binary. */
const withoutBinary = /^(\.\/)?test\/(core|world|shell|gateways|sim|cli|architecture|fuzz|interop\/wire-judge)\b/;

export default function setup(): void {
  const patterns = process.argv.slice(2).filter((argument) => argument.startsWith('test/'));
  const isBinaryNeeded = patterns.length === 0 || patterns.some((pattern) => !withoutBinary.test(pattern));
  if (isBinaryNeeded && !isBuilt(root)) build(root);
}
