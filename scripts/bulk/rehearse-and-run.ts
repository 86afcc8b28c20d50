/**
 * From a plan to its end: show it, and with `--apply` ask where it is large, start it by its hash, and watch. The work is
 * done by the service: leaving the watch leaves it running.
 */
import type { OperationView } from '../../api/schemas/bulk.ts';
import { confirm } from '../command-line/confirm.ts';
import { codeOf, Failure } from '../command-line/exit.ts';
import { onInterrupt } from '../command-line/interrupt.ts';
import { print, progress, say } from '../command-line/terminal.ts';
import { endInWords, exitOf, planInWords, planOf } from './in-words.ts';
import type { Operations } from './operations.ts';

export interface RunOptions {
  apply?: boolean;
  yes?: boolean;
  confirm?: string;
  json?: boolean;
  quiet?: boolean;
}

/** The operation once it has ended, or the plan where it was only rehearsed. */
export async function rehearseAndRun(
  operations: Operations,
  planned: OperationView,
  options: RunOptions,
): Promise<OperationView> {
  const { verdicts, hash } = planOf(planned);
  if (!options.json) await print(planInWords(planned));
  if (!options.apply) {
    if (options.json) await print(`${JSON.stringify(planned)}\n`);
    if (verdicts.will_change === 0) say('Nothing would change.');
    else say(`Nothing was changed. To start this plan:\n  ./scripts/bulk-update start ${planned.id} --hash ${hash}`);
    return planned;
  }
  return startAndWatch(operations, { planned, hash, options });
}

interface Starting {
  planned: OperationView;
  hash: string;
  options: RunOptions;
}

export async function startAndWatch(
  operations: Operations,
  { planned, hash, options }: Starting,
): Promise<OperationView> {
  const { verdicts, confirm: large, undoable } = planOf(planned);
  if (verdicts.will_change === 0) return nothingToDo(planned, options);
  const warning = undoable ? '' : ' This cannot be undone.';
  const what = `${verdicts.will_change} orders will change.${warning}`;
  const yes = options.yes || (large === undefined && undoable);
  await confirm({ what, word: String(verdicts.will_change), yes, typed: options.confirm });
  await operations.start(planned.id, { hash, ...(large !== undefined && { confirm: large }) });
  return watchToEnd(operations, planned.id, options);
}

/** Not a failure where every order is so already: a script that is run again has nothing to do. */
async function nothingToDo(planned: OperationView, { json }: RunOptions): Promise<OperationView> {
  const { no_op, ...rest } = planOf(planned).verdicts;
  if (rest.refused + rest.conflict > 0) throw new Failure('conflict', 'No order would change; nothing was started.');
  if (json) await print(`${JSON.stringify(planned)}\n`);
  say(`All ${no_op} already have these values. Nothing to do.`);
  return planned;
}

export async function watchToEnd(operations: Operations, id: string, options: RunOptions): Promise<OperationView> {
  const interrupt = onInterrupt('The service continues without you.');
  const shown = progress({ label: 'orders', ...(options.quiet && { quiet: true }) });
  const end = await operations.watch(id, interrupt.signal, ({ status, progress: now }) => {
    if (now)
      shown.at(
        now.done,
        `${now.percent} % of ${now.total} · ${now.failed} failed · ${now.skipped} skipped · ${status}`,
      );
  });
  shown.end();
  interrupt.dispose();
  if (options.json) await print(`${JSON.stringify(end)}\n`);
  if (interrupt.asked) {
    say(
      `${id} continues. To watch it:\n  ./scripts/bulk-update watch ${id}\nTo hold it: ./scripts/bulk-update pause ${id}`,
    );
    process.exitCode = codeOf('interrupted');
    return end;
  }
  if (!options.json) await print(`${endInWords(end)}\n`);
  process.exitCode = codeOf(exitOf(end));
  if (end.status === 'paused') say(`To go on: ./scripts/bulk-update resume ${id}`);
  return end;
}
