/** Products without a set-up: they are switched on by the system as soon as they are ordered. */
import { defineWorkflow } from '../graph/define.ts';
import type { Workflow } from '../graph/workflow.ts';
import { noOptions } from './exit.ts';

const switchedOn = (product: string, title: string): Workflow =>
  defineWorkflow({
    ...{ product, title, version: 1, managed: false, tiers: ['standard'], options: noOptions },
    stages: { live: { title: 'Live', gate: 'auto', check: () => [], budget: 1 } },
  });

export const phoneNumber = switchedOn('phone_number', 'Phone number');
export const software = switchedOn('software', 'Software');
