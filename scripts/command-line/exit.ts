/**
 * How a script ends. The codes are the same for all of them and stand in every `--help`; a fault that nobody foresaw is
 * put under the code that tells a caller what to do about it: give other arguments, another key, or try again later.
 */
const exits = {
  ok: [0, 'success, or nothing to do'],
  failed: [1, 'failed, or a problem was found'],
  usage: [2, 'wrong arguments, environment or input; nothing was started'],
  notFound: [3, 'not found'],
  auth: [4, 'the key or login is missing, wrong, or not allowed to do this'],
  conflict: [5, 'conflict with what is there: check, then decide'],
  partly: [6, 'partly done; what was left out is listed'],
  temporary: [75, 'a server is unavailable or busy; try again later'],
  interrupted: [130, 'stopped by Ctrl-C; the resume command is printed'],
} as const satisfies Record<string, readonly [number, string]>;

export type Exit = keyof typeof exits;

export const codeOf = (exit: Exit): number => exits[exit][0];

/** An end that is foreseen: a sentence for a person, and the code for whoever called. */
export class Failure extends Error {
  override name = 'Failure';
  readonly exit: Exit;

  constructor(exit: Exit, message: string) {
    super(message);
    this.exit = exit;
  }
}

export const exitCodesHelp = `\nExit codes:\n${Object.values(exits)
  .map(([code, meaning]) => `  ${String(code).padStart(3)}  ${meaning}`)
  .join('\n')}`;

export function failureOf(error: unknown): Failure {
  if (error instanceof Failure) return error;
  if (!(error instanceof Error)) return new Failure('failed', String(error));
  return new Failure(exitOf(error), wordsOf(error));
}

/** By name and shape, so that asking for help need not load the driver, nor the client. */
function exitOf(error: Error & { status?: unknown; code?: unknown }): Exit {
  if (error.name === 'BadEnvironment') return 'usage';
  if (error.name === 'OrderworksProblem') return exitOfStatus(Number(error.status));
  if (error.code === 18 || error.code === 13) return 'auth';
  if (/^Mongo(ose)?(ServerSelection|Network|NotConnected|PoolCleared|PoolClosed)/.test(error.name)) return 'temporary';
  if (error.message === 'fetch failed') return 'temporary';
  return error.code === 'ENOENT' ? 'notFound' : 'failed';
}

function exitOfStatus(status: number): Exit {
  if (status === 401 || status === 403) return 'auth';
  if (status === 404) return 'notFound';
  if (status === 409 || status === 412 || status === 428) return 'conflict';
  if (status === 400) return 'usage';
  return status === 429 || status >= 500 ? 'temporary' : 'failed';
}

interface Told {
  errors?: { pointer: string; rule: string; message: string }[];
}

function wordsOf(error: Error & Told): string {
  if (error.message === 'fetch failed') {
    const { cause } = error as { cause?: { code?: string; message?: string } };
    return `The service cannot be reached (${cause?.code ?? cause?.message ?? 'no answer'}). Is its address right?`;
  }
  const fields = (error.errors ?? []).map(
    ({ pointer, rule, message }) => `\n  ${pointer || '/'} (${rule}): ${message}`,
  );
  return `${error.message}${fields.join('')}`;
}
