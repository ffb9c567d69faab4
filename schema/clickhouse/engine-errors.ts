import {
  AppError,
  CorruptDataError,
  type ErrorDetails,
  OperatorError,
  RetryableError,
} from '../errors.ts';

type Facts = NonNullable<ErrorDetails['facts']>;

const NETWORK_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EPIPE',
]);

/** What the engine says of a Parquet file that is cut, no Parquet file, or fails our check. */
const CORRUPT_FILE_TYPES = new Set([
  'FUNCTION_THROW_IF_VALUE_IS_NON_ZERO',
  'INCORRECT_DATA',
  'CANNOT_READ_ALL_DATA',
  'CANNOT_EXTRACT_TABLE_STRUCTURE',
]);

/** Node's error code anywhere along the chain of causes, AggregateError (two addresses) included. */
function networkCode(error: unknown): string | undefined {
  for (let current: unknown = error, depth = 0; current instanceof Error && depth < 5; depth++) {
    const code = (current as NodeJS.ErrnoException).code;
    if (code !== undefined && NETWORK_CODES.has(code)) return code;
    const inner = current instanceof AggregateError ? current.errors[0] : undefined;
    current = current.cause ?? inner;
  }
  return undefined;
}

/**
 * ClickHouse's name of an error ('UNKNOWN_TABLE', 'TIMEOUT_EXCEEDED', ...), or undefined when it is
 * none of its errors. By shape, not by class: the embedded engine throws another copy's class.
 */
export function engineErrorType(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('type' in error)) return undefined;
  return typeof error.type === 'string' ? error.type : undefined;
}

function isDiskFull(error: Error): boolean {
  const code = (error as NodeJS.ErrnoException).code;
  return (
    code === 'ENOSPC' ||
    code === 'EDQUOT' ||
    engineErrorType(error) === 'NOT_ENOUGH_SPACE' ||
    /No space left on device|NOT_ENOUGH_SPACE|Disk quota exceeded/i.test(error.message)
  );
}

/**
 * Turns an engine error whose remedy lies outside the query into one that says so; any other error
 * comes back as it is. No text of a connection setting (password!) is ever put into the result.
 */
export function explainEngineError(error: unknown, facts: Facts): unknown {
  if (error instanceof AppError || !(error instanceof Error)) return error;
  if (isDiskFull(error)) {
    return new OperatorError('The disk is full: the database could not write.', {
      facts,
      remedy:
        'Free some space (or move the data folder with --data), then run the same command again: what was committed is kept.',
      cause: error,
    });
  }
  const type = engineErrorType(error);
  if (type === 'AUTHENTICATION_FAILED') {
    return new OperatorError('ClickHouse refused the user name or password.', {
      facts,
      remedy: 'Check CLICKHOUSE_USER and CLICKHOUSE_PASSWORD.',
    });
  }
  if (type === 'ACCESS_DENIED') {
    return new OperatorError('The ClickHouse user lacks a right that Bulkhead needs.', {
      facts: { ...facts, answer: error.message.slice(0, 300) },
      remedy: 'Grant the user SELECT, INSERT, CREATE, ALTER and DROP on its database.',
    });
  }
  if (type !== undefined && CORRUPT_FILE_TYPES.has(type)) {
    return new CorruptDataError('A data file is not what it should be: nothing of it was stored.', {
      facts: { ...facts, answer: error.message.slice(0, 300) },
      cause: error,
    });
  }
  const code = networkCode(error);
  if (code !== undefined || /^Timeout error|socket hang up/.test(error.message)) {
    return new RetryableError('The ClickHouse server did not answer.', {
      facts: { ...facts, fault: code ?? error.message },
      remedy: 'Check that the server runs and that CLICKHOUSE_URL is right.',
      cause: error,
    });
  }
  return error;
}

/** Runs an engine call and explains what it throws. */
export async function withExplainedErrors<T>(facts: Facts, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw explainEngineError(error, facts);
  }
}
