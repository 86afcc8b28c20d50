/** Every worker, by the name of its queue. */
import type { WorkerDefinition } from './define.ts';
import { setupWorker } from './setup.ts';

export const workers: Record<string, WorkerDefinition> = { setup: setupWorker };
