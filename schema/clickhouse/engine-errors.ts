import {
  AppError,
  CorruptDataError,
  type ErrorDetails,
  OperatorError,
  RetryableError,
} from '../errors.ts';

type Facts = NonNullable<ErrorDetails['facts']>;

/** No room is left where the database writes. Passes only when somebody frees some. */
export class DiskFullError extends OperatorError {}

/** No (whole) answer of the server, or one that says: not now. What was asked may have been done... */
export class ServerAwayError extends RetryableError {
  /** ...unless this is true: it was refused before anything began. */
  readonly isSurelyUndone: boolean;

  constructor(message: string, details: ErrorDetails) {
    super(message, details);
    this.isSurelyUndone = UNDONE_FAULTS.has(String(details.facts?.['fault']));
  }
}

/** A limit of the server or of the query was met; `type` is ClickHouse's name of the error. */
export class EngineLimitError extends RetryableError {
  readonly type: string;

  constructor(type: string, message: string, details: ErrorDetails) {
    super(message, details);
    this.type = type;
  }
}

/** Node's codes of a connection that could not be made, was cut, or broke off in mid-answer. */
const NETWORK_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EPIPE',
  'ERR_STREAM_PREMATURE_CLOSE',
  'HPE_INVALID_CONSTANT',
  'HPE_INVALID_CHUNK_SIZE',
  'HPE_INVALID_EOF_STATE',
  'Z_BUF_ERROR',
]);

/** No connection was made, or the query was not let in. */
const UNDONE_FAULTS = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'TOO_MANY_SIMULTANEOUS_QUERIES',
  'SERVER_OVERLOADED',
]);

/**
 * What the client makes of an answer without an error of ClickHouse: an error of the whole body, the
 * status gone. These are pages and lines of web servers and proxies; an empty body says as much.
 */
const FOREIGN_ANSWER =
  /^\s*$|^\s*<(?:!doctype|html)|bad gateway|service (?:temporarily )?unavailable|too many requests|gateway time-?out|no healthy upstream|upstream connect error/i;

/** Of those, the ones that no waiting mends. */
const LASTING_ANSWER = /\b(?:301|302|400|401|403|404|405) |not found|forbidden|unauthorized/i;

/**
 * The errors we sort, by code: a server's answer names its type in a text that may also quote the
 * query, so the code is the safer one of the two.
 */
const ERROR_NAMES: ReadonlyMap<number, string> = new Map([
  [159, 'TIMEOUT_EXCEEDED'],
  [164, 'READONLY'],
  [201, 'QUOTA_EXCEEDED'],
  [202, 'TOO_MANY_SIMULTANEOUS_QUERIES'],
  [203, 'NO_FREE_CONNECTION'],
  [209, 'SOCKET_TIMEOUT'],
  [210, 'NETWORK_ERROR'],
  [225, 'NO_ZOOKEEPER'],
  [236, 'ABORTED'],
  [241, 'MEMORY_LIMIT_EXCEEDED'],
  [242, 'TABLE_IS_READ_ONLY'],
  [243, 'NOT_ENOUGH_SPACE'],
  [252, 'TOO_MANY_PARTS'],
  [279, 'ALL_CONNECTION_TRIES_FAILED'],
  [285, 'TOO_FEW_LIVE_REPLICAS'],
  [319, 'UNKNOWN_STATUS_OF_INSERT'],
  [341, 'UNFINISHED'],
  [394, 'QUERY_WAS_CANCELLED'],
  [473, 'DEADLOCK_AVOIDED'],
  [497, 'ACCESS_DENIED'],
  [516, 'AUTHENTICATION_FAILED'],
  [745, 'SERVER_OVERLOADED'],
  [999, 'KEEPER_EXCEPTION'],
]);

/** The server, or one it depends on, cannot do it now. */
const AWAY_TYPES = new Set([
  'TOO_MANY_SIMULTANEOUS_QUERIES',
  'NO_FREE_CONNECTION',
  'SOCKET_TIMEOUT',
  'NETWORK_ERROR',
  'NO_ZOOKEEPER',
  'ABORTED',
  'TABLE_IS_READ_ONLY',
  'TOO_MANY_PARTS',
  'ALL_CONNECTION_TRIES_FAILED',
  'TOO_FEW_LIVE_REPLICAS',
  'UNKNOWN_STATUS_OF_INSERT',
  'UNFINISHED',
  'QUERY_WAS_CANCELLED',
  'DEADLOCK_AVOIDED',
  'SERVER_OVERLOADED',
  'KEEPER_EXCEPTION',
]);

const LIMIT_REMEDIES: Readonly<Record<string, string>> = {
  TIMEOUT_EXCEEDED: 'Ask for less, or raise max_execution_time of the ClickHouse user.',
  MEMORY_LIMIT_EXCEEDED: 'Give ClickHouse more memory, or let less run beside Bulkhead.',
  QUOTA_EXCEEDED: 'Wait until the interval of the quota is over, or raise it.',
};

