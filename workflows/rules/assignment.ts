/**
 * Who is responsible for an order: one manager, and specialists for the whole of it or for single stages. People are
 * named by reference; their names and addresses rest with the staff. Who was responsible from when to when stays known.
 */
import { Refusal } from '../../kernel/errors.ts';
import type { Scene } from '../engine/scene.ts';
import { stageOf } from '../graph/paths.ts';
import type { Command } from '../words/commands.ts';
import type { Happening } from '../words/events.ts';
import { isOpen, type OrderState, type Post } from '../words/state.ts';

/** Posts that have ended and are still told; older ones are in the history alone. */
const endedKept = 50;

/** A post that is not named keeps its holder; `null` leaves the order without a manager. */
export function assign(scene: Scene, command: Command<'assign'>): Happening[] {
  const { manager, specialists } = command;
  for (const [index, { stage }] of (specialists ?? []).entries()) {
    if (stage !== undefined) stageOf(scene.workflow, stage, `/specialists/${index}/stage`);
  }
  const held = postsOf(scene.state);
  const managers = held.filter((post) => post.as === 'manager');
  const others = held.filter((post) => post.as === 'specialist');
  const wanted = distinct([
    ...(manager === undefined ? managers : manager === null ? [] : [{ staff: manager, as: 'manager' as const }]),
    ...(specialists?.map((one) => ({ ...one, as: 'specialist' as const })) ?? others),
  ]);
  const ended = without(held, wanted);
  const begun = without(wanted, held);
  if (ended.length + begun.length === 0) throw new Refusal('nothing_changed', 'They are already assigned.');
  return [{ event: { type: 'order-assigned', begun, ended } }];
}

/** Those whom the command names, and where. Whether they work for the agency is for whoever accepts it to ask. */
export const namedIn = ({ manager, specialists = [] }: Command<'assign'>): { id: string; pointer: string }[] => [
  ...(manager ? [{ id: manager, pointer: '/manager' }] : []),
  ...specialists.map(({ staff }, index) => ({ id: staff, pointer: `/specialists/${index}/staff` })),
];

/** The state with some posts ended and others begun. */
export function reassigned(
  state: OrderState,
  { begun, ended }: { begun: readonly Post[]; ended: readonly Post[] },
  at: Date,
): OrderState {
  const keys = ended.map(keyOf);
  const before = (state.assignments ?? []).map((one) =>
    one.to === undefined && keys.includes(keyOf(one)) ? { ...one, to: at } : one,
  );
  const over = before.filter(({ to }) => to !== undefined).slice(-endedKept);
  const held = before.filter(({ to }) => to === undefined);
  const now = [...held, ...begun.map((post) => ({ ...post, from: at }))];
  const { manager: _, ...rest } = state;
  const manager = now.find((post) => post.as === 'manager')?.staff;
  const assignees = [...new Set(now.map(({ staff }) => staff))];
  return { ...rest, ...(manager !== undefined && { manager }), assignees, assignments: [...over, ...now] };
}

/** Whoever has this stage before whoever has the whole order before its manager. */
export function responsibleFor(state: OrderState, stage: string): string | undefined {
  const posts = postsOf(state);
  const found =
    posts.find((post) => post.stage === stage) ??
    posts.find((post) => post.as === 'specialist' && post.stage === undefined) ??
    posts.find((post) => post.as === 'manager');
  return found?.staff;
}

/** What each of them has to carry while the order is being set up; kept with the state, for the index. */
export function withLoad({ load: _, ...state }: OrderState): OrderState {
  if (!state.assignees?.length || !beingSetUp.includes(state.status)) return state;
  const open = state.stages.filter(isOpen).map(({ key }) => responsibleFor(state, key));
  const load = state.assignees.map((staff) => ({ staff, stages: open.filter((one) => one === staff).length }));
  return { ...state, load };
}

/** Those who have one order more or one less than before. */
export function newlyLoaded(before: OrderState | undefined, after: OrderState): string[] {
  const [was, current] = [before?.load ?? [], after.load ?? []].map((load) => load.map(({ staff }) => staff)) as [
    string[],
    string[],
  ];
  return [...current.filter((staff) => !was.includes(staff)), ...was.filter((staff) => !current.includes(staff))];
}

const beingSetUp: readonly OrderState['status'][] = ['created', 'onboarding', 'setup', 'paused'];

const postsOf = ({ assignments = [] }: OrderState): Post[] =>
  assignments.flatMap(({ from: _, to, ...post }) => (to === undefined ? [post] : []));

const keyOf = ({ staff, as, stage }: Post): string => `${as} ${stage ?? ''} ${staff}`;

const without = (posts: readonly Post[], others: readonly Post[]): Post[] => {
  const keys = others.map(keyOf);
  return posts.filter((post) => !keys.includes(keyOf(post)));
};

const distinct = (posts: Post[]): Post[] => [...new Map(posts.map((post) => [keyOf(post), post])).values()];
