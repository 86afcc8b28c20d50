/** What is posted to a client's open form and approval: by anybody who has the link. */
import { tokenFor } from '../../../kernel/tokens.ts';
import { eventually } from '../../support/eventually.ts';
import type { Attack } from '../attack.ts';
import { naughty } from '../naughty.ts';
import { aTenant, putOrderAt } from '../orders.ts';
import type { Stage } from '../stage.ts';

const form = { 'content-type': 'application/x-www-form-urlencoded', accept: 'text/html' };

async function anOpenForm({ world }: Stage): Promise<string> {
  const tenant = await aTenant(world, 'forms');
  const order = await putOrderAt(world, { product: 'google_ads', stage: 'intake', ...tenant });
  const link = await eventually(async () => (await world.models.links.ofOrder(order))[0], { within: 30_000 });
  return `/onboarding/${tokenFor(world.secrets.linkSecret, { kind: 'link', id: link._id, generation: link.generation })}`;
}

const repeated = (part: (n: number) => string, bytes: number): string => {
  const parts: string[] = [];
  for (let length = 0; length < bytes; length += parts.at(-1)?.length ?? 0) parts.push(`${part(parts.length)}&`);
  return parts.join('');
};

const posts: string[] = [
  repeated((n) => `service_area.include.${n}.kind=x`, 197_000),
  repeated((n) => `service_area.include.0.kind=${n}`, 197_000),
  repeated((n) => `a.${n}.b.${n}.c=1`, 197_000),
  repeated((n) => `${'y.'.repeat(50)}${n}=1`, 197_000),
  repeated(() => 'x=%00', 197_000),
  `x=${'y'.repeat(900_000)}`,
  `x=${'y'.repeat(9_000_000)}`,
  repeated((n) => `${n}`, 900_000),
  '__proto__.admin=1&constructor.prototype.admin=1',
  '%',
  '=&=&=',
];

export const formPosts: Attack = {
  item: 1,
  name: 'posts to a form',
  sends: `${posts.length} posts of up to 9 MB to an open form, each three times at once`,
  async play(stage) {
    const path = await anOpenForm(stage);
    const wrong: string[] = [];
    for (const body of posts) {
      const asked = { method: 'POST', path, body, headers: form, anonymous: true };
      for (const { status } of await Promise.all([stage.ask(asked), stage.ask(asked), stage.ask(asked)])) {
        if (status !== 0 && (status < 400 || status >= 500)) wrong.push(`${body.slice(0, 40)}: ${status}`);
      }
    }
    const { status } = await stage.ask({ path, anonymous: true, headers: { accept: 'text/html' } });
    return status === 200 ? wrong : [...wrong, `the form itself is answered with ${status}`];
  },
};

const shown = (text: string): string => text.replace(/\s+/g, ' ').trim();
const titles = [
  '2026-99-99T99:99Z',
  '2026-02-31T10:00Z',
  '2026-03-01',
  '1e999',
  'null',
  '{"$date":"2026-01-01"}',
  '<b>x</b>',
];

export const approvalPages: Attack = {
  item: 8,
  name: 'titles on an approval',
  sends: `${titles.length} titles that look like something else, on a client's page`,
  async play(stage) {
    const { world } = stage;
    const tenant = await aTenant(world, 'approvals');
    const wrong: string[] = [];
    for (const title of titles) {
      const order = await putOrderAt(world, { product: 'site', stage: 'design_approval', title, ...tenant });
      const asked = () => world.models.approvals.model.collection.findOne({ order } as never);
      const approval = (await eventually(asked, { within: 30_000 })) as unknown as { _id: string; generation: number };
      const { _id: id, generation } = approval;
      const path = `/approve/${tokenFor(world.secrets.linkSecret, { kind: 'approval', id, generation })}`;
      const page = await stage.ask({ path, anonymous: true, headers: { accept: 'text/html' } });
      if (page.status !== 200) wrong.push(`${title}: the page is answered with ${page.status}`);
      const text = shown(page.text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"'));
      if (!text.includes(title)) wrong.push(`${title}: is not shown as it is`);
      for (const body of naughty
        .slice(0, 12)
        .map((one) => new URLSearchParams({ decision: one, note: one }).toString())) {
        const { status } = await stage.ask({ method: 'POST', path, body, headers: form, anonymous: true });
        if (status >= 500 || status < 400) wrong.push(`${title}: a bad decision is answered with ${status}`);
      }
    }
    return wrong;
  },
};
