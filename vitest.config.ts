import { configDefaults, defineConfig } from 'vitest/config';

/** Rooms whose tests leave nothing behind in their process, so that files share one: half the time of these. */
const pure = ['test/core/**/*.test.ts', 'test/cli/**/*.test.ts', 'test/sim/**/*.test.ts'];
/** The same, with sockets, disks, and roles as built. */
const servers = ['test/shell/**/*.test.ts', 'test/gateways/**/*.test.ts'];

const asBuilt = { globalSetup: ['test/build.ts'] };

export default defineConfig({
  test: {
    disableConsoleIntercept: true,
    testTimeout: 30_000,
    // Files of processes and peers wait more than they work: a third worker takes what two leave of two processors.
    maxWorkers: 3,
    projects: [
      { extends: true, test: { name: 'pure', include: pure, isolate: false } },
      { extends: true, test: { name: 'servers', include: servers, isolate: false, ...asBuilt } },
      {
        extends: true,
        test: {
          name: 'whole',
          include: ['test/**/*.test.ts'],
          exclude: [...configDefaults.exclude, ...pure, ...servers],
          ...asBuilt,
        },
      },
    ],
  },
});
