/** Two processes with one database, as far as their stores can tell: neither joins its writes with the other's. */
import mongoose from 'mongoose';
import { afterAll, inject } from 'vitest';
import { system } from '../../kernel/actor.ts';
import type { HistoryEntry } from '../../kernel/history.ts';
import { after } from '../../kernel/time.ts';
import { openWork, type WorkDraft, type WorkItem, type WorkPhase } from '../../kernel/work.ts';
import type { Change } from '../../models/aggregate.ts';
import { type Models, openModels, syncIndexes } from '../../models/open.ts';
import { documentOptions } from '../../runtime/mongo.ts';
import { uniqueName } from '../support/ids.ts';

export const at = new Date('2026-03-02T09:00:00Z');
export const later = (ms: number): Date => after(at, ms);

export async function twoProcesses(): Promise<[Models, Models]> {
  const uri = new URL(inject('mongoUri'));
  uri.pathname = `/${uniqueName('races')}`;
  const open = async () => openModels(await mongoose.createConnection(uri.href, documentOptions).asPromise());
  const both: [Models, Models] = [await open(), await open()];
  await syncIndexes(both[0]);
  afterAll(async () => {
    await both[0].connection.dropDatabase();
    await Promise.all(both.map(({ connection }) => connection.close()));
  });
  return both;
}

/** `times` tries at once, by one process and the other in turn. */
export function race<T>(
  both: readonly [Models, Models],
  times: number,
  attempt: (models: Models, n: number) => Promise<T>,
): Promise<T[]> {
  return Promise.all(Array.from({ length: times }, (_, n) => attempt(both[n % 2] ?? both[0], n)));
}

export const won = (answers: readonly unknown[]): number => answers.filter((answer) => answer === true).length;

function aDraft(_id: string, more: Partial<WorkDraft> = {}): WorkDraft {
  const about = { agency: 'nordlicht', account: 'acme', order: 'ord_1' };
  return {
    _id,
    queue: 'fulfillment',
    kind: 'command',
    schema: 1,
    payload: {},
    actor: system,
    cause: 'api',
    ...about,
    ...more,
  };
}

export const anItem = (_id: string, phase: WorkPhase = 'ready', more: Partial<WorkDraft> = {}): WorkItem =>
  openWork(aDraft(_id, more), phase, at);

/** What a work item does to an aggregate: sets who was last, and has one thing done elsewhere. */
export function aChange(work: string, more: Partial<Change> = {}): Change {
  const entry: HistoryEntry = {
    at,
    work,
    actor: system,
    cause: 'worker',
    action: 'touch',
    outcome: 'done',
    events: [{ type: 'touched', by: work }],
  };
  const { _id: _, ...effect } = aDraft('');
  return { entry, effects: [{ ...effect, payload: { by: work } }], set: { last: work }, dueAt: at, ...more };
}
