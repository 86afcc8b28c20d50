/** A worker with a defect: its contract takes no notification at all. */
import { pathToFileURL } from 'node:url';
import { z } from 'zod';
import { builtFile } from '../built.ts';

const file = pathToFileURL(builtFile('queues/notifications.ts')).href;
const { notifications } = (await import(file)) as { notifications: { jobs: Record<string, z.ZodType> } };
notifications.jobs['notify'] = z.never();
