/** Refusals and faults: a refusal carries the status of its code, and the table says what ERRORS.md says. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { LostRace, NotYet, Refusal, refusals } from '../../kernel/errors.ts';

const written = new Map(
  readFileSync(join(import.meta.dirname, '../../ERRORS.md'), 'utf8')
    .split('\n')
    .map((row) => /^\| `(\w+)` \| (\d{3}) \| (.+)\. \| (.+) \|$/.exec(row))
    .flatMap((row) => (row ? [[row[1], { status: Number(row[2]), title: row[3], cure: row[4] }] as const] : [])),
);

describe('a refusal', () => {
  test.each(Object.entries(refusals))('%s is as ERRORS.md says', (code, refusal) => {
    expect(written.get(code)).toEqual(refusal);
  });

  test('has the status of its code and the fields that were named', () => {
    const fields = [{ pointer: '/stage', rule: 'required', message: 'Enter it.' }];
    const refusal = new Refusal('stage_not_ready', 'It waits.', fields);
    expect(refusal).toMatchObject({ name: 'Refusal', code: 'stage_not_ready', status: 409, message: 'It waits.' });
    expect(refusal.errors).toEqual(fields);
    expect(new Refusal('not_found', 'It is gone.').errors).toEqual([]);
  });
});

test('a fault is told apart by its name', () => {
  expect(new LostRace().name).toBe('LostRace');
  expect(new NotYet('Later.', 5_000)).toMatchObject({ name: 'NotYet', delay: 5_000 });
});
