import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/build.ts'],
    disableConsoleIntercept: true,
    testTimeout: 30_000,
    maxWorkers: 2,
  },
});
