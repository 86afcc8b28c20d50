/** A bulk operation for a person: what would change and what not, and why; what an undo leaves; how it ended. */
import type { OperationView } from '../../api/schemas/bulk.ts';
import { type Exit, Failure } from '../command-line/exit.ts';
import { harmless, paint } from '../command-line/terminal.ts';

export type Plan = NonNullable<OperationView['plan']>;

const shownSamples = 5;

const verdictWords = {
  will_change: 'would change',
  no_op: 'already have these values',
  refused: 'are refused by a rule',
  conflict: 'are in conflict',
} as const;

export function planOf({ id, plan }: OperationView): Plan {
  if (plan) return plan;
  throw new Failure('conflict', `The operation ${id} has no plan yet. Try again in a moment.`);
}

export function planInWords(operation: OperationView): string {
  const plan = planOf(operation);
  const { action, id } = operation;
  return [
    `${paint('bold', `Plan ${id}`)}: ${JSON.stringify(action)}, ${plan.total} orders, good until ${plan.expiresAt}`,
    ...Object.entries(verdictWords).map(([name, words]) =>
      counted(plan.verdicts[name as keyof typeof verdictWords], words),
    ),
    ...plan.rules.map(({ rule, count }) => `${' '.repeat(10)}${count} × ${rule}`),
    ...samplesIn(plan),
    ...lastingIn(plan),
  ]
    .map((line) => `${line}\n`)
    .join('');
}

const counted = (count: number, words: string): string => `${String(count).padStart(8)} ${words}`;

function samplesIn({ samples }: Plan): string[] {
  if (samples.length === 0) return [];
  const lines = samples
    .slice(0, shownSamples)
    .flatMap(({ order, title, changes }) => [
      harmless(`  ${order}${title === undefined ? '' : `  ${title}`}`),
      ...changes.map(({ path, before, after }) => harmless(`    ${path}: ${shown(before)} → ${shown(after)}`)),
    ]);
  return [`Samples (${Math.min(samples.length, shownSamples)} of ${samples.length}; all with --json)`, ...lines];
}

const shown = (value: unknown): string => JSON.stringify(value) ?? 'nothing';

function lastingIn({ lasting, undoable }: Plan): string[] {
  const heading = undoable ? 'An undo cannot reverse:' : 'This cannot be undone:';
  return lasting.length === 0 && undoable ? [] : [paint('yellow', heading), ...lasting.map((line) => `  ${line}`)];
}

export function endInWords({ id, status, progress, undo }: OperationView): string {
  const { updated = 0, no_op = 0, refused = 0, conflict = 0, failed = 0, cancelled = 0, open = 0 } = progress ?? {};
  const counts = { updated, 'so already': no_op, refused, 'in conflict': conflict, failed, cancelled, open };
  const told = Object.entries(counts).flatMap(([words, count]) => (count > 0 ? [`${count} ${words}`] : []));
  const result = `Result: ./scripts/bulk-update result ${id}`;
  const back = undo ? `\nUndo until ${undo.until}: ./scripts/bulk-update undo ${id} --reason "…"` : '';
  return `${id} is ${status}: ${told.join(', ') || 'nothing done'}.\n${result}${back}`;
}

/** How a script ends that has watched the operation to this state. */
export function exitOf({ status, progress }: OperationView): Exit {
  switch (status) {
    case 'completed':
      return progress && progress.refused + progress.conflict > 0 ? 'partly' : 'ok';
    case 'failed':
      return 'failed';
    case 'completed_with_failures':
    case 'cancelled':
      return 'partly';
    default:
      return 'ok';
  }
}
