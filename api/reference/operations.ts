/** All that the reference says of operations; a test compares it with the routes that there are. */
import { accountOperations } from './accounts.ts';
import { bulkOperations } from './bulk.ts';
import type { Operations } from './operation.ts';
import { orderOperations } from './orders.ts';
import { pageOperations } from './pages.ts';
import { reportOperations } from './reports.ts';

export const operations: Operations = {
  ...orderOperations,
  ...accountOperations,
  ...reportOperations,
  ...bulkOperations,
  ...pageOperations,
};
