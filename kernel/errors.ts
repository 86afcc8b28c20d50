/**
 * Every refusal the system can answer with: code, HTTP status, title and cure. A refusal is an answer and is never
 * retried; anything else that is thrown is a fault and is. ERRORS.md is kept equal to this table by a test.
 */
export const refusals = {
  // Asking
  invalid_request: { status: 400, title: 'The request is malformed', cure: 'Correct the fields named in `errors`.' },
  unauthenticated: { status: 401, title: 'Who is asking is unknown', cure: 'Send `Authorization: Bearer <API key>`.' },
  forbidden: { status: 403, title: 'The role lacks the right', cure: 'Ask somebody whose role has the right named.' },
  not_found: { status: 404, title: 'There is no such thing', cure: 'Check the id and that it belongs to you.' },
  order_not_found: { status: 404, title: 'There is no such order', cure: 'Check the id and that it belongs to you.' },
  job_not_found: { status: 404, title: 'There is no such job', cure: 'Check the id; settled jobs are kept 30 days.' },
  link_not_valid: { status: 404, title: 'The link is not valid', cure: 'Ask for a new link.' },
  method_not_allowed: { status: 405, title: 'The method is not offered here', cure: 'See the API reference.' },
  unsupported_media_type: { status: 415, title: 'The body type is not understood', cure: 'Send application/json.' },
  payload_too_large: { status: 413, title: 'The body is too large', cure: 'Send less at once.' },
  too_many_requests: { status: 429, title: 'Too many requests', cure: 'Wait as long as `Retry-After` says.' },
  unavailable: {
    status: 503,
    title: 'The database cannot be reached',
    cure: 'Try again shortly; nothing was accepted.',
  },
  // Preconditions
  key_reused: { status: 422, title: 'The Idempotency-Key belongs to another request', cure: 'Use a new key.' },
  version_required: { status: 428, title: 'If-Match is required', cure: 'Send the ETag of the order you read.' },
  version_changed: {
    status: 412,
    title: 'The order has changed meanwhile',
    cure: 'Read it again and repeat the request.',
  },
  // Catalogue
  unknown_product: { status: 422, title: 'The product is not sold', cure: 'Choose one of the products named.' },
  unknown_tier: { status: 422, title: 'The tier is not sold', cure: 'Choose one of the tiers named.' },
  account_not_found: { status: 404, title: 'There is no such account', cure: 'Check the account id.' },
  // Accounts
  grant_not_requested: {
    status: 409,
    title: 'The access has not been asked for',
    cure: 'Request it first, or attest it.',
  },
  grant_state_wrong: {
    status: 409,
    title: 'The access stands where that cannot happen',
    cure: 'See where it stands; request, attest or revoke it accordingly.',
  },
  grant_not_probed: {
    status: 409,
    title: 'There is nothing to look at',
    cure: 'Attest the access, or request it with an endpoint or a DNS record to look at.',
  },
  // Workflow
  unknown_stage: { status: 422, title: 'The workflow has no such stage', cure: 'Choose one of the stages named.' },
  stage_not_reachable: { status: 409, title: 'The stage cannot be reached from here', cure: 'See the setup progress.' },
  stage_not_ready: { status: 409, title: 'The stage still waits for something', cure: 'See what it waits for.' },
  stage_finished: {
    status: 409,
    title: 'The stage is finished already',
    cure: 'Send it back, with a reason, if it is wrong.',
  },
  stage_begun: { status: 409, title: 'The stage has been begun already', cure: 'Complete it, or see who is at it.' },
  stage_open: { status: 409, title: 'The stage is open already', cure: 'Nothing to do; see the setup progress.' },
  wrong_gate: { status: 409, title: 'The stage is left in another way', cure: 'Use the action that its gate takes.' },
  exit_data_invalid: {
    status: 422,
    title: 'The stage cannot be left with these data',
    cure: 'Correct the fields named.',
  },
  reason_required: { status: 422, title: 'A reason is required', cure: 'Say why, in `reason`.' },
  same_person: { status: 409, title: 'The check needs a second person', cure: 'Let somebody else check it.' },
  not_skippable: { status: 409, title: 'The stage cannot be skipped', cure: 'It approves spend, tracking or launch.' },
  rounds_used_up: {
    status: 409,
    title: 'No further round is included',
    cure: 'Override with a reason, or sell a round.',
  },
  approval_void: {
    status: 409,
    title: 'What was shown has changed',
    cure: 'Look at the new version and decide again.',
  },
  approval_expired: { status: 409, title: 'The approval has expired', cure: 'Ask for a new approval request.' },
  request_underway: {
    status: 409,
    title: 'The last request is still on its way',
    cure: 'Wait until it is recorded; then ask again if it is still wanted.',
  },
  subscription_inactive: {
    status: 409,
    title: 'The subscription is not active',
    cure: 'Bring the subscription in order; the order then goes on by itself.',
  },
  unknown_version: {
    status: 422,
    title: 'The workflow has no such version',
    cure: 'Choose one of the versions named.',
  },
  migration_blocked: {
    status: 409,
    title: 'The order cannot be moved to that version',
    cure: 'Map the stage it stands in, or wait until it has left it.',
  },
  value_moved: {
    status: 409,
    title: 'What was written has changed since',
    cure: 'Look at the order; what somebody else wrote is not undone.',
  },
  nothing_changed: { status: 409, title: 'Nothing would change', cure: 'Nothing to do; it is so already.' },
  outcome_unknown: {
    status: 409,
    title: 'Whether it was done is unknown',
    cure: 'Find out, and resolve the outcome with a reason.',
  },
  delegated_too_often: {
    status: 409,
    title: 'The decision was handed on too often',
    cure: 'Decide, or speak with the agency.',
  },
  staff_not_found: { status: 404, title: 'There is no such member of staff', cure: 'Check the id; see the workload.' },
  alert_not_found: { status: 404, title: 'There is no such alert', cure: 'Check the id; see the list of alerts.' },
  alert_resolved: { status: 409, title: 'The alert is over', cure: 'Nothing to do; its cause has ended.' },
  order_exists: { status: 409, title: 'The order exists already', cure: 'Nothing to do.' },
  order_not_live: { status: 409, title: 'The order is not live', cure: 'Only a live order can be completed.' },
  already_decided: { status: 409, title: 'The decision has been made', cure: 'It stands; speak with the agency.' },
  order_closed: { status: 409, title: 'The order is closed', cure: 'Completed and cancelled orders stay as they are.' },
  order_paused: { status: 409, title: 'The order is paused', cure: 'Resume it first.' },
  order_not_paused: { status: 409, title: 'The order is not paused', cure: 'Only a paused order can be resumed.' },
  // Bulk
  operation_not_found: {
    status: 404,
    title: 'There is no such operation',
    cure: 'Check the id and that it belongs to you.',
  },
  nothing_matched: { status: 422, title: 'No order matches', cure: 'Widen the filter; nothing was planned.' },
  operation_not_planned: {
    status: 409,
    title: 'The plan is still being made',
    cure: 'Wait until its status is `planned`; then start it with its hash.',
  },
  operation_started: {
    status: 409,
    title: 'The operation has been started already',
    cure: 'See how it goes; plan a new one to do it again.',
  },
  operation_running: {
    status: 409,
    title: 'Another operation of the agency is running',
    cure: 'Wait until it has ended, or cancel it.',
  },
  operation_not_running: { status: 409, title: 'The operation is not running', cure: 'See its status.' },
  operation_not_paused: { status: 409, title: 'The operation is not paused', cure: 'See its status.' },
  operation_ended: { status: 409, title: 'The operation has ended', cure: 'Undo it, or plan a new one.' },
  operation_not_ended: { status: 409, title: 'The operation has not ended', cure: 'Wait until it has, or cancel it.' },
  plan_expired: { status: 409, title: 'The plan has expired', cure: 'Plan it anew; what it would change may be else.' },
  plan_changed: {
    status: 409,
    title: 'The plan is not the one that was shown',
    cure: 'Read the plan again, or plan it anew.',
  },
  confirmation_required: {
    status: 422,
    title: 'So many orders want to be confirmed by their number',
    cure: 'Send the number of orders that will change, in `confirm`.',
  },
  not_undoable: { status: 409, title: 'The operation cannot be undone', cure: 'See what the plan said about it.' },
  undo_expired: { status: 409, title: 'The time for an undo is over', cure: 'Plan an operation that changes it back.' },
  mail_rejected: {
    status: 422,
    title: 'The mail was refused',
    cure: 'Correct the address and send again.',
  },
  delivery_unknown: {
    status: 409,
    title: 'Whether the mail went out is unknown',
    cure: 'Ask the recipient, then send it again if need be.',
  },
  superseded: { status: 409, title: 'The matter has moved on', cure: 'Nothing to do.' },
} as const satisfies Record<string, { status: number; title: string; cure: string }>;

export type RefusalCode = keyof typeof refusals;

/** One thing that is wrong with the input: `pointer` is a JSON Pointer, `rule` what was broken, `message` what would pass. */
export interface FieldError {
  pointer: string;
  rule: string;
  message: string;
}

/** A rule says no. Thrown; answered by the API as a problem document, recorded by a worker as the item's outcome. */
export class Refusal extends Error {
  readonly code: RefusalCode;
  readonly status: number;
  readonly errors: FieldError[];

  constructor(code: RefusalCode, message: string, errors: FieldError[] = []) {
    super(message);
    this.name = 'Refusal';
    this.code = code;
    this.status = refusals[code].status;
    this.errors = errors;
  }
}

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
