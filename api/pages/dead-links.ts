/**
 * Why a page that a client holds the address of cannot be answered any more, as far as they may know: whoever has the token
 * was sent it. A token that never was, or is void since its page went to another address, leads to nothing at all.
 */
import type { TokenKind } from '../../kernel/tokens.ts';
import type { WorkItem } from '../../kernel/work.ts';
import type { Agency } from '../../models/agency.ts';
import type { Approval } from '../../models/approval.ts';
import type { Link } from '../../models/link.ts';
import type { Order } from '../../models/order.ts';
import { stageOf } from '../../workflows/graph/paths.ts';
import { workflowFor } from '../../workflows/index.ts';
import { calledOnce, isClosed, isOver, type StageState } from '../../workflows/words/state.ts';
import type { Dependencies } from '../context.ts';

/** `renewed`: a new one was asked for, and its email follows. */
export type Fate = 'decided' | 'superseded' | 'expired' | 'renewed' | 'ended';

export interface DeadLink {
  kind: TokenKind;
  fate: Fate;
  page: Link | Approval;
  order: Order;
  /** The stage that the page is about, under the name that it has now. */
  stage: string;
  title: string;
  agency: Agency | null;
  /** The id of the one work item that asks for a new page. */
  renewal: string;
}

/** Undefined for a token that leads to nothing, and for a page that can be answered. */
export async function findDead(kind: TokenKind, token: string, deps: Dependencies): Promise<DeadLink | undefined> {
  const { models, business } = deps;
  const page = await (kind === 'link' ? models.links.byToken(token) : models.approvals.byToken(token));
  if (!page) return undefined;
  const renewal = `renew-${page._id}-${page.generation}`;
  const [order, agency, renewed, sent] = await Promise.all([
    models.orders.get(page.order),
    models.agencies.get(page.agency),
    models.work.get(renewal),
    models.work.get(`form-${page._id}-${page.generation}`),
  ]);
  const current = order && calledOnce(order.state, page.stage);
  if (!order || !current) return undefined;
  const stands = fateOf(page, { order, current, now: business.now() });
  const found = sent?.state === 'open' ? 'decided' : stands === 'expired' && isUnderway(renewed) ? 'renewed' : stands;
  if (!found) return undefined;
  const { title } = stageOf(workflowFor(order.state.product, order.state.workflowVersion), current.key);
  return { kind, fate: found, page, order, stage: current.key, title, agency, renewal };
}

const isUnderway = (item: WorkItem | null): boolean => item?.state === 'open' || item?.state === 'done';

interface Standing {
  order: Order;
  current: StageState;
  now: Date;
}

function fateOf(page: Link | Approval, { order, current, now }: Standing): Fate | undefined {
  if (isClosed(order.state)) return 'ended';
  if (current.round > page.round || current.status === 'locked') return 'superseded';
  if (isOver(current) || current.status === 'in_review') return 'decided';
  if ('snapshot' in page && current.hash !== page.hash) return 'superseded';
  const isExpired = page.expiresAt <= now || current.waitingFor === 'approval-expired';
  return isExpired ? 'expired' : undefined;
}
