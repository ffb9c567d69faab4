import { GraphQLError } from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApi } from '../../api/graphql-handler.ts';
import { maskError } from '../../api/mask-error.ts';
import { CorruptDataError, OperatorError, UsageError } from '../../schema/errors.ts';
import { askOf, keepingLogger, type OpenStore, openEmptyStore } from './crash-store.ts';

const wrapped = (originalError: Error) =>
  new GraphQLError(originalError.message, { originalError });

describe('maskError', () => {
  it('lets wrong use out with its facts and remedy', () => {
    const logger = keepingLogger();
    const error = new UsageError('No.', { facts: { block: 7n }, remedy: 'Ask less.' });
    expect(maskError(wrapped(error), logger)).toMatchObject({
      message: 'No. Ask less.',
      extensions: { code: 'BAD_USER_INPUT', facts: { block: '7' } },
    });
    expect(logger.lines).toEqual([]);
  });

  it.each([
    new Error('SELECT secret FROM /var/lib'),
    new OperatorError('disk full', { facts: { folder: '/home/me' } }),
    new CorruptDataError('row 7'),
  ])('hides %s behind an id, and logs it under that id', (error) => {
    const logger = keepingLogger();
    const masked = maskError(wrapped(error), logger);
    expect(masked.message).toBe('Internal error');
    expect(JSON.stringify(masked.toJSON())).not.toContain(error.message);
    expect(logger.lines).toHaveLength(1);
    expect(logger.lines[0]?.fields).toMatchObject({ id: masked.extensions['id'], err: error });
  });

  it('leaves faults of the query as GraphQL states them', () => {
    const error = new GraphQLError('Cannot query field "x".');
    expect(maskError(error, keepingLogger())).toBe(error);
  });
});

describe('the API over a store that fails', () => {
  const logger = keepingLogger();
  let store: OpenStore;

  beforeAll(async () => {
    store = await openEmptyStore();
    await store.database.command('DROP TABLE sources');
  });
  afterAll(async () => {
    await store?.close();
  });

  it('names the fault by an id only', async () => {
    const ask = askOf(createApi({ database: store.database, logger }));
    const { errors } = await ask<object>('{ status { sources { chain } } }');
    expect(errors?.[0]?.message).toBe('Internal error');
    expect(JSON.stringify(errors)).not.toMatch(/sources does not|UNKNOWN_TABLE|SELECT/);
    expect(logger.lines).toHaveLength(1);
    expect(logger.lines[0]?.fields['id']).toBe(errors?.[0]?.extensions?.['id']);
  });
});
