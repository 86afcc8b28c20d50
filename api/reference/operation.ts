/**
 * What the reference page says of an operation beyond its schema: what it is for, what comes back, and an example.
 * Every example works as it stands in the running demo, whose desk of orders (desk.ts) it is about.
 */
export interface Example {
  path?: Record<string, string>;
  query?: Record<string, string | number>;
  body?: unknown;
  /** Whose key it takes, if not that of the demo's order admin. */
  as?: 'client' | 'nobody';
  /** Of a message that a machine signs, so that it can't be sent from the page. */
  signed?: true;
  /** The refusal that it gets, where the demo has nothing for it to change; said in the description. */
  refused?: string;
}

export interface Operation {
  /** Absent where the route's own schema says it. */
  description?: string;
  /** What a successful answer is. */
  answer: string;
  /** Where answers of several statuses mean different things: what each is, with the type of its content. */
  answers?: Record<string, { is: string; type: 'text/html' | 'application/json' }>;
  example: Example;
}

/** By method and path, as OpenAPI writes them: `GET /v1/jobs/{id}`. */
export type Operations = Record<string, Operation>;
