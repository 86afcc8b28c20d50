/** What the service answers when it does not do as asked: a problem document (RFC 9457), thrown as an error. */
export interface FieldError {
  pointer: string;
  rule: string;
  message: string;
}

export class OrderworksProblem extends Error {
  override name = 'OrderworksProblem';
  readonly code: string;
  readonly status: number;
  readonly errors: FieldError[];
  readonly retryable: boolean;
  readonly requestId: string | undefined;

  constructor(status: number, body: Partial<OrderworksProblem> & { detail?: string; title?: string }) {
    super(body.detail ?? body.title ?? `The service answered ${status}.`);
    this.status = status;
    this.code = body.code ?? 'unknown';
    this.errors = body.errors ?? [];
    this.retryable = body.retryable ?? status >= 500;
    this.requestId = body.requestId;
  }
}

/** The problem that an answer is, or undefined when it is none. */
export async function problemIn(answer: Response): Promise<OrderworksProblem | undefined> {
  if (answer.ok) return undefined;
  const body = (await answer.json().catch(() => ({}))) as Partial<OrderworksProblem>;
  return new OrderworksProblem(answer.status, body);
}
