/**
 * Every refusal the system can answer with: code, HTTP status, title and cure. A refusal is an answer and is never
 * retried; anything else that is thrown is a fault and is. ERRORS.md is kept equal to this table by a test.
 */
import { clip } from './clip.ts';
import { refusalsOfOperations } from './refusals-of-operations.ts';

export const refusals = {
  // Asking
  invalid_request: { status: 400, title: 'The request is invalid', cure: 'Correct the fields listed in `errors`.' },
  unauthenticated: { status: 401, title: 'Not authenticated', cure: 'Send `Authorization: Bearer <API key>`.' },
  forbidden: {
    status: 403,
    title: 'Not allowed for this role',
    cure: 'Use a key whose role has the right named in `detail`.',
  },
  not_found: { status: 404, title: 'Not found', cure: 'Check the id, and that it belongs to your agency or account.' },
  order_not_found: {
    status: 404,
    title: 'Order not found',
    cure: 'Check the id, and that the order belongs to your agency or account.',
  },
  job_not_found: { status: 404, title: 'Job not found', cure: 'Check the id. Settled jobs are kept for 30 days.' },
  link_not_valid: { status: 404, title: 'This link is not valid', cure: 'Ask for a new link.' },
  method_not_allowed: {
    status: 405,
    title: 'Method not allowed',
    cure: 'See the API reference for the methods of this route.',
  },
  unsupported_media_type: { status: 415, title: 'Unsupported content type', cure: 'Send `application/json`.' },
  payload_too_large: { status: 413, title: 'The body is too large', cure: 'Send less data in one request.' },
  too_many_requests: {
    status: 429,
    title: 'Too many requests',
    cure: 'Wait for the number of seconds in `Retry-After`.',
  },
  unavailable: {
    status: 503,
    title: 'The database is unavailable',
    cure: 'Try again shortly. Nothing was accepted.',
  },
  // Preconditions
  key_reused: { status: 422, title: 'This Idempotency-Key was used for a different request', cure: 'Use a new key.' },
  version_required: { status: 428, title: 'If-Match is required', cure: 'Send the `ETag` of the order you read.' },
  version_changed: {
    status: 412,
    title: 'The order has changed since you read it',
    cure: 'Read it again, then repeat the request.',
  },
  // Catalogue
  unknown_product: { status: 422, title: 'Unknown product', cure: 'Choose one of the products listed.' },
  unknown_tier: { status: 422, title: 'Unknown tier', cure: 'Choose one of the tiers listed.' },
  account_not_found: { status: 404, title: 'Account not found', cure: 'Check the account id.' },
  // Accounts
  grant_not_requested: {
    status: 409,
    title: 'This access has not been requested',
    cure: 'Request it first, or attest it.',
  },
  grant_state_wrong: {
    status: 409,
    title: 'The access is not in a state that allows this',
    cure: 'Check its state, then request, attest or revoke it.',
  },
  grant_not_probed: {
    status: 409,
    title: 'This access cannot be checked automatically',
    cure: 'Attest it, or request it again with an endpoint or a DNS record to check.',
  },
  // Workflow
  unknown_stage: { status: 422, title: 'The workflow has no such stage', cure: 'Choose one of the stages listed.' },
  stage_not_reachable: {
    status: 409,
    title: 'The stage cannot be reached from here',
    cure: 'Check the setup progress.',
  },
  stage_not_ready: {
    status: 409,
    title: 'The stage is still waiting for something',
    cure: 'Check what it is waiting for.',
  },
  stage_finished: {
    status: 409,
    title: 'The stage is already finished',
    cure: 'If it is wrong, send it back with a reason.',
  },
  stage_begun: {
    status: 409,
    title: 'The stage has already been started',
    cure: 'Complete it, or check who is working on it.',
  },
  stage_open: { status: 409, title: 'The stage is already open', cure: 'Nothing to do. Check the setup progress.' },
  wrong_gate: {
    status: 409,
    title: 'This stage is completed in a different way',
    cure: 'Use the action that its gate accepts.',
  },
  exit_data_invalid: {
    status: 422,
    title: 'The stage cannot be completed with this data',
    cure: 'Correct the fields listed in `errors`.',
  },
  reason_required: { status: 422, title: 'A reason is required', cure: 'Send a `reason`.' },
  same_person: { status: 409, title: 'This check needs a second person', cure: 'Ask somebody else to check it.' },
  exception_not_requested: { status: 409, title: 'No exception is requested', cure: 'Request one, with evidence.' },
  not_skippable: {
    status: 409,
    title: 'This stage cannot be skipped',
    cure: 'It guards spend, tracking or a launch. Decide it, complete it, or request an exception from its check.',
  },
  rounds_used_up: {
    status: 409,
    title: 'No revision rounds are left',
    cure: 'Sell another round, or override with a reason.',
  },
  approval_void: {
    status: 409,
    title: 'What was shown has changed',
    cure: 'Review the new version, then decide again.',
  },
  approval_expired: { status: 409, title: 'The approval request has expired', cure: 'Ask for a new approval request.' },
  request_underway: {
    status: 409,
    title: 'The previous request is still being processed',
    cure: 'Wait until it is recorded, then ask again if you still need to.',
  },
  subscription_inactive: {
    status: 409,
    title: 'The subscription is not active',
    cure: 'Reactivate the subscription. The order then continues automatically.',
  },
  unknown_version: {
    status: 422,
    title: 'The workflow has no such version',
    cure: 'Choose one of the versions listed.',
  },
  migration_blocked: {
    status: 409,
    title: 'The order cannot be moved to that version',
    cure: 'Map its current stage, or wait until the order has left that stage.',
  },
  value_moved: {
    status: 409,
    title: 'The value has changed since it was written',
    cure: "Check the order. An undo does not overwrite somebody else's change.",
  },
  nothing_changed: {
    status: 409,
    title: 'Nothing would change',
    cure: 'Nothing to do. The order already has these values.',
  },
  outcome_unknown: {
    status: 409,
    title: 'The outcome is unknown',
    cure: 'Find out what happened, then resolve the outcome with a reason.',
  },
  delegated_too_often: {
    status: 409,
    title: 'The decision was passed on too many times',
    cure: 'Decide yourself, or contact the agency.',
  },
  staff_not_found: { status: 404, title: 'Staff member not found', cure: 'Check the id against the workload list.' },
  alert_not_found: { status: 404, title: 'Alert not found', cure: 'Check the id against the list of alerts.' },
  alert_resolved: {
    status: 409,
    title: 'The alert is already resolved',
    cure: 'Nothing to do. Its cause no longer exists.',
  },
  reference_taken: {
    status: 409,
    title: 'Another order of the account has this reference',
    cure: 'Use another reference, or change that order.',
  },
  order_exists: { status: 409, title: 'The order already exists', cure: 'Nothing to do.' },
  order_not_live: { status: 409, title: 'The order is not live', cure: 'Only a live order can be completed.' },
  already_decided: {
    status: 409,
    title: 'The decision has already been made',
    cure: 'It cannot be changed here. Contact the agency.',
  },
  order_open: {
    status: 409,
    title: 'The order is open',
    cure: 'Nothing to undo: only an order that was completed, cancelled or cleared can be taken back.',
  },
  order_closed: {
    status: 409,
    title: 'The order is closed',
    cure: 'Completed and cancelled orders cannot be changed. For seven days, the closing can be undone.',
  },
  order_paused: { status: 409, title: 'The order is paused', cure: 'Resume it first.' },
  order_not_paused: { status: 409, title: 'The order is not paused', cure: 'Only a paused order can be resumed.' },
  // Bulk and undo
  ...refusalsOfOperations,
  // Mail
  mail_rejected: {
    status: 422,
    title: 'The email was rejected',
    cure: 'Correct the address and send it again.',
  },
  delivery_unknown: {
    status: 409,
    title: 'It is unknown whether the email was delivered',
    cure: 'Ask the recipient, then send it again if needed.',
  },
  superseded: { status: 409, title: 'This is no longer needed', cure: 'Nothing to do. The order has moved on.' },
} as const satisfies Record<string, { status: number; title: string; cure: string }>;

