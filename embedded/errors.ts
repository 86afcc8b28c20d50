/**
 * MongoDB's error codes as this server answers them. A command refuses by throwing `CommandError`; anything else
 * thrown is a fault of this server, answered with code 8, and undoes everything its command wrote.
 */
const NAMES: Record<number, string> = {
  2: 'BadValue',
  8: 'UnknownError',
  9: 'FailedToParse',
  13: 'Unauthorized',
  14: 'TypeMismatch',
  16: 'InvalidLength',
  22: 'InvalidBSON',
  26: 'NamespaceNotFound',
  27: 'IndexNotFound',
  28: 'PathNotViable',
  40: 'ConflictingUpdateOperators',
  43: 'CursorNotFound',
  48: 'NamespaceExists',
  50: 'MaxTimeMSExpired',
  52: 'DollarPrefixedFieldName',
  53: 'InvalidIdField',
  54: 'NotSingleValueField',
  56: 'EmptyFieldName',
  59: 'CommandNotFound',
  66: 'ImmutableField',
  67: 'CannotCreateIndex',
  72: 'InvalidOptions',
  73: 'InvalidNamespace',
  85: 'IndexOptionsConflict',
  86: 'IndexKeySpecsConflict',
  115: 'CommandNotSupported',
  146: 'ExceededMemoryLimit',
  168: 'InvalidPipelineOperator',
  171: 'CannotIndexParallelArrays',
  197: 'InvalidIndexSpecificationOption',
  263: 'OperationNotSupportedInTransaction',
  292: 'QueryExceededMemoryLimitNoDiskUseAllowed',
  10334: 'BSONObjectTooLarge',
  11000: 'DuplicateKey',
  14031: 'OutOfDiskSpace',
  17280: 'KeyTooLong',
};

export class CommandError extends Error {
  readonly code: number;
  readonly codeName: string;
  readonly details: Record<string, unknown>;

  constructor(code: number, message: string, details: Record<string, unknown> = {}) {
    super(message);
    this.code = code;
    this.codeName = NAMES[code] ?? `Location${code}`;
    this.details = details;
  }
}

/** Of what MongoDB has and this server leaves out: a clear word beats an answer that only looks right. */
export function unsupported(what: string, code: number): CommandError {
  return new CommandError(code, `${what} isn't supported by the embedded server`);
}

/** What a client is told of anything thrown; a library's own complaint about a query is the client's bad value. */
export function describeError(error: unknown): Record<string, unknown> {
  const refusal = asRefusal(error) ?? new CommandError(8, `The embedded server failed: ${messageOf(error)}`);
  return { ok: 0, errmsg: refusal.message, code: refusal.code, codeName: refusal.codeName, ...refusal.details };
}

export function asRefusal(error: unknown): CommandError | undefined {
  if (error instanceof CommandError) return error;
  if (!(error instanceof Error)) return undefined;
  const named = error.constructor.name;
  if (named === 'MingoError') return new CommandError(codeOfMingo(error.message), error.message);
  if (named.startsWith('BSON')) return new CommandError(22, error.message);
  return undefined;
}

const DISK = /MDB_|ENOSPC|EIO|EFBIG|EDQUOT|No space left|Input\/output error|File too large|Disk quota/;

/** Of LMDB, within a transaction: what it has in hand is not to be trusted any more. */
export function isDiskFailure(error: unknown): boolean {
  return !(error instanceof CommandError) && DISK.test(messageOf(error));
}

/** Ends its whole command, where other refusals are one document's. */
export function endsCommand(refusal: CommandError | undefined): boolean {
  return !refusal || refusal.code === 14031 || refusal.code === 50;
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function codeOfMingo(message: string): number {
  if (/would modify the immutable field/.test(message)) return 66;
  if (/would create a conflict/.test(message)) return 40;
  if (/[Uu]nknown operator|not a valid operator|not registered|unregistered|operator .* is not/.test(message))
    return 168;
  if (/^Unknown update operator/.test(message)) return 9;
  return 2;
}
