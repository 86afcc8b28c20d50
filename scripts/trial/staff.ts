/**
 * A member of the agency's staff, working through the API with a key of their own. What they ask for carries a key that
 * says what it is, so that asking again after a broken connection asks for the same thing.
 */
import { type Answer, ask } from './visitor.ts';

export interface StageView {
  key: string;
  gate: string;
  status: string;
  round: number;
  holder?: string;
  waitingFor?: string;
}

export interface OrderView {
  id: string;
  title: string;
  product: string;
  status: string;
  onboarding: string;
  client: { name: string; email: string };
  stages: StageView[];
}

export interface JobView {
  id: string;
  state: string;
  outcome?: { status: string; code?: string; message?: string };
}

export interface Wish {
  /** What makes this request the same as another: the Idempotency-Key. */
  once: string;
  body: Record<string, unknown>;
}

export type Staff = ReturnType<typeof staffMember>;

export function staffMember(url: string, key: string) {
  const prefer = 'wait=5';
  const headers = { authorization: `Bearer ${key}` };

  async function read<T>(path: string): Promise<T> {
    const answer = await ask(`${url}${path}`, { headers });
    if (answer.status !== 200) throw new Error(`GET ${path} was answered ${told(answer)}`);
    return answer.body as T;
  }

  /** 200 when it was done within five seconds, 202 when it is still being done; refusals are for the caller to judge. */
  function send(method: 'POST' | 'PUT', path: string, { once, body }: Wish): Promise<Answer> {
    return ask(`${url}${path}`, {
      method,
      headers: { ...headers, 'content-type': 'application/json', 'idempotency-key': once, 'if-match': '*', prefer },
      body: JSON.stringify(body),
    });
  }

  return {
    order: (id: string) => read<OrderView>(`/v1/admin/orders/${id}`),
    why: async (id: string) =>
      (await read<{ why: { blocker: string } }>(`/v1/admin/orders/${id}/setup-progress?detail=summary`)).why.blocker,
    alerts: async (id: string) =>
      (await read<{ data: { kind: string; what: string }[] }>(`/v1/admin/alerts?order=${id}&kind=mail-undelivered`))
        .data,
    job: (id: string) => read<JobView>(`/v1/jobs/${id}`),
    create: (wish: Wish) => send('POST', '/v1/admin/orders', wish),
    move: (order: string, wish: Wish) => send('PUT', `/v1/admin/orders/${order}/stage`, wish),
    /** The order itself, or its `status`. */
    change: (order: string, what: string, wish: Wish) => send('PUT', `/v1/admin/orders/${order}${what}`, wish),
    /** `what` is `subscription` or one of its grants: `grants/cms`. */
    account: (account: string, what: string, wish: Wish) => send('PUT', `/v1/admin/accounts/${account}/${what}`, wish),
  };
}

export const isAccepted = ({ status }: Answer): boolean => status === 200 || status === 202;

/** An answer in one line, for a person: the status and what the problem document says. */
export function told({ status, body, text }: Answer): string {
  const { code, detail, title } = (body ?? {}) as { code?: string; detail?: string; title?: string };
  return [status, code, detail ?? title ?? text.slice(0, 200)].filter((part) => part !== undefined).join(' ');
}
