import { expect, test } from 'vitest';
import { renderData } from '../../api/pages/snapshot.ts';

test('what a client approves shows times as people read them, and leaves other text as it is', () => {
  const { markup } = renderData({
    posts: [{ at: '2026-04-06T15:00:00Z', text: 'From 2026-04-06T15:00:00Z on' }],
    day: '2026-04-06',
  });
  expect(markup).toContain('<td>April 6, 2026 at 3:00 PM UTC</td>');
  expect(markup).toContain('<td>From 2026-04-06T15:00:00Z on</td>');
  expect(markup).toContain('<dd>2026-04-06</dd>');
});
