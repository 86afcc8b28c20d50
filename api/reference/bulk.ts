/** The operations on many orders at once, and on work that failed for good. */
import { deskAccounts, deskDeadLetters, deskOperation, deskOrder } from './desk.ts';
import { deskValues } from './desk-values.ts';
import type { Operations } from './operation.ts';

const operation = (name: Parameters<typeof deskOperation>[0]) => ({ id: deskOperation(name) });
const fingerprint = '0000000000000000';

export const bulkOperations: Operations = {
  'GET /v1/bulk-operations': {
    description: 'Lists the bulk operations that the key may see, the newest first.',
    answer: 'A page of bulk operations.',
    example: { query: { limit: 20 } },
  },
  'POST /v1/bulk-operations': {
    description:
      'Finds out what a change would do to every order, and changes nothing. Select the orders by a filter, by ids, or with a CSV body (`text/csv`) that has a column `order`. Start the plan by its hash within 24 hours.',
    answer: 'The operation. Its plan is there once every order has been looked at.',
    example: {
      body: {
        agency: 'brightside',
        action: { type: 'tag-order', add: ['spring-campaign'] },
        reason: 'They take part in the spring campaign.',
        filter: { account: deskAccounts.brightside, setup_status: 'onboarding' },
      },
    },
  },
  'GET /v1/bulk-operations/{id}': {
    description: 'Shows a bulk operation, what its plan would change, and how far it is.',
    answer: 'The operation.',
    example: { path: operation('bulk-start') },
  },
  'GET /v1/bulk-operations/{id}/result': {
    description: 'Exports what became of every order, as CSV.',
    answer: 'One row for each order, as CSV.',
    example: { path: operation('bulk-undo') },
  },
  'POST /v1/bulk-operations/{id}/start': {
    description:
      'Starts a plan by its hash, so that nothing else is started than what was looked at. An agency has one operation under way at a time.',
    answer: 'The operation, which is running.',
    example: { path: operation('bulk-start'), body: { hash: deskValues.planHash } },
  },
  'POST /v1/bulk-operations/{id}/undo': {
    description: 'Plans to put back what an operation has changed, where it still stands. Up to 7 days after its end.',
    answer: 'The new operation. Its plan is there once every order has been looked at.',
    example: { path: operation('bulk-undo'), body: { reason: 'The campaign was called off.' } },
  },
  'POST /v1/bulk-operations/{id}/pause': {
    description: 'Pauses an operation. What is being done is finished first.',
    answer: 'The operation, which is paused.',
    example: { path: operation('bulk-pause'), body: { reason: 'Somebody has a question.' } },
  },
  'POST /v1/bulk-operations/{id}/resume': {
    description: 'Goes on with an operation that was paused.',
    answer: 'The operation, which is running.',
    example: { path: operation('bulk-resume'), body: { reason: 'The question is answered.' } },
  },
  'POST /v1/bulk-operations/{id}/cancel': {
    description: 'Ends an operation early. Orders that were not changed yet stay as they are.',
    answer: 'The operation.',
    example: { path: operation('bulk-cancel'), body: { reason: 'It is not needed any more.' } },
  },
  'POST /v1/bulk-operations/{id}/retry-failed': {
    description: 'Tries again what failed or met a change by somebody else, on the orders as they are now.',
    answer: 'The operation, which is running.',
    example: { path: operation('bulk-retry'), body: { reason: 'Their value is the one we want after all.' } },
  },
  'GET /v1/admin/dead-letters': {
    description: 'Lists work that failed for good, by cause, with how many orders it holds up.',
    answer: 'The causes.',
    example: {},
  },
  'GET /v1/admin/dead-letters/{fingerprint}': {
    description: 'Shows the work of one cause, with its data. The fingerprint is in the list.',
    answer: 'The dead letters.',
    example: { path: { fingerprint } },
  },
  'POST /v1/admin/dead-letters/replay': {
    description:
      'Tries work again once its cause is gone. Name a fingerprint or ids. What may already have been done is left alone and listed.',
    answer: 'How many are tried again, and which are not.',
    example: { body: { ids: [deskDeadLetters.replay], reason: 'The cause is mended.' } },
  },
  'POST /v1/admin/dead-letters/discard': {
    description: 'Gives work up for good. Name a fingerprint or ids.',
    answer: 'How many were given up.',
    example: { body: { ids: [deskDeadLetters.discard], reason: 'Done by hand.' } },
  },
  'POST /v1/admin/dead-letters/items/{item}/replay': {
    description: 'Tries one piece of work again with other data, which must fit its kind.',
    answer: 'How many are tried again.',
    example: {
      path: { item: deskDeadLetters.edit },
      body: {
        payload: { order: deskOrder('form'), command: { type: 'tag-order', add: ['mended'] } },
        reason: 'The tag was missing.',
      },
    },
  },
};
