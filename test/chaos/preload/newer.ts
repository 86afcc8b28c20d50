/** Makes the process a newer version of the application: it knows the next version of the setup queue's payloads. */
import { pathToFileURL } from 'node:url';
import { builtFile } from '../built.ts';

const { setup } = (await import(pathToFileURL(builtFile('queues/setup.ts')).href)) as { setup: { schema: number } };
setup.schema += 1;