/** What the engine says of a Parquet file that is cut, no Parquet file, or fails our check. */
const CORRUPT_FILE_TYPES = new Set([
  'FUNCTION_THROW_IF_VALUE_IS_NON_ZERO',
  'INCORRECT_DATA',
  'CANNOT_READ_ALL_DATA',
  'CANNOT_EXTRACT_TABLE_STRUCTURE',
]);

/** Node's error code anywhere along the chain of causes, AggregateError (two addresses) included. */
function nodeCode(error: unknown, isWanted: (code: string) => boolean): string | undefined {
  for (let current: unknown = error, depth = 0; current instanceof Error && depth < 5; depth++) {
    const code: unknown = (current as NodeJS.ErrnoException).code;
    if (typeof code === 'string' && isWanted(code)) return code;
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
  const name = 'code' in error ? ERROR_NAMES.get(Number(error.code)) : undefined;
  if (name !== undefined) return name;
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
    return new DiskFullError('The disk is full: the database could not write.', {
      facts,
      remedy:
        'server' in facts
          ? "Free some space on the server's disk, then run the same command again: what was committed is kept."
          : 'Free some space (or move the data folder with --data), then run the same command again: what was committed is kept.',
      cause: error,
    });
  }
  const type = engineErrorType(error);
  if (type !== undefined) return explainType(type, error, facts) ?? error;
  const isForeign = error.constructor === Error && FOREIGN_ANSWER.test(error.message);
  return (
    explainNetworkFault(error, facts) ?? (isForeign ? explainForeignAnswer(error, facts) : error)
  );
}

function explainType(type: string, error: Error, facts: Facts): AppError | undefined {
  const withAnswer = { ...facts, answer: error.message.slice(0, 300) };
  if (type === 'AUTHENTICATION_FAILED') {
    return new OperatorError('ClickHouse refused the user name or password.', {
      facts,
      remedy: 'Check CLICKHOUSE_USER and CLICKHOUSE_PASSWORD.',
    });
  }
  if (type === 'ACCESS_DENIED' || type === 'READONLY') {
    return new OperatorError('The ClickHouse user lacks a right that Bulkhead needs.', {
      facts: withAnswer,
      remedy: 'Grant the user SELECT, INSERT, CREATE, ALTER and DROP on its database.',
    });
  }
  if (CORRUPT_FILE_TYPES.has(type)) {
    return new CorruptDataError('A data file is not what it should be: nothing of it was stored.', {
      facts: withAnswer,
      cause: error,
    });
  }
  if (AWAY_TYPES.has(type)) {
    return new ServerAwayError('ClickHouse cannot do it at the moment.', {
      facts: { ...withAnswer, fault: type },
      remedy: 'It passes by itself, or the log of the ClickHouse server says what is wrong.',
      cause: error,
    });
  }
  const remedy = LIMIT_REMEDIES[type];
  if (remedy === undefined) return undefined;
  return new EngineLimitError(type, 'A limit of ClickHouse was met.', {
    facts: { ...withAnswer, fault: type },
    remedy,
    cause: error,
  });
}

function explainForeignAnswer(error: Error, facts: Facts): AppError {
  const details = {
    facts: { ...facts, answer: error.message.slice(0, 300) },
    remedy: 'Check that CLICKHOUSE_URL is the HTTP port of ClickHouse, and what stands before it.',
    cause: error,
  };
  return LASTING_ANSWER.test(error.message)
    ? new OperatorError('The answer is not one of a ClickHouse server.', details)
    : new ServerAwayError(
        'What stands before the ClickHouse server did not let us through.',
        details,
      );
}

function explainNetworkFault(error: Error, facts: Facts): AppError | undefined {
  const code = nodeCode(error, (value) => NETWORK_CODES.has(value));
  if (code !== undefined || /^Timeout error|socket hang up|^aborted$/.test(error.message)) {
    return new ServerAwayError('The ClickHouse server did not answer.', {
      facts: { ...facts, fault: code ?? error.message },
      remedy: 'Check that the server runs and that CLICKHOUSE_URL is right.',
      cause: error,
    });
  }
  const tls = nodeCode(error, (value) => /CERT|_TLS_|_SSL_|EPROTO|SELF_SIGNED/.test(value));
  if (tls === undefined) return undefined;
  return new OperatorError('No secure connection to the ClickHouse server can be made.', {
    facts: { ...facts, fault: tls },
    remedy:
      'Check http against https in CLICKHOUSE_URL, and the certificate (NODE_EXTRA_CA_CERTS for one of your own).',
    cause: error,
  });
}

/** Runs an engine call and explains what it throws. */
export async function withExplainedErrors<T>(facts: Facts, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw explainEngineError(error, facts);
  }
}