export type RefusalCode = keyof typeof refusals;

/** One thing that is wrong with the input: `pointer` is a JSON Pointer, `rule` what was broken, `message` what would pass. */
export interface FieldError {
  pointer: string;
  rule: string;
  message: string;
}

/** How much of what is wrong is told. Whoever sends a hundred thousand wrong fields is not answered with as many. */
const told = { errors: 20, characters: 500, sentence: 2_000 };

/**
 * A rule says no. Thrown; answered by the API as a problem document, recorded by a worker as the item's outcome. Of many
 * field errors the first 20 are kept, and `errorCount` says how many there were.
 */
export class Refusal extends Error {
  readonly code: RefusalCode;
  readonly status: number;
  readonly errors: FieldError[];
  readonly errorCount: number;

  constructor(code: RefusalCode, message: string, errors: readonly FieldError[] = []) {
    super(clipped(message, told.sentence));
    this.name = 'Refusal';
    this.code = code;
    this.status = refusals[code].status;
    this.errors = errors.slice(0, told.errors).map(clippedError);
    this.errorCount = errors.length;
  }
}

const clippedError = ({ pointer, rule, message }: FieldError): FieldError => ({
  pointer: clipped(pointer, told.characters),
  rule,
  message: clipped(message, told.characters),
});

const clipped = (text: string, most: number): string => (text.length <= most ? text : `${clip(text, most)}…`);

/** Somebody else wrote first. A fault on purpose: reading again is the cure. */
export class LostRace extends Error {
  override name = 'LostRace';
}

/** Not now, and nobody's mistake: the job is put off for `delay` ms without using up an attempt. */
export class NotYet extends Error {
  override name = 'NotYet';
  readonly delay: number;

  constructor(message: string, delay: number) {
    super(message);
    this.delay = delay;
  }
}
