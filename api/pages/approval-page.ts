/** The approval as a page: what is shown, and either the question or the decision that was made. */
import { momentIn } from '../../kernel/moment.ts';
import { stageOf } from '../../workflows/graph/paths.ts';
import { workflowFor } from '../../workflows/index.ts';
import type { AskedApproval } from './client-links.ts';
import { type Html, html } from './html.ts';
import type { Page } from './page.ts';
import { currencyIn, describe, renderData } from './snapshot.ts';

export interface Decision {
  decision: 'approve' | 'changes' | 'delegate';
  comment?: string | undefined;
  /** Who decides instead. */
  recipient?: { name: string; email: string } | undefined;
}

export interface Undecided {
  error: string;
  given: {
    decision?: string | undefined;
    comment?: string | undefined;
    name?: string | undefined;
    email?: string | undefined;
  };
}

export function approvalPage(asked: AskedApproval, { decision, fate, wrong, status = 200 }: ApprovalPageState): Page {
  const { stage, order, agency } = asked;
  return {
    title: stage.title,
    agency,
    status,
    content: html`<h1>${stage.title}</h1>
<p class="lead">For ${order.state.title}.</p>
${decision && decided(decision)}
${fate && html`<div class="decision" role="status"><p><strong>${fate}</strong></p></div>`}
${sections(asked)}
${!decision && !fate && question(asked, wrong)}`,
  };
}

export interface ApprovalPageState {
  decision?: Decision | undefined;
  /** What became of an answer that was not carried out. */
  fate?: string | undefined;
  wrong?: Undecided;
  status?: number;
}

function sections({ approval, order }: AskedApproval): Html {
  const workflow = workflowFor(order.state.product, order.state.workflowVersion);
  const parts = Object.entries(approval.snapshot).map(([key, value]) => {
    const stage = stageOf(workflow, key);
    return { title: stage.title, shown: { value, schema: describe(stage.exit) } };
  });
  const currency = parts.map(({ shown }) => currencyIn(shown)).find(Boolean);
  const section = ({ title, shown }: (typeof parts)[number]) =>
    html`<section><h2>${title}</h2>${renderData({ ...shown, currency })}</section>`;
  return html`${parts.map(section)}`;
}

const thanks: Record<Decision['decision'], string> = {
  approve: 'You have approved this. Thank you.',
  changes: 'You asked for changes. Thank you. We will get back to you.',
  delegate: 'You passed this decision on. Thank you. We have asked them.',
};

function decided({ decision, comment }: Decision): Html {
  const words = thanks[decision];
  return html`<div class="decision" role="status"><p><strong>${words}</strong></p>${comment && html`<p>${comment}</p>`}</div>`;
}

function question({ closes: { deadline, timeZone } }: AskedApproval, wrong: Undecided | undefined): Html {
  const { decision, comment, name, email } = wrong?.given ?? {};
  const chosen = (value: string) => decision === value && html` checked`;
  return html`<h2>Your decision</h2>
${deadline && html`<p>Please decide by ${momentIn(timeZone, deadline)}.</p>`}
<form method="post" novalidate>
${wrong && html`<p class="error" id="wrong" role="alert">${wrong.error}</p>`}
<fieldset><legend>Do you approve this?</legend>
<div class="field check"><input type="radio" name="decision" value="approve" id="approve"${chosen('approve')}><label for="approve">Yes, I approve it as shown here.</label></div>
<div class="field check"><input type="radio" name="decision" value="changes" id="changes"${chosen('changes')}><label for="changes">No, please make changes.</label></div>
<div class="field check"><input type="radio" name="decision" value="delegate" id="delegate"${chosen('delegate')}><label for="delegate">Someone else should decide this.</label></div>
</fieldset>
<div class="field"><label for="comment">What should be changed? <span class="optional">(only if you want changes)</span></label>
<textarea name="comment" id="comment" rows="4" maxlength="2000"${wrong && html` aria-describedby="wrong"`}>
${comment}</textarea></div>
<div class="field"><label for="name">Who should decide instead? <span class="optional">(only if someone else should decide)</span></label>
<input name="name" id="name" maxlength="200" autocomplete="off" value="${name}"></div>
<div class="field"><label for="email">Their email address</label>
<input type="text" inputmode="email" name="email" id="email" maxlength="254" autocomplete="off" value="${email}"></div>
<button type="submit">Send decision</button>
</form>`;
}
