/** The operations on orders, on their stages and on what waits for a person. */
import { deskAccounts, deskOrder } from './desk.ts';
import { deskValues } from './desk-values.ts';
import type { Operations } from './operation.ts';

const form = { id: deskOrder('form') };
const order = (name: Parameters<typeof deskOrder>[0]) => ({ id: deskOrder(name) });

export const orderOperations: Operations = {
  'POST /v1/admin/orders': {
    description:
      'Sells a product to an account. The workers then start its workflow and, if it has a form, email the client a link. Send an `Idempotency-Key` to be able to repeat the request without creating a second order.',
    answer: 'The id of the order, and the job that creates it.',
    example: {
      body: {
        account: deskAccounts.brightside,
        product: 'seo',
        tier: 'basic',
        title: 'Riverside Dental: SEO for the new practice',
        reference: 'invoice-4711',
        client: { name: 'Ann Baker', email: 'ann+new-practice@riverside-dental.example' },
      },
    },
  },
  'GET /v1/admin/orders': {
    description:
      'Lists the orders that the key may see, the newest first. All filters must match. Follow `nextCursor` to read every page.',
    answer: 'A page of orders.',
    example: { query: { setup_status: 'onboarding,setup', q: 'riverside', sort_by: 'last_activity', limit: 20 } },
  },
  'GET /v1/admin/orders/{id}': {
    description: 'Shows an order with its stages. The `ETag` header is what `If-Match` takes when you change it.',
    answer: 'The order.',
    example: { path: form },
  },
  'PUT /v1/admin/orders/{id}': {
    description: 'Changes the fields that you send and leaves the others as they are.',
    answer: 'The id of the order, and the job that changes it.',
    example: { path: form, body: { title: 'Riverside Dental: SEO, two practices', reference: 'invoice-4712' } },
  },
  'DELETE /v1/admin/orders/{id}': {
    description:
      'Takes an order out of every list, for instance because it was created by mistake. It stays in the database and in the audit.',
    answer: 'The id of the order, and the job that clears it.',
    example: { path: order('clear'), query: { reason: 'Created twice by mistake.' } },
  },
  'GET /v1/admin/orders/{id}/emails': {
    description: 'Lists every email about an order: to whom it went, and whether it was delivered or refused.',
    answer: 'The emails, the newest first.',
    example: { path: form },
  },
  'GET /v1/admin/orders/{id}/notes': {
    description:
      'Lists every note on an order, the newest first. Notes are numbered from 1. Follow `nextCursor` to read every page.',
    answer: 'A page of notes.',
    example: { path: form, query: { limit: 20 } },
  },
  'PUT /v1/admin/orders/{id}/status': {
    description:
      'Pauses, resumes, completes or cancels an order as a whole. While it is paused, its deadlines and reminders stand still.',
    answer: 'The id of the order, and the job that changes it.',
    example: { path: order('pause'), body: { status: 'paused', reason: 'The client moves house this month.' } },
  },
  'POST /v1/admin/orders/{id}/undo': {
    answer: 'The id of the order, and the job that undoes it.',
    example: { path: order('undo'), body: { reason: 'The client stays after all.' } },
  },
  'PUT /v1/admin/orders/{id}/labels': {
    description: 'Adds or removes a tag or a note, or sets the priority or the due date. One command at a time.',
    answer: 'The id of the order, and the job that changes it.',
    example: { path: form, body: { command: { type: 'set-priority', priority: 'high' } } },
  },
  'PUT /v1/admin/orders/{id}/workflow': {
    description:
      'Moves an order to another version of its product’s workflow. Done stages stay done. Refused with `nothing_changed` if the order is on that version already, as every order of the demo is.',
    answer: 'The id of the order, and the job that moves it.',
    example: {
      path: form,
      body: { version: 1, reason: 'The new version asks for less.' },
      refused: 'nothing_changed',
    },
  },
  'PUT /v1/admin/orders/{id}/stage': {
    description:
      'Acts on one stage. `begin` and `complete` do its work, `review` decides on a form, `back` sends it back to an earlier stage, `skip` and `override` need the right to do so and a reason. What an action needs beyond the stage is in its schema.',
    answer: 'The id of the order, and the job that acts on the stage.',
    example: { path: order('stage'), body: { action: 'review', stage: 'intake', decision: 'approve' } },
  },
  'GET /v1/admin/orders/{id}/setup-progress': {
    description: 'Shows how far an order is, what it is waiting for, and for whom.',
    answer: 'The progress, stage by stage.',
    example: { path: form, query: { detail: 'summary' } },
  },
  'PUT /v1/admin/orders/{id}/assignment': {
    description: 'Says who is responsible for an order and for its stages. The ids are those of the agency’s staff.',
    answer: 'The id of the order, and the job that assigns it.',
    example: { path: form, body: { manager: 'ann', specialists: [{ staff: 'bob', stage: 'keyword_plan' }] } },
  },
  'GET /v1/admin/workload': {
    description: 'Shows how many orders and open stages each staff member has, beside their capacity.',
    answer: 'The staff, with what each has to do.',
    example: {},
  },
  'GET /v1/admin/alerts': {
    description:
      'Lists what a person must look at, the newest first: missed budgets, refused emails, lost access and more. An alert ends with its cause.',
    answer: 'A page of alerts.',
    example: { query: { severity: 'warning', limit: 20 } },
  },
  'PUT /v1/admin/alerts/{id}': {
    description: 'Says that somebody is looking into an alert. It ends only when its cause does.',
    answer: 'The job that records it.',
    example: {
      path: { id: deskValues.alerts.acknowledge },
      body: { state: 'acknowledged', reason: 'I am asking for the right address.' },
    },
  },
  'PUT /v1/admin/alerts/{id}/delivery': {
    description:
      'Settles an email that was refused, or whose delivery is unknown: it arrived after all, the reader was told another way, or it is to be sent again.',
    answer: 'The job that records it.',
    example: {
      path: { id: deskValues.alerts.delivery },
      body: { outcome: 'told', reason: 'I read them the link over the phone.' },
    },
  },
  'POST /v1/admin/orders/{id}/onboarding-link': {
    description:
      'Emails the link of a form again, or to somebody else. A link to another address replaces the one before.',
    answer: 'The id of the order, and the job that sends the link.',
    example: { path: form, body: { stage: 'intake' } },
  },
  'PUT /v1/admin/orders/{id}/onboarding': {
    description: 'Approves what the client sent in, or asks for some of it again.',
    answer: 'The id of the order, and the job that decides.',
    example: {
      path: order('answers'),
      body: {
        status: 'needs_revision',
        fields: [{ field: 'domain', reason: 'This domain belongs to the old practice.' }],
      },
    },
  },
  'GET /v1/admin/onboardings': {
    description: 'Shows the forms of up to 100 orders at once, with the answers if you ask for them.',
    answer: 'The forms, in the order of the ids.',
    example: { query: { orders: `${deskOrder('form')},${deskOrder('answers')}`, answers: 'true' } },
  },
};
