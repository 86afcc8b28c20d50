/** The refusals of changes to many orders at once, and of taking back what was done. */
export const refusalsOfOperations = {
  operation_not_found: {
    status: 404,
    title: 'Bulk operation not found',
    cure: 'Check the id, and that the operation belongs to your agency.',
  },
  nothing_matched: { status: 422, title: 'No orders match', cure: 'Widen the filter. Nothing was planned.' },
  operation_not_planned: {
    status: 409,
    title: 'The plan is not ready yet',
    cure: 'Wait until its status is `planned`, then start it with its hash.',
  },
  operation_started: {
    status: 409,
    title: 'The operation has already been started',
    cure: 'Check its progress. To run it again, plan a new one.',
  },
  operation_running: {
    status: 409,
    title: 'Another operation of the agency is running',
    cure: 'Wait until it ends, or cancel it.',
  },
  operation_not_running: { status: 409, title: 'The operation is not running', cure: 'Check its status.' },
  operation_not_paused: { status: 409, title: 'The operation is not paused', cure: 'Check its status.' },
  operation_ended: { status: 409, title: 'The operation has ended', cure: 'Undo it, or plan a new one.' },
  operation_not_ended: { status: 409, title: 'The operation has not ended', cure: 'Wait until it ends, or cancel it.' },
  plan_expired: { status: 409, title: 'The plan has expired', cure: 'Plan it again; the result may differ.' },
  plan_changed: {
    status: 409,
    title: 'The plan is not the one you were shown',
    cure: 'Read the plan again, or make a new one.',
  },
  confirmation_required: {
    status: 422,
    title: 'This many orders must be confirmed',
    cure: 'Send the number of orders that will change, in `confirm`.',
  },
  not_undoable: {
    status: 409,
    title: 'This cannot be undone',
    cure: 'Check what was said about undoing it before.',
  },
  undo_expired: {
    status: 409,
    title: 'The time to undo this has passed',
    cure: 'Change the values back, or create the order again.',
  },
} as const;
