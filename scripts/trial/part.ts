/**
 * One order's part in the play: which story the examples give it, how far it has come, and what its client answers. Most
 * clients say yes to everything at once; the stories are about the others.
 */
import { isForm } from '../../workflows/gates/form.ts';
import { workflowFor } from '../../workflows/index.ts';
import { exampleOf } from '../../workflows/products/exit.ts';
import type { Question, Reply } from './client.ts';
import { inTheWordsOf, typedIn } from './company.ts';
import type { ExampleOrder } from './examples.ts';
import type { Form } from './forms.ts';
import type { OrderView } from './staff.ts';

export interface Part {
  order: ExampleOrder;
  /** Absent where the order was refused. */
  id?: string;
  /** As it was seen last; where it was refused, how. */
  seen?: OrderView;
  refused?: string;
  /** What holds it up, as it was told last. */
  why?: string;
  answers: Record<Question, number>;
  /** The approval that expired has been asked for once more. */
  askedAgain: boolean;
  /** How many turns staff have left it lying. */
  idle: number;
  /** What has been seen of its story so far, by name. */
  saw: Set<string>;
  /** The turn in which the order was paused. */
  pausedIn?: number;
}

/** Where the client is reached in the end: in one story staff are first given an old address, which takes mail. */
export const addressOf = ({ contact_email }: Pick<ExampleOrder, 'contact_email'>): string =>
  contact_email.replace('+old-', '+');

export const partOf = (order: ExampleOrder): Part => ({
  order,
  answers: { form: 0, approval: 0 },
  askedAgain: false,
  idle: 0,
  saw: new Set(),
});

/** What the client says when asked; undefined when nothing is said, and `later` when the mail is left lying for a while. */
export function answerIn(part: Part, question: Question, address: string): Reply {
  const { order, answers } = part;
  if (order.ends === 'waiting') return undefined;
  if (order.ends === 'needs_revision' && answers.form > 0) return undefined;
  if (address !== addressOf(order) && order.story === 'corrected_address') return undefined;
  if (order.story === 'silent_approval' && question === 'approval' && !part.askedAgain) return undefined;
  if (part.seen?.status === 'paused') return 'later';
  const isFirst = answers[question] === 0;
  answers[question] += 1;
  if (question === 'form') return (form) => formAnswer(order, form);
  if (order.story === 'changes' && isFirst) return () => ({ decision: 'changes', comment: changes });
  return () => ({ decision: 'approve' });
}

/** The address that the order is placed with: in one story it has a mistake, and the mail server refuses it. */
export function firstAddress({ story, contact_email: email }: ExampleOrder): string {
  return story === 'wrong_address' ? email.replace('+', '+refused-') : email;
}

const changes = 'Please leave out the Saturdays; we are closed then.';

/** The product's own example for the form that the page shows, in the client's name. */
function formAnswer(order: ExampleOrder, form: Form): Record<string, unknown> {
  const examples = workflowFor(order.product).stages.flatMap((stage) => (isForm(stage) ? [exampleOf(stage)] : []));
  const isAsked = (name: string) =>
    form.controls.some((control) => control.name === name || control.name.startsWith(`${name}.`));
  const example = examples.find((candidate) => Object.keys(candidate).every(isAsked)) ?? {};
  const approver = { name: order.contact_name, email: addressOf(order) };
  const answers = typedIn(order.country, inTheWordsOf(order, example));
  return 'approver' in answers ? { ...answers, approver } : answers;
}

/** Whether it waits for something that neither its client nor staff can do at their next turn. */
export const isHeldUp = ({ status, stages }: OrderView): boolean =>
  status === 'paused' || stages.some(({ waitingFor = '' }) => ['fact', 'approval-expired'].includes(waitingFor));

/** Whether the order is where the examples mean it to stay. */
export function isThere({ order, seen, refused }: Part): boolean {
  if (refused !== undefined) return true;
  if (!seen) return false;
  if (order.ends === 'waiting') return seen.onboarding === 'sent';
  if (order.ends === 'needs_revision') {
    return seen.onboarding === 'needs_revision' && seen.stages.some(({ round }) => round > 1);
  }
  return seen.status === 'live';
}
