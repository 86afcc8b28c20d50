/** Makes the process a newer version of the application: it knows the next version of the setup queue's payloads. */
import { setup } from '../../../queues/setup.ts';

(setup as { schema: number }).schema += 1;
