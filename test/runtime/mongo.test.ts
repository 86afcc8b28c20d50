/** A process whose clock is not the database's would wake timers early: it is not let in. */
import { expect, test } from 'vitest';
import { after, hours, seconds, systemClock } from '../../kernel/time.ts';
import { mustAgreeOnTime } from '../../runtime/mongo.ts';
import { freshDatabase } from '../support/mongo.ts';

const connection = await freshDatabase();
const off = (ms: number) => ({ now: () => after(systemClock.now(), ms) });

test('a clock that agrees with the database is let in', async () => {
  await expect(mustAgreeOnTime(connection, off(seconds(2)))).resolves.toBeUndefined();
});

test.each([hours(1), -hours(1)])('a clock that is %i ms away is not', async (ms) => {
  await expect(mustAgreeOnTime(connection, off(ms))).rejects.toThrow('3600 s away');
});
