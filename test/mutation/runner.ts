/**
 * How Stryker runs the rules' tests: bundled once, with the mutants in them, and then called in this process. Its runner
 * for vitest starts afresh for every mutant, which takes a second; most mutants are switched on in code that is loaded
 * already and are found out in milliseconds. What a module does while it is loaded is evaluated anew for its mutants.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type {
  DryRunResult,
  MutantRunOptions,
  MutantRunResult,
  TestResult,
  TestRunner,
} from '@stryker-mutator/api/test-runner';
import { bundle, type Loaded } from './bundle.ts';
import type { Case } from './collected.ts';

/** Where instrumented code looks for the mutant that is switched on, and notes what it came by. */
interface Switchboard {
  activeMutant?: string;
  currentTestId?: string;
  hitCount?: number;
  hitLimit?: number;
  mutantCoverage?: { static: Record<string, number>; perTest: Record<string, Record<string, number>> };
}

const place = globalThis as { __stryker__?: Switchboard };
place.__stryker__ ??= {};
const board = place.__stryker__;

const folders = ['test/workflows', 'test/kernel'];
/** These find most mutants out, and soon. */
const quickest = /golden|gates|products/;

/** Tests that read the source find mutants in it. */
function testFiles(): string[] {
  const found = folders.flatMap((folder) =>
    readdirSync(folder, { encoding: 'utf8', recursive: true })
      .filter((name) => name.endsWith('.test.ts') && !name.endsWith('-in-source.test.ts'))
      .map((name) => join(folder, name)),
  );
  return [...found.filter((path) => quickest.test(path)), ...found.filter((path) => !quickest.test(path))];
}

const idOf = (file: string, { name }: Case): string => `${file}: ${name}`;
const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** What went wrong in a case; undefined when nothing did. */
async function faultOf({ act }: Case): Promise<string | undefined> {
  try {
    await act();
    return undefined;
  } catch (error) {
    return wordsOf(error);
  }
}

interface Failure {
  killedBy: string;
  failureMessage: string;
}

/** Runs the cases that `isAsked` until one fails, and counts those that ran. */
async function runUntilFailure(loaded: Loaded, isAsked: (id: string) => boolean) {
  let ran = 0;
  for (const { file, cases } of loaded) {
    for (const one of cases().filter((each) => isAsked(idOf(file, each)))) {
      ran += 1;
      const fault = await faultOf(one);
      if (fault !== undefined) return { ran, failure: { killedBy: idOf(file, one), failureMessage: fault } as Failure };
    }
  }
  return { ran, failure: undefined };
}

function createRunner(): TestRunner {
  let load: () => Loaded = () => [];
  let warm: Loaded = [];

  return {
    capabilities: () => ({ reloadEnvironment: true }),

    async init() {
      process.env['MUTATION'] = '1';
      load = await bundle(testFiles());
    },

    async dryRun(): Promise<DryRunResult> {
      board.activeMutant = undefined;
      board.mutantCoverage = { static: {}, perTest: {} };
      warm = keep(load());
      const tests: TestResult[] = [];
      for (const { file, cases } of warm) {
        for (const one of cases()) {
          const id = idOf(file, one);
          board.currentTestId = id;
          const begun = performance.now();
          const failureMessage = await faultOf(one);
          const told = { id, name: id, fileName: file, timeSpentMs: performance.now() - begun };
          tests.push(failureMessage === undefined ? { ...told, status: 0 } : { ...told, status: 1, failureMessage });
          board.currentTestId = undefined;
        }
      }
      return { status: 'complete', tests, mutantCoverage: board.mutantCoverage } as DryRunResult;
    },

    async mutantRun(options: MutantRunOptions): Promise<MutantRunResult> {
      const { activeMutant, testFilter, hitLimit, mutantActivation } = options;
      if (warm.length === 0) warm = keep(load());
      Object.assign(board, {
        activeMutant: activeMutant.id,
        hitCount: hitLimit === undefined ? undefined : 0,
        hitLimit,
      });
      const asked = testFilter && new Set(testFilter);
      try {
        const loaded = mutantActivation === 'static' ? load() : warm;
        const { ran, failure } = await runUntilFailure(loaded, (id) => asked?.has(id) ?? true);
        if (isEndless()) return { status: 'timeout' } as MutantRunResult;
        if (!failure) return { status: 'survived', nrOfTests: ran } as MutantRunResult;
        return { status: 'killed', nrOfTests: ran, ...failure, killedBy: [failure.killedBy] } as MutantRunResult;
      } catch (error) {
        // A module that cannot even be loaded is found out by every test.
        return { status: 'killed', nrOfTests: 0, killedBy: [], failureMessage: wordsOf(error) } as MutantRunResult;
      } finally {
        board.activeMutant = undefined;
      }
    },
  };
}

const isEndless = (): boolean => board.hitLimit !== undefined && (board.hitCount ?? 0) > board.hitLimit;

/** Loads all files now, so that their cases can be run again without loading anything. */
function keep(loaded: Loaded): Loaded {
  return loaded.map(({ file, cases }) => {
    const found = cases();
    return { file, cases: () => found };
  });
}

export const strykerPlugins = [{ kind: 'TestRunner', name: 'warm', factory: createRunner }];
