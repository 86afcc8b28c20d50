/**
 * Three projects, one after another. The workflows are pure: they need no server, and nothing that one file leaves behind
 * could mislead the next, so that a worker loads the rules once. The rooms share the servers that the global set-up
 * starts. The journeys run the built processes with servers of their own: they need the machine to themselves.
 */
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    pool: 'forks',
    projects: [
      {
        test: {
          name: 'workflows',
          include: ['test/workflows/**/*.test.ts'],
          isolate: false,
          maxWorkers: '100%',
          testTimeout: 60_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          name: 'rooms',
          include: ['test/**/*.test.ts'],
          exclude: ['test/workflows/**', 'test/journeys/**'],
          globalSetup: ['test/support/global-setup.ts'],
          testTimeout: 60_000,
          hookTimeout: 120_000,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: 'journeys',
          include: ['test/journeys/**/*.test.ts'],
          globalSetup: ['test/support/build.ts'],
          testTimeout: 300_000,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
