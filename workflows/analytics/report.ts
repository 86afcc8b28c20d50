/**
 * The reports, from spans: in total and by product and stage, each figure beside that of the period before where one is
 * given. What happened in neither period has no row.
 */
import { type ComparedFigures, compare, grouped } from './figures.ts';
import { type OrderPast, type Overview, overviewOf } from './overview.ts';
import type { Period } from './period.ts';
import {
  type ExceptionFigures,
  endedIn,
  exceptionFiguresOf,
  type Round,
  type SlaFigures,
  type StageFigures,
  slaFiguresOf,
  stageFiguresOf,
} from './rounds.ts';

export interface ReportRequest {
  period: Period;
  previous?: Period | undefined;
}

/** Both periods, which follow each other. */
export const wholeOf = ({ period, previous }: ReportRequest): Period => ({
  from: previous?.from ?? period.from,
  to: period.to,
});

type Row<Key, F> = Key & ComparedFigures<F>;
type OfProduct = { product: string };
type OfStage = OfProduct & { stage: string };

export function reportOverview(
  orders: readonly OrderPast[],
  asked: ReportRequest,
): { total: ComparedFigures<Overview>; products: Row<OfProduct, Overview>[] } {
  const figures = comparing(asked, overviewOf);
  return { total: figures(orders), products: byProduct(orders, figures) };
}

export function reportStages(rounds: readonly Round[], asked: ReportRequest): Row<OfStage, StageFigures>[] {
  return byStage(endedIn(rounds, wholeOf(asked)), comparing(asked, ofEnded(stageFiguresOf)));
}

export function reportSla(
  rounds: readonly Round[],
  asked: ReportRequest,
): {
  total: ComparedFigures<SlaFigures>;
  products: Row<OfProduct, SlaFigures>[];
  stages: Row<OfStage, SlaFigures>[];
} {
  const counted = endedIn(rounds, wholeOf(asked)).filter(({ ours }) => ours);
  const figures = comparing(asked, ofEnded(slaFiguresOf));
  return { total: figures(counted), products: byProduct(counted, figures), stages: byStage(counted, figures) };
}

export function reportExceptions(
  rounds: readonly Round[],
  asked: ReportRequest,
): { total: ComparedFigures<ExceptionFigures>; stages: Row<OfStage, ExceptionFigures>[] } {
  const ended = endedIn(rounds, wholeOf(asked));
  const figures = comparing(asked, ofEnded(exceptionFiguresOf));
  return { total: figures(ended), stages: byStage(ended, figures) };
}

function comparing<T, F extends object>(
  { period, previous }: ReportRequest,
  of: (some: readonly T[], period: Period) => F,
) {
  return (some: readonly T[]) => compare(of(some, period), previous && of(some, previous));
}

const ofEnded =
  <F>(of: (rounds: readonly Round[]) => F) =>
  (rounds: readonly Round[], period: Period): F =>
    of(endedIn(rounds, period));

function byProduct<T extends OfProduct, F>(all: readonly T[], figures: (some: T[]) => F): (OfProduct & F)[] {
  return [...grouped(all, ({ product }) => product)].map(([product, some]) => ({ product, ...figures(some) }));
}

function byStage<T extends OfStage, F>(all: readonly T[], figures: (some: T[]) => F): (OfStage & F)[] {
  const products = [...grouped(all, ({ product }) => product)];
  return products.flatMap(([product, its]) =>
    [...grouped(its, ({ stage }) => stage)].map(([stage, some]) => ({ product, stage, ...figures(some) })),
  );
}
