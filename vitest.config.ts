/**
 * Three projects, one after another. The workflows are pure: they need no server. The rooms share the servers that the
 * global set-up starts; many of them wait for others, so that three run side by side even where there are two cores. The
 * journeys run the built processes with servers of their own: they need the machine to themselves. The files of the first
 * two share their processes and what these have loaded, which no module of ours minds: none keeps state.
 * `npm run nightly` runs a fourth, `test/nightly/`, which takes too long for every day.
 */
import { availableParallelism } from 'node:os';
import { defineConfig, type TestProjectConfiguration } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** What takes longest comes first, so that nothing long is left when the others have ended. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const long = ['/test/chaos/', '/test/simulation/', '/test/scripts/'];
    const rank = ({ moduleId }: TestSpecification) => long.findIndex((room) => moduleId.includes(room)) >>> 0;
    return (await super.sort(files)).sort((a, b) => rank(a) - rank(b));
  }
}

const nightly: TestProjectConfiguration = {
  test: {
    name: 'nightly',
    include: ['test/nightly/**/*.test.ts'],
    globalSetup: ['test/support/build.ts', 'test/support/global-setup.ts'],
    fileParallelism: false,
    testTimeout: 600_000,
    sequence: { groupOrder: 3 },
  },
};

export default defineConfig({
  test: {
    pool: 'forks',
    sequence: { sequencer: LongestFirst },
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
          exclude: ['test/workflows/**', 'test/journeys/**', 'test/nightly/**'],
          globalSetup: ['test/support/build.ts', 'test/support/global-setup.ts'],
          isolate: false,
          maxWorkers: Math.max(3, availableParallelism() - 1),
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
      ...(process.env['NIGHTLY'] ? [nightly] : []),
    ],
  },
});
