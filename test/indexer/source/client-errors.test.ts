import { describe, expect, it } from 'vitest';
import { RateLimitedError } from '../../../indexer/source/backoff.ts';
import {
  classifyClientError,
  PayloadTooLargeError,
  UnreachableError,
} from '../../../indexer/source/client-errors.ts';
import { CorruptDataError, OperatorError, RetryableError } from '../../../schema/errors.ts';

const context = { endpoint: 'http://localhost:1', asked: 'the height', secret: 'tok-1234' };
const classify = (text: string) => classifyClientError(new Error(text), context);

describe('classifyClientError', () => {
  it.each([
    ['http response status code 401 Unauthorized', OperatorError],
    ['http response status code 403 Forbidden', OperatorError],
    ['http response status code 404 Not Found', OperatorError],
    ['1: http response status code 503 Service Unavailable, err body: x', UnreachableError],
    ['http response status code 408 Request Timeout', UnreachableError],
    ['http response status code 413 Payload Too Large', PayloadTooLargeError],
    ['1: Payload is too large and query is using the minimum block range.', PayloadTooLargeError],
    ['http response status code 429 Too Many Requests', RateLimitedError],
    ['1: rate limited by server (remaining=0, resets_in=3s).', RateLimitedError],
    ['execute http req\n\nCaused by:\n    0: error sending request', UnreachableError],
    ['1: parse query response', RetryableError],
    ['get data: create parquet file: No space left on device (os error 28)', OperatorError],
    ['write to parquet: 0: write logs chunk to parquet 1: channel closed', RetryableError],
    ['write batch: 1: Arrow: Incompatible type. Field x has type UInt64', CorruptDataError],
    ['Expected 32 got 31', CorruptDataError],
    ['assertion failed: buf.len() == 1 || buf[0] != 0', CorruptDataError],
  ])('sorts %j', (text, type) => {
    expect(classify(text)).toBeInstanceOf(type);
  });

  it('lets a refused token win over the other attempts of the same call', () => {
    const text = '0: http response status code 503\n1: http response status code 401';
    expect(classify(text)).toBeInstanceOf(OperatorError);
  });

  it('keeps what was said and drops native stack traces and the token', () => {
    const error = classify(
      [
        'run inner query',
        '',
        'Caused by:',
        '    0: get data',
        '    1: http response status code 500 Internal Server Error, err body: tok-1234 is odd',
        '       Stack backtrace:',
        '          0: <unknown>',
        '         10: start_thread',
        '                    at ./nptl/pthread_create.c:442:8',
        '    2: ',
      ].join('\n'),
    );
    expect(error.facts['reason']).toBe(
      'http response status code 500 Internal Server Error, err body: [redacted] is odd',
    );
  });

  it('hands our own errors through', () => {
    const own = new RetryableError('x');
    expect(classifyClientError(own, context)).toBe(own);
  });
});
