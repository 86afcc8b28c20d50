/** Orders that stand where an attack wants them: straight before what is looked at, or what a client is asked. */
import { newId } from '../../kernel/ids.ts';
import { systemClock } from '../../kernel/time.ts';
import { draftsOfChange } from '../../queues/effects.ts';
import { run } from '../../workflows/engine/run.ts';
import { workflowFor } from '../../workflows/index.ts';
import { exampleOf } from '../../workflows/products/exit.ts';
import type { OrderCommand } from '../../workflows/words/commands.ts';
import type { OrderState } from '../../workflows/words/state.ts';
import type { World } from '../chaos/world.ts';

interface Wanted {
  product: string;
  /** The stage that the order comes to by the last command. */
  stage: string;
  title?: string;
  agency: string;
  account: string;
  /** What the stage before is recorded with; overridden without. */
  record?: { stage: string; change: (example: string) => string };
}

const admin = { type: 'staff', id: 'attack', role: 'order_admin' } as const;

const asking = () => ({ actor: admin, at: systemClock.now(), work: newId(), reason: 'An attack.' });

/** Resolves to its id. What the last command asks for lies in its outbox. */
export async function putOrderAt({ models }: World, wanted: Wanted): Promise<string> {
  const { product, stage, title = 'An order', agency, account, record } = wanted;
  const client = { name: 'Cleo', email: 'cleo@clients.example' };
  const tier = workflowFor(product).tiers[0] ?? '';
  const sold = { product, tier, options: {}, source: 'manual', title, client } as const;
  let last = run(undefined, { type: 'create-order', ...sold }, asking());
  while (last.state.stage !== undefined && last.state.stage !== stage) {
    last = run(last.state, commandFor(last.state, record), asking());
  }
  const id = newId();
  const entry = { at: systemClock.now(), work: newId(), actor: admin, cause: 'api', action: 'create-order' } as const;
  await models.orders.create(id, {
    entry: { ...entry, outcome: 'done', events: [] },
    effects: draftsOfChange(last, id, { actor: admin, cause: 'api', agency, account }),
    set: { agency, account, state: last.state },
    dueAt: systemClock.now(),
  });
  return id;
}

function commandFor({ product, stage: key = '' }: OrderState, record: Wanted['record']): OrderCommand {
  if (key !== record?.stage) return { type: 'override-stage', stage: key, action: 'complete' };
  const stage = workflowFor(product).stages.find((candidate) => candidate.key === key);
  if (!stage) throw new Error(`There is no stage ${key}.`);
  const data = JSON.parse(record.change(JSON.stringify(exampleOf(stage))));
  return { type: 'complete-stage', stage: key, data };
}

/** An agency and an account of its own. */
export async function aTenant(
  { models }: World,
  name: string,
  agency = name,
): Promise<{ agency: string; account: string }> {
  const contact = { name: 'Cleo Client', email: 'cleo@clients.example' };
  await models.agencies.put({ _id: agency, name: agency, from: { name: agency, email: `${agency}@agency.example` } });
  await models.accounts.put({ _id: name, agency, name, timeZone: 'Europe/Berlin', country: 'DE', contact });
  return { agency, account: name };
}
