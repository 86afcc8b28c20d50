/** The letters there are, and how one is made: sentences by its template, looks by the agency's brand. */
import type { LetterData, Template } from './letter.ts';
import { asHtml, asText, oneLine } from './markup.ts';
import { approvalRequested } from './templates/approval-requested.ts';
import { cancellationWithdrawn } from './templates/cancellation-withdrawn.ts';
import { forStaff } from './templates/for-staff.ts';
import { onboardingNeedsChanges } from './templates/onboarding-needs-changes.ts';
import { onboardingRequested } from './templates/onboarding-requested.ts';
import { orderCancelled } from './templates/order-cancelled.ts';
import { reminderOf } from './templates/reminder.ts';
import { setupComplete } from './templates/setup-complete.ts';

export const templates: Record<string, Template> = {
  'onboarding-requested': onboardingRequested,
  'onboarding-needs-changes': onboardingNeedsChanges,
  'approval-requested': approvalRequested,
  'reminder-form': reminderOf('form'),
  'reminder-access': reminderOf('access'),
  'reminder-approval': reminderOf('approval'),
  'client-silent': forStaff('client-silent'),
  'sla-warned': forStaff('sla-warned'),
  'sla-breached': forStaff('sla-breached'),
  'sla-escalated': forStaff('sla-escalated'),
  'setup-complete': setupComplete,
  'order-cancelled': orderCancelled,
  'cancellation-withdrawn': cancellationWithdrawn,
};

export interface Letter {
  subject: string;
  text: string;
  html: string;
}

export function templateOf(name: string): Template {
  const template = Object.hasOwn(templates, name) ? templates[name] : undefined;
  if (!template) throw new Error(`There is no letter "${name}"; there are ${Object.keys(templates).join(', ')}.`);
  return template;
}

export function letter(name: string, data: LetterData): Letter {
  const body = templateOf(name).body(data);
  return { subject: oneLine(body.subject), text: asText(body, data), html: asHtml(body, data) };
}
