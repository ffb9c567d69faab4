import {
  AppError,
  CorruptDataError,
  type ErrorDetails,
  OperatorError,
  RetryableError,
} from '../../schema/errors.ts';
import { RateLimitedError } from './backoff.ts';

/** The answer to even the smallest piece of the range is too large for the endpoint. */
export class PayloadTooLargeError extends RetryableError {}

/** The endpoint scanned nothing: the instance that answered has a lower head than we need. */
export class LaggingReplicaError extends RetryableError {}

/** No answer, or one of a server in trouble. */
export class UnreachableError extends RetryableError {}

/** An answer with values that cannot be, or that contradict another: the next one may be sound. */
export class UnsoundAnswerError extends RetryableError {
  constructor(cause: CorruptDataError) {
    super(cause.message, { facts: cause.facts, cause });
  }
}

export interface CallContext {
  readonly endpoint: string;
  /** What was asked, for a person: `height`, `blocks 100 to 200`. */
  readonly asked: string;
  readonly secret: string;
}

/** Seconds the endpoint is left alone after a 429 on a path where the client does not wait itself. */
const PLAIN_RATE_LIMIT_MILLIS = 2_000;

/**
 * The client throws plain errors whose only detail is a text of many lines: every attempt, and a
 * native stack trace. This sorts them by remedy.
 *
 * | text | becomes |
 * | --- | --- |
 * | status 401, 403 | OperatorError: the token |
 * | status 413, or "minimum block range" | PayloadTooLargeError |
 * | status 429, or "rate limited by server" (the client has then slept until the reset) | RateLimitedError |
 * | status 408, 425, 5xx | UnreachableError |
 * | any other status | OperatorError: not a HyperSync endpoint, or it rejects the query |
 * | request not sent, refused, reset, timed out | UnreachableError |
 * | body that cannot be read | RetryableError |
 * | file could not be written | OperatorError: disk (RetryableError when the client does not say why) |
 * | anything else (wrong column type or width, failed assertion) | CorruptDataError |
 */
export function classifyClientError(error: unknown, context: CallContext): AppError {
  if (error instanceof AppError) return error;
  const text = error instanceof Error ? error.message : String(error);
  const reason = reasonOf(text).replaceAll(context.secret || '\0', '[redacted]');
  const details: ErrorDetails = {
    facts: { endpoint: context.endpoint, asked: context.asked, reason },
  };
  const statuses = [...text.matchAll(/http response status code (\d{3})/g)].map((match) =>
    Number(match[1]),
  );
  const refused = statuses.find((status) => status === 401 || status === 403);
  if (refused !== undefined) return tokenRefused(details);
  if (/using the minimum block range/.test(text) || statuses.includes(413)) {
    return new PayloadTooLargeError('The answer is too large for the HyperSync endpoint.', details);
  }
  if (/rate limited by server/.test(text)) {
    return new RateLimitedError('HyperSync limits the rate of requests.', 0, details.facts);
  }
  if (statuses.includes(429)) {
    return new RateLimitedError(
      'HyperSync limits the rate of requests.',
      PLAIN_RATE_LIMIT_MILLIS,
      details.facts,
    );
  }
  const last = statuses.at(-1);
  if (last !== undefined) return byStatus(last, details);
  if (/execute http req|error sending request/.test(text)) {
    return new UnreachableError('The HyperSync endpoint cannot be reached.', details);
  }
  if (/parse query response|error decoding response body|read response body/.test(text)) {
    return new RetryableError('The answer of the HyperSync endpoint cannot be read.', details);
  }
  return localOrCorrupt(text, details);
}

function tokenRefused(details: ErrorDetails): AppError {
  return new OperatorError('HyperSync refused the token.', {
    ...details,
    remedy: 'Set ENVIO_API_TOKEN to a valid token (https://envio.dev/app/api-tokens).',
  });
}

function byStatus(status: number, details: ErrorDetails): AppError {
  if (status >= 500 || status === 408 || status === 425) {
    return new UnreachableError(`The HyperSync endpoint answered ${status}.`, details);
  }
  return new OperatorError(`The HyperSync endpoint rejects the request (${status}).`, {
    ...details,
    remedy: 'Check that HYPERSYNC_URL is a HyperSync endpoint and serves this chain.',
  });
}

function localOrCorrupt(text: string, details: ErrorDetails): AppError {
  if (/channel closed/.test(text) && !/No space left|Permission denied/.test(text)) {
    // The file's writer ended first and kept the reason: rows that do not fit, or the disk.
    return new RetryableError('The client gave up writing a range.', details);
  }
  if (
    /No space left on device|os error 28|Permission denied|create parquet|write .*to parquet/.test(
      text,
    )
  ) {
    return new OperatorError('A file of the fetched range cannot be written.', {
      ...details,
      remedy: 'Free disk space, or point TMPDIR at a folder that can be written.',
    });
  }
  return new CorruptDataError('HyperSync sent values that cannot be what they claim to be.', {
    ...details,
    remedy: 'Try another endpoint; if it stays, report it to the operator of this one.',
  });
}

const NOISE =
  /^\s*(\d+:\s*(<unknown>|_Z\S*|start_thread|clone3|Builtins\S*|uv_\S+|node\S*|\S+::.*|)\s*|at \S+:\d+(:\d+)?|Stack backtrace:|Caused by:|)$/;

/** What the text says once stack traces and headings are taken out, at most 300 characters. */
function reasonOf(text: string): string {
  const said = text
    .split('\n')
    .filter((line) => !NOISE.test(line))
    .map((line) => line.trim().replace(/^\d+:\s*/, ''))
    .filter(
      (line) => !/^(run inner query|get data|get query response|execute http req)$/.test(line),
    );
  return [...new Set(said)].join('; ').slice(0, 300);
}
