import { describe, expect, it } from 'vitest';
import { createLogger } from '../../../indexer/observability/logger.ts';
import { OperatorError } from '../../../schema/errors.ts';

function recording(level: string, secrets: string[] = []) {
  const lines: string[] = [];
  const logger = createLogger({
    level,
    secrets,
    destination: { write: (line) => lines.push(line) },
  });
  return { logger, lines };
}

describe('createLogger', () => {
  it('writes bigints as exact decimal text at any depth', () => {
    const { logger, lines } = recording('info');
    const huge = 2n ** 200n + 1n;
    logger.info({ huge, nested: { list: [1n, { deeper: huge }] } }, 'numbers');
    const line = JSON.parse(lines[0]!);
    expect(line.huge).toBe(huge.toString());
    expect(line.nested).toEqual({ list: ['1', { deeper: huge.toString() }] });
    expect(line.level).toBe('info');
  });

  it('blots out secrets by key, at any depth, and leaves token addresses alone', () => {
    const { logger, lines } = recording('info');
    logger.info({ apiToken: 'abcd', inner: { password: 'pw', token: '0xfeed' } }, 'x');
    const line = JSON.parse(lines[0]!);
    expect(line.apiToken).toBe('[redacted]');
    expect(line.inner).toEqual({ password: '[redacted]', token: '0xfeed' });
  });

  it('blots out a secret value wherever it turns up, quotes and all', () => {
    const secret = 'to"ken-1234';
    const { logger, lines } = recording('info', [secret]);
    logger.error({ err: new Error(`Bearer ${secret} refused`) }, `asked with ${secret}`);
    expect(lines[0]).not.toContain('ken-1234');
    expect(JSON.parse(lines[0]!).msg).toBe('asked with [redacted]');
  });

  it('writes facts and remedy of our own errors, without a stack', () => {
    const { logger, lines } = recording('info');
    const cause = new Error('inner');
    logger.error(
      { err: new OperatorError('No.', { facts: { block: 5n }, remedy: 'Wait.', cause }) },
      'failed',
    );
    const { err } = JSON.parse(lines[0]!);
    expect(err).toMatchObject({
      type: 'OperatorError',
      message: 'No.',
      facts: { block: '5' },
      remedy: 'Wait.',
    });
    expect(err.stack).toBeUndefined();
    expect(err.cause.message).toBe('inner');
  });

  it('says nothing below its level', () => {
    const { logger, lines } = recording('warn');
    logger.info('quiet');
    logger.warn('loud');
    expect(lines).toHaveLength(1);
  });
});
