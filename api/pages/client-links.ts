/**
 * What a token leads to: a form or an approval that can be answered now. Unknown, used, expired and overtaken ones are
 * the same refusal, so that nobody learns which it was.
 */
import countryToCurrency from 'country-to-currency';
import { Refusal } from '../../kernel/errors.ts';
import type { WorkItem } from '../../kernel/work.ts';
import type { Account } from '../../models/account.ts';
import type { Agency } from '../../models/agency.ts';
import type { Approval } from '../../models/approval.ts';
import type { Link } from '../../models/link.ts';
import type { Order } from '../../models/order.ts';
import { stageOf } from '../../workflows/graph/paths.ts';
import type { Stage } from '../../workflows/graph/workflow.ts';
import { workflowFor } from '../../workflows/index.ts';
import { standingOf } from '../../workflows/telling/page.ts';
import { firstZone } from '../../workflows/time/calendars.ts';
import { deadlineOf } from '../../workflows/time/deadline.ts';
import { localeOfCountry, type Writing } from '../../workflows/validators/amounts.ts';
import { calledOnce, type StageState } from '../../workflows/words/state.ts';
import type { Dependencies } from '../context.ts';
import { submissionBy } from './submission.ts';

export interface OpenForm {
  link: Link;
  order: Order;
  stage: Stage;
  is: StageState;
  agency: Agency | null;
  /** The id of the one work item that sends this form in. */
  work: string;
  /** How the account writes numbers, and the currency of its country. */
  writing: Writing;
}

export interface AskedApproval {
  approval: Approval;
  order: Order;
  stage: Stage;
  agency: Agency | null;
  work: string;
  /** The item that decided, when somebody has. */
  decided: WorkItem | null;
  /** Until when it can be decided, as far as that is known now, and the reader's time zone. */
  closes: { deadline: Date | undefined; timeZone: string };
}

export const notValid = (): Refusal =>
  new Refusal('link_not_valid', 'This link is not valid. It is unknown, already used, or expired.');

/** A form that can be answered now. */
export async function findForm(token: string, deps: Dependencies): Promise<OpenForm> {
  const { sent, ...form } = await findSentForm(token, deps);
  if (sent) throw notValid();
  return form;
}

/** The same, or one that has been sent in by this link: sending it twice must find what came of the first time. */
export async function findSentForm(
  token: string,
  { models }: Dependencies,
): Promise<OpenForm & { sent: WorkItem | null }> {
  const link = await models.links.byToken(token);
  if (!link) throw notValid();
  const [{ work, sent }, order, agency, account] = await Promise.all([
    submissionBy(link, models),
    models.orders.get(link.order),
    models.agencies.get(link.agency),
    models.accounts.get(link.account),
  ]);
  const is = order && calledOnce(order.state, link.stage);
  if (!is || (!sent && standingOf(order.state, link) !== 'open')) throw notValid();
  const opened = { link: { ...link, stage: is.key }, order, is, agency, work, stage: stageIn(order, is.key) };
  return { ...opened, writing: writingOf(account), sent };
}

function writingOf(account: Account | null): Writing {
  const { country = 'US' } = account ?? {};
  const currency = Object.entries(countryToCurrency).find(([key]) => key === country)?.[1];
  return { locale: account?.locale ?? localeOfCountry(country), currency };
}

export async function findApproval(token: string, { models }: Dependencies): Promise<AskedApproval> {
  const approval = await models.approvals.byToken(token);
  if (!approval) throw notValid();
  const work = `approval-${approval._id}-${approval.round}`;
  const [decided, order, agency, account] = await Promise.all([
    models.work.get(work),
    models.orders.get(approval.order),
    models.agencies.get(approval.agency),
    models.accounts.get(approval.account),
  ]);
  const is = order && calledOnce(order.state, approval.stage);
  if (!is || (!decided && standingOf(order.state, approval) !== 'open')) throw notValid();
  const { state } = order;
  const deadline = deadlineOf(workflowFor(state.product, state.workflowVersion), state, is);
  const closes = { deadline, timeZone: firstZone(account?.timeZone, agency?.timeZone) };
  return {
    approval: { ...approval, stage: is.key },
    order,
    agency,
    work,
    decided,
    stage: stageIn(order, is.key),
    closes,
  };
}

const stageIn = ({ state }: Order, key: string): Stage =>
  stageOf(workflowFor(state.product, state.workflowVersion), key);
