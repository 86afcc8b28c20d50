/**
 * Faults of a graph, found when a product file is loaded: each names the stage. A graph that passes can always be
 * walked from its first stage to its last.
 */

import { ancestorsOf } from './paths.ts';
import type { Stage } from './workflow.ts';

export function graphFaults(stages: readonly Stage[]): string[] {
  const unknown = stages.flatMap((stage) => unknownTargets(stages, stage));
  if (unknown.length > 0) return unknown;
  const order = [...orderFaults(stages), ...endFaults(stages)];
  return order.length > 0
    ? order
    : stages.flatMap((stage) => [...backFaults(stages, stage), ...vouchingFaults(stages, stage), ...gateFaults(stage)]);
}

function unknownTargets(stages: readonly Stage[], { key, after, backTo, shows, vouchesFor = [] }: Stage): string[] {
  const known = new Set(stages.map((stage) => stage.key));
  const named = { after, backTo, shows, vouchesFor };
  return Object.entries(named).flatMap(([word, targets]) =>
    targets
      .filter((target) => !known.has(target))
      .map((target) => `Stage "${key}" names "${target}" in ${word}, which is no stage.`),
  );
}

/** Only the first stage may follow nothing, and no stage may wait for itself: anything else is never reached. */
function orderFaults(stages: readonly Stage[]): string[] {
  return stages.flatMap(({ key, after }, index) => {
    if (ancestorsOf(stages, key).has(key)) return [`Stage "${key}" is unreachable: it waits for itself.`];
    if (index > 0 && after.length === 0) return [`Stage "${key}" is unreachable: it follows no stage.`];
    return [];
  });
}

/** The end is the last stage, and every other stage must lead to it. */
function endFaults(stages: readonly Stage[]): string[] {
  const end = stages.at(-1);
  if (!end) return ['There is no stage, and so no end.'];
  const before = ancestorsOf(stages, end.key);
  return stages
    .filter((stage) => stage !== end && !before.has(stage.key))
    .map((stage) => `Stage "${stage.key}" has no end: it does not lead to "${end.key}".`);
}

function backFaults(stages: readonly Stage[], { key, backTo, shows }: Stage): string[] {
  const before = ancestorsOf(stages, key);
  return [
    ...backTo
      .filter((target) => !before.has(target))
      .map((target) => `Stage "${key}" goes back to "${target}", which does not come before it.`),
    ...shows
      .filter((target) => !before.has(target))
      .map((target) => `Stage "${key}" shows "${target}", which does not come before it.`),
  ];
}

/** A second person answers for everything that was done before: what a product file forgets, nobody would look at. */
function vouchingFaults(stages: readonly Stage[], { key, gateRules, vouchesFor = [] }: Stage): string[] {
  if (!gateRules.supports.includes('vouchesFor')) {
    return vouchesFor.length > 0 ? [`Stage "${key}" vouches for others, but no second person checks it.`] : [];
  }
  const before = ancestorsOf(stages, key);
  const forgotten = [...before].filter((each) => !vouchesFor.includes(each));
  return [
    ...forgotten.map((each) => `Stage "${key}" does not vouch for "${each}", which comes before it.`),
    ...vouchesFor
      .filter((each) => !before.has(each))
      .map((each) => `Stage "${key}" vouches for "${each}", which does not come before it.`),
  ];
}

function gateFaults(stage: Stage): string[] {
  const { key, gateRules, exit, check, backTo, looks, finds, lookAgain } = stage;
  const { supports, exit: exitData } = gateRules;
  const faults: [boolean, string][] = [
    [check !== undefined && !supports.includes('check'), 'has a check, which only an automatic gate runs'],
    [
      looks !== undefined && !(exit && supports.includes('looks')),
      'looks outside, which only work and automatic gates with exit data do',
    ],
    [
      finds !== undefined && !(looks && supports.includes('finds')),
      'is left by the system, but is not automatic or looks at nothing',
    ],
    [
      lookAgain !== undefined && !(looks && backTo.length > 0),
      'is looked at again, but looks at nothing or goes back nowhere',
    ],
    [exitData === 'required' && !exit, 'can be left with anything: it has no exit data'],
  ];
  const found = faults.filter(([isFaulty]) => isFaulty).map(([, words]) => words);
  return [...(gateRules.faults?.(stage) ?? []), ...found].map((words) => `Stage "${key}" ${words}.`);
}
