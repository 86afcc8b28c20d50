/** The examples of an OpenAPI document as requests: one for each operation, made of nothing but what is in it. */
interface Parameter {
  name: string;
  in: 'path' | 'query' | 'header';
  example?: unknown;
}

interface Described {
  parameters?: Parameter[];
  requestBody?: { content: Record<string, { example?: unknown }> };
  responses: Record<string, unknown>;
  security?: unknown[];
  'x-example-key'?: string;
  'x-example-signed'?: boolean;
  'x-example-refused'?: string;
}

export interface ExampleCall {
  /** `GET /v1/jobs/{id}`. */
  name: string;
  method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  url: string;
  headers: Record<string, string>;
  body?: string;
  /** The codes of the answers that are no refusal. */
  successes: string[];
  open: boolean;
  asClient: boolean;
  signed: boolean;
  /** The refusal that the description says it gets. */
  refused?: string;
}

export function examplesIn(document: object): ExampleCall[] {
  const { paths = {} } = document as { paths?: Record<string, Record<string, Described>> };
  return Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]) =>
      callOf(method.toUpperCase() as ExampleCall['method'], path, operation),
    ),
  );
}

function callOf(method: ExampleCall['method'], path: string, operation: Described): ExampleCall {
  const { parameters = [], requestBody, responses, security, 'x-example-refused': refused } = operation;
  const given = parameters.filter(({ example }) => example !== undefined);
  const query = new URLSearchParams(
    given.filter((one) => one.in === 'query').map(({ name, example }): [string, string] => [name, String(example)]),
  );
  const inPath = given.filter((one) => one.in === 'path');
  const filled = inPath.reduce((url, { name, example }) => url.replace(`{${name}}`, String(example)), path);
  const [type, media] =
    Object.entries(requestBody?.content ?? {}).find(([, { example }]) => example !== undefined) ?? [];
  const headers = given.filter((one) => one.in === 'header').map(({ name, example }) => [name, String(example)]);
  return {
    ...{ name: `${method} ${path}`, method, url: query.size > 0 ? `${filled}?${query}` : filled },
    headers: { ...Object.fromEntries(headers), ...(type && { 'content-type': type }) },
    ...(media && { body: typeof media.example === 'string' ? media.example : JSON.stringify(media.example) }),
    successes: Object.keys(responses).filter((code) => code.startsWith('2')),
    ...{ open: security === undefined, asClient: operation['x-example-key'] !== undefined },
    ...{ signed: operation['x-example-signed'] === true, ...(refused !== undefined && { refused }) },
  };
}
