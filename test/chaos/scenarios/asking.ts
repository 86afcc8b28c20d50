/** Faults of those who ask: the same thing many times at once, under a used key, after a restart. */
import type { Scenario } from '../scenario.ts';

const same = 50;

export const sameTwice: Scenario = {
  id: 'H1',
  fault: 'the same POST 50 times at once; its key with another body; its key again after a restart of the API',
  threshold: 'one order; 422 for another body; a replay after the restart',
  recoverWithin: 30,
  async run(world) {
    const { load, api, models } = world;
    const title = 'One and the same';
    const tries = await Promise.all(
      Array.from({ length: same }, () => load.create({ key: 'one-and-the-same', title, product: 'seo' })),
    );
    const { status: other } = await load.create({ key: 'one-and-the-same', title: 'Another', product: 'seo' });
    await api.kill(false);
    await api.start();
    const endedAt = performance.now();
    const again = await load.create({ key: 'one-and-the-same', title, product: 'seo' });
    const ids = new Set([...tries, again].map(({ body }) => (body as { order?: { id: string } }).order?.id));
    const orders = await models.orders.model.collection.countDocuments({ 'state.title': title });
    return {
      endedAt,
      note: `${tries.filter(({ status }) => status === 202).length} × 202, other body ${other}, after the restart ${again.status}`,
      missed: [
        ...(ids.size === 1 ? [] : [`${ids.size} orders were named`]),
        ...(orders > 1 ? [`${orders} orders were made`] : []),
        ...(other === 422 ? [] : [`another body was answered with ${other}`]),
        ...(again.status === 202 ? [] : [`after the restart it was answered with ${again.status}`]),
      ],
    };
  },
};
