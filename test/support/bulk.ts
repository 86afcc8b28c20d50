/** Bulk operations in tests: planned over HTTP, carried out by ticks of the dispatcher and by the workers' own handlers. */
import { setTimeout as delay } from 'node:timers/promises';
import type { OperationView } from '../../api/schemas/bulk.ts';
import { newDispatcher, tick } from '../../workers/machine/tick.ts';
import type { Asked, TestApi } from './api.ts';

const url = '/v1/bulk-operations';

export function aBulk(api: TestApi) {
  const dispatcher = newDispatcher('test');

  /** Until nothing is left to do. */
  async function settle(): Promise<void> {
    for (let quiet = 0; quiet < 2; ) {
      await tick(dispatcher, api.context);
      quiet = (await api.work()) === 0 ? quiet + 1 : 0;
    }
  }
  /** Carries out what comes up for as long as `act` takes. */
  async function during<T>(act: () => Promise<T>): Promise<T> {
    let over = false;
    const acting = act().finally(() => {
      over = true;
    });
    while (!over) {
      await settle();
      await delay(50);
    }
    return acting;
  }
  const call = (path: string, body?: object, asked: Asked = {}) =>
    api.call('POST', `${url}${path}`, { ...asked, body });
  const show = async (id: string): Promise<OperationView> => (await api.call('GET', `${url}/${id}`)).json();

  return {
    settle,
    during,
    show,
    ask: (body: object, asked?: Asked) => call('', body, asked),
    turn: (id: string, verb: string, body?: object, asked?: Asked) => call(`/${id}/${verb}`, body, asked),

    async plan(body: object, asked?: Asked): Promise<OperationView> {
      const answer = await call('', { reason: 'asked for by the client', ...body }, asked);
      if (answer.statusCode !== 202) throw new Error(answer.body);
      await settle();
      return show(answer.json().id);
    },

    /** Starts the plan as it was shown, and carries it out. */
    async run(planned: OperationView): Promise<OperationView> {
      const { hash, confirm } = planned.plan ?? {};
      const answer = await call(`/${planned.id}/start`, { hash, ...(confirm !== undefined && { confirm }) });
      if (answer.statusCode !== 200) throw new Error(answer.body);
      await settle();
      return show(planned.id);
    },

    async result(id: string): Promise<string[][]> {
      const { body } = await api.call('GET', `${url}/${id}/result`);
      return body
        .trim()
        .split('\n')
        .map((line) => line.split(','));
    },
  };
}
