/** Work as it enters the collection, and the fingerprint of a failure. */
import { describe, expect, test } from 'vitest';
import { after as later, seconds } from '../../kernel/time.ts';
import { failureOf, openWork, type WorkDraft } from '../../kernel/work.ts';

const now = new Date('2026-03-02T14:00:00Z');
const draft: WorkDraft = {
  ...{ _id: 'w1', queue: 'setup', kind: 'command', schema: 1, payload: { a: 1 } },
  ...{ actor: { type: 'system', id: 'orderworks' }, cause: 'api', agency: 'agency', account: 'account' },
};

describe('work', () => {
  test('waits for its first lease, whatever its phase', () => {
    expect(openWork(draft, 'ready', now)).toEqual({
      ...draft,
      ...{ state: 'open', phase: 'ready', generation: 0, probes: 0, runAt: now, createdAt: now },
      dueAt: later(now, seconds(10)),
      bodyHash: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
  });

  test('that is nudged at once is in its first generation', () => {
    expect(openWork(draft, 'nudged', now)).toMatchObject({ phase: 'nudged', generation: 1 });
  });

  test('of later waits, in no generation yet', () => {
    const put = { ...draft, runAt: later(now, 1) };
    expect(openWork(put, 'nudged', now)).toMatchObject({ phase: 'waiting', generation: 0, runAt: later(now, 1) });
    expect(openWork({ ...draft, runAt: now }, 'nudged', now)).toMatchObject({ phase: 'nudged', generation: 1 });
  });

  test('has one hash for one request, whoever asks and whenever', () => {
    const hash = (fields: Partial<WorkDraft>) => openWork({ ...draft, ...fields }, 'ready', now).bodyHash;
    expect(hash({ _id: 'w2', cause: 'timer', runAt: later(now, 5) })).toBe(hash({}));
    const others: Partial<WorkDraft>[] = [
      ...[{ queue: 'mail' }, { kind: 'other' }, { payload: { a: 2 } }, { agency: 'x' }, { account: 'x' }],
      { reason: 'So.' },
    ];
    for (const other of others) expect(hash(other), JSON.stringify(other)).not.toBe(hash({}));
  });
});

describe('a failure', () => {
  const failed = (message: string, kind = 'mail') => failureOf(kind, new Error(message), now);

  test('says its name and its words, in 500 characters at most', () => {
    expect(failed('connect ECONNREFUSED')).toMatchObject({ message: 'Error: connect ECONNREFUSED', at: now });
    expect(failed('x'.repeat(600)).message).toHaveLength(500);
    expect(failureOf('mail', 'just words', now).message).toBe('Error: just words');
  });

  test('has the fingerprint of its cause, whatever numbers and ids are in its words', () => {
    const one = failed('order 01HZX3K5T9QW8E7R6Y5T4V3B2A, port 25, key 0123456789abcdef').fingerprint;
    expect(one).toMatch(/^[0-9a-f]{16}$/);
    expect(failed('order 01JABCDEFGHJKMNPQRSTVWXYZ0, port 2525, key fedcba98765432100').fingerprint).toBe(one);
    expect(failed('order of nobody, port 25, key 0123456789abcdef').fingerprint).not.toBe(one);
    expect(failed('connect', 'mail').fingerprint).not.toBe(failed('connect', 'form').fingerprint);
    expect(failureOf('mail', new TypeError('connect'), now).fingerprint).not.toBe(failed('connect').fingerprint);
  });

  test('goes by the first 200 characters of its words', () => {
    expect(failed(`${'x'.repeat(200)}a`).fingerprint).toBe(failed(`${'x'.repeat(200)}b`).fingerprint);
    expect(failed(`${'x'.repeat(199)}a`).fingerprint).not.toBe(failed(`${'x'.repeat(199)}b`).fingerprint);
  });
});
