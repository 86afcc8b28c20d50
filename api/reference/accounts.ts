/** The operations on accounts, of the store, and on jobs. */
import { deskAccounts, deskJob, deskOrder } from './desk.ts';
import type { Operations } from './operation.ts';

const { brightside, quiet } = deskAccounts;
const form = { id: deskOrder('form') };

export const accountOperations: Operations = {
  'GET /v1/admin/accounts': {
    description: 'Lists the accounts that the key may see, by id. Follow `nextCursor` to read every page.',
    answer: 'A page of accounts.',
    example: { query: { q: 'riverside', limit: 20 } },
  },
  'GET /v1/admin/accounts/{id}': {
    description:
      'Shows an account with the facts that its orders go by. The `ETag` header is what `If-Match` takes when you change it.',
    answer: 'The account.',
    example: { path: { id: brightside } },
  },
  'GET /v1/admin/accounts/{id}/emails': {
    description:
      'Lists every email about an account’s orders: to whom it went, and whether it was delivered or refused.',
    answer: 'The emails, the newest first.',
    example: { path: { id: brightside } },
  },
  'GET /v1/admin/accounts/{id}/grants': {
    description: 'Lists the access that an account has given, was asked for, or has taken away.',
    answer: 'The grants.',
    example: { path: { id: brightside } },
  },
  'POST /v1/admin/accounts/{id}/grants': {
    description: 'Asks an account for access once, for all its orders.',
    answer: 'The id of the account, and the job that asks.',
    example: { path: { id: quiet }, body: { grant: 'cms' } },
  },
  'PUT /v1/admin/accounts/{id}/grants/{grant}': {
    description:
      'Asks for access again, records that it was given, refused or taken away, or has it checked now. Orders that wait for it go on once it is given.',
    answer: 'The id of the account, and the job that records it.',
    example: {
      path: { id: quiet, grant: 'cms' },
      body: { action: 'attest', evidence: 'Signed in to the CMS as an administrator.' },
    },
  },
  'PUT /v1/admin/accounts/{id}/subscription': {
    description:
      'Records how an account’s subscription stands. While it is not active, its orders and their deadlines stand still.',
    answer: 'The id of the account, and the job that records it.',
    example: { path: { id: quiet }, body: { status: 'past_due', reason: 'The card was refused.' } },
  },
  'GET /v1/store/orders': {
    description: 'Lists the orders that the key may see, as their clients may see them.',
    answer: 'A page of orders.',
    example: { query: { setup_status: 'live', limit: 20 } },
  },
  'GET /v1/store/orders/my-orders': {
    description: 'Lists the orders of the accounts that the key is limited to. Takes a key that names accounts.',
    answer: 'A page of orders.',
    example: { query: { limit: 20 }, as: 'client' },
  },
  'GET /v1/store/orders/my-forms': {
    description: 'Lists the forms of the accounts that the key is limited to. Takes a key that names accounts.',
    answer: 'The forms.',
    example: { query: { sort_by: 'status', limit: 20 }, as: 'client' },
  },
  'GET /v1/store/orders/{id}': {
    description: 'Shows an order as its client may see it.',
    answer: 'The order.',
    example: { path: form },
  },
  'GET /v1/store/orders/{id}/status': {
    description: 'Shows how far an order is and what it is waiting for, in a client’s words.',
    answer: 'The status.',
    example: { path: form },
  },
  'GET /v1/store/orders/{id}/timeline': {
    description: 'Tells what has happened to an order, in a client’s words, the oldest first.',
    answer: 'The moments of the order.',
    example: { path: form },
  },
  'POST /v1/jobs': {
    description:
      'Takes any command that staff may give, as data: for services that prefer one address to many. `create-order` names an account, every other command an order.',
    answer: 'The id of the order, and the job that carries out the command.',
    example: { body: { order: deskOrder('form'), command: { type: 'tag-order', add: ['from-the-reference'] } } },
  },
  'GET /v1/jobs/{id}': {
    description:
      'Shows what became of something that was accepted. With `Prefer: wait=n` it answers as soon as the outcome is there.',
    answer: 'The job.',
    example: { path: { id: deskJob('form') } },
  },
};
