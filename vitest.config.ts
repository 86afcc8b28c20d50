/**
 * Two projects: the rooms, which share the servers that the global set-up starts, and the journeys, which run the built
 * processes with servers of their own, and afterwards: they need the machine to themselves. The files of the rooms share
 * their processes and what these have loaded, which no module of ours minds: none keeps state. Many of them wait for
 * others, so that two run side by side even where there are two cores.
 */
import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    pool: 'forks',
    projects: [
      {
        test: {
          name: 'rooms',
          include: ['test/**/*.test.ts'],
          exclude: ['test/journeys/**'],
          globalSetup: ['test/support/build.ts', 'test/support/global-setup.ts'],
          isolate: false,
          maxWorkers: Math.max(2, availableParallelism() - 1),
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
          maxConcurrency: 2,
          testTimeout: 300_000,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
