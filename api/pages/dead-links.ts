/**
 * Why a page that a client holds the address of cannot be answered any more, as far as they may know: whoever has the token
 * was sent it, even where the page has gone to another address since. A token that never was leads to nothing at all.
 */
import type { TokenKind } from '../../kernel/tokens.ts';
import type { WorkItem } from '../../kernel/work.ts';
import type { Agency } from '../../models/agency.ts';
import type { Approval } from '../../models/approval.ts';
import type { Link } from '../../models/link.ts';
import type { Order } from '../../models/order.ts';
import { stageOf } from '../../workflows/graph/paths.ts';
import { workflowFor } from '../../workflows/index.ts';
import { type PageStanding, standingOf } from '../../workflows/telling/page.ts';
import { calledOnce } from '../../workflows/words/state.ts';
import type { Dependencies } from '../context.ts';
import { submissionBy } from './submission.ts';

/** `renewed`: a new one was asked for, and its email follows. */
export type Fate = Exclude<PageStanding, 'open'> | 'renewed';

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
export async function findDead(
  kind: TokenKind,
  token: string,
  { models }: Dependencies,
): Promise<DeadLink | undefined> {
  const found = await pageOf(kind, token, models);
  if (!found) return undefined;
  const { page } = found;
  const renewal = `renew-${page._id}-${page.generation}`;
  const [order, agency, renewed] = await Promise.all([
    models.orders.get(page.order),
    models.agencies.get(page.agency),
    models.work.get(renewal),
  ]);
  const current = order && calledOnce(order.state, page.stage);
  if (!order || !current) return undefined;
  const stands = standingOf(order.state, page);
  const fate = stands === 'expired' && isUnderway(renewed) ? 'renewed' : await fateOf(stands, found, models);
  if (!fate) return undefined;
  const { title } = stageOf(workflowFor(order.state.product, order.state.workflowVersion), current.key);
  return { kind, fate, page, order, stage: current.key, title, agency, renewal };
}

interface Found {
  page: Link | Approval;
  /** The token is that of a reader whom the page was for before. */
  isFormer: boolean;
}

type Models = Dependencies['models'];

async function pageOf(kind: TokenKind, token: string, models: Models): Promise<Found | undefined> {
  const page = await (kind === 'link' ? models.links.byToken(token) : models.approvals.byToken(token));
  if (page) return { page, isFormer: false };
  const former = kind === 'link' ? await models.links.byFormerToken(token) : null;
  return former ? { page: former, isFormer: true } : undefined;
}

const isUnderway = (item: WorkItem | null): boolean => item?.state === 'open' || item?.state === 'done';

async function fateOf(stands: PageStanding, { page, isFormer }: Found, models: Models): Promise<Fate | undefined> {
  if (stands !== 'open') return isFormer && stands === 'held' ? 'superseded' : stands;
  if (isFormer) return 'superseded';
  const { sent } = await submissionBy(page, models);
  return sent?.state === 'open' ? 'answered' : undefined;
}
