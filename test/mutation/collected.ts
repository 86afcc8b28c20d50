/**
 * What the rules' tests see in place of vitest while mutants are tried: its `expect`, and a `describe` and `test` that only
 * write down what there is to run. Nothing here knows of fixtures or fake timers; those tests use none.
 */
export { expect } from 'vitest';

export interface Case {
  name: string;
  act: () => unknown;
}

type Hook = () => unknown;
type Act = (...args: never[]) => unknown;

const titles: string[] = [];
const cases: Case[] = [];
let setUps: Hook[] = [];
let tearDowns: Hook[] = [];

/** The cases that `load` declares. */
export function collect(load: () => void): Case[] {
  cases.length = 0;
  titles.length = 0;
  setUps = [];
  tearDowns = [];
  load();
  return setUps.length === 0 ? [...cases] : cases.map((one) => ({ ...one, act: within(one.act, setUps, tearDowns) }));
}

/** A file that sets something up has it set up for each of its cases, which are run one by one and in any number. */
const within = (act: Hook, begin: readonly Hook[], end: readonly Hook[]) => async (): Promise<void> => {
  for (const hook of begin) await hook();
  try {
    await act();
  } finally {
    for (const hook of end) await hook();
  }
};

const rowOf = (row: unknown): never[] => (Array.isArray(row) ? row : [row]) as never[];

function each<Row>(declare: (name: string, act: () => unknown) => void) {
  return (rows: readonly Row[]) =>
    (name: string, act: Act): void => {
      for (const [index, row] of rows.entries()) declare(`${name} #${index + 1}`, () => act(...rowOf(row)));
    };
}

function declareSuite(name: string, act: () => unknown): void {
  titles.push(name);
  act();
  titles.pop();
}

function declareTest(name: string, act: () => unknown): void {
  cases.push({ name: [...titles, name].join(' > '), act });
}

const skip = (): void => {};
export const describe = Object.assign(declareSuite, { each: each(declareSuite) });
export const test = Object.assign(declareTest, {
  each: each(declareTest),
  skipIf: (isSkipped: boolean) => (isSkipped ? skip : declareTest),
});
export const beforeAll = (hook: Hook): void => void setUps.push(hook);
export const afterAll = (hook: Hook): void => void tearDowns.push(hook);
