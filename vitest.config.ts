import { configDefaults, defineConfig } from 'vitest/config';

/** Rooms whose tests leave nothing behind in their process, so that files share one: half the time of these. */
const shared = ['test/core/**/*.test.ts', 'test/cli/**/*.test.ts', 'test/sim/**/*.test.ts'];

export default defineConfig({
  test: {
    disableConsoleIntercept: true,
    testTimeout: 30_000,
    // Files of processes and peers wait more than they work: a third worker takes what two leave of two processors.
    maxWorkers: 3,
    projects: [
      { extends: true, test: { name: 'pure', include: shared, isolate: false } },
      {
        extends: true,
        test: {
          name: 'whole',
          include: ['test/**/*.test.ts'],
          exclude: [...configDefaults.exclude, ...shared],
          globalSetup: ['test/build.ts'],
        },
      },
    ],
  },
});
