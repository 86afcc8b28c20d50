/** Every route of ours, in the order of the reference page. */
import type { Route } from './context.ts';
import { approvalPages } from './pages/approve.ts';
import { jobPage } from './pages/job.ts';
import { onboardingPages } from './pages/onboarding.ts';
import { orderPage } from './pages/order.ts';
import { renewPage } from './pages/renew.ts';
import { signInPages } from './pages/sign-in.ts';
import { alertRoutes } from './routes/alerts.ts';
import { analyticsRoutes } from './routes/analytics.ts';
import { assignOrder } from './routes/assign-order.ts';
import { bulkOperations } from './routes/bulk-operations.ts';
import { catalogueRoute } from './routes/catalogue.ts';
import { clearOrder } from './routes/clear-order.ts';
import { createOrder } from './routes/create-order.ts';
import { deadLetterRoutes } from './routes/dead-letters.ts';
import { enqueue } from './routes/enqueue.ts';
import { grantRoutes } from './routes/grants.ts';
import { healthRoutes } from './routes/health.ts';
import { issueLink } from './routes/issue-link.ts';
import { labelOrder } from './routes/label-order.ts';
import { listAccounts } from './routes/list-accounts.ts';
import { listEmails } from './routes/list-emails.ts';
import { listNotes } from './routes/list-notes.ts';
import { listOrders } from './routes/list-orders.ts';
import { moveStage } from './routes/move-stage.ts';
import { onboardingRoutes } from './routes/onboardings.ts';
import { processRoutes } from './routes/processes.ts';
import { setOnboarding } from './routes/set-onboarding.ts';
import { setStatus } from './routes/set-status.ts';
import { setSubscription } from './routes/set-subscription.ts';
import { setupProgress } from './routes/setup-progress.ts';
import { showAccount } from './routes/show-account.ts';
import { showJob } from './routes/show-job.ts';
import { showOrder } from './routes/show-order.ts';
import { showProduct } from './routes/show-product.ts';
import { storeOrders } from './routes/store-orders.ts';
import { storeTimeline } from './routes/store-timeline.ts';
import { takeCallback } from './routes/take-callback.ts';
import { takeMailEvent } from './routes/take-mail-event.ts';
import { undoClosing } from './routes/undo-closing.ts';
import { updateOrder } from './routes/update-order.ts';
import { workloadRoute } from './routes/workload.ts';

export const routes: Route[] = [
  createOrder,
  listOrders,
  showOrder,
  listEmails,
  listNotes,
  updateOrder,
  setStatus,
  clearOrder,
  undoClosing,
  labelOrder,
  moveStage,
  setupProgress,
  assignOrder,
  workloadRoute,
  alertRoutes,
  issueLink,
  setOnboarding,
  onboardingRoutes,
  listAccounts,
  showAccount,
  grantRoutes,
  setSubscription,
  storeOrders,
  storeTimeline,
  enqueue,
  showJob,
  takeCallback,
  takeMailEvent,
  analyticsRoutes,
  deadLetterRoutes,
  bulkOperations,
  catalogueRoute,
  showProduct,
  healthRoutes,
  processRoutes,
];

/** Pages, whose forms post as browsers do. */
export const pages: Route[] = [onboardingPages, approvalPages, renewPage, signInPages, jobPage, orderPage];
