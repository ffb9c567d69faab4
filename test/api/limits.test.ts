import { getIntrospectionQuery } from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApi } from '../../api/graphql-handler.ts';
import { MAX_ALIASES, MAX_BODY_BYTES, MAX_DEPTH, MAX_TOKENS } from '../../api/limits.ts';
import { askOf, keepingLogger, type OpenStore, openEmptyStore } from './crash-store.ts';

describe('limits of the API', () => {
  const logger = keepingLogger();
  let store: OpenStore;
  let api: ReturnType<typeof createApi>;
  let ask: ReturnType<typeof askOf>;

  beforeAll(async () => {
    store = await openEmptyStore();
    api = createApi({ database: store.database, logger });
    ask = askOf(api);
  });
  afterAll(async () => {
    await store?.close();
  });

  const messageOf = async (query: string): Promise<string> => {
    const { errors } = await ask<object>(query);
    return errors?.map((error) => error.message).join(' | ') ?? '';
  };
  const status = '{ status { sources { chain } } }';

  it('answers an empty store with no sources, and a question about it with what to do', async () => {
    expect(await ask(status)).toEqual({ data: { status: { sources: [] } } });
    const { errors } = await ask<object>('{ markets { id } }');
    expect(errors?.[0]?.message).toContain('bulkhead start');
    expect(errors?.[0]?.extensions?.['code']).toBe('BAD_USER_INPUT');
  });

  it('lets GraphiQL read the whole schema', async () => {
    const query = getIntrospectionQuery({ inputValueDeprecation: true, schemaDescription: true });
    const { data, errors } = await ask<{ __schema: { types: object[] } }>(query);
    expect(errors).toBeUndefined();
    expect(data?.__schema.types.length).toBeGreaterThan(40);
  });

  it('bounds tokens', async () => {
    // Each price is 8 tokens, the rest of the query about 20.
    const query = (prices: number) => `{ positions(first: 1) { nodes { marginAt(prices: [
      ${'{ token: "ETH", minPriceUsd: "1" } '.repeat(prices)}]) { equityUsd } } } }`;
    expect(await messageOf(query((MAX_TOKENS - 40) / 8))).toContain('no chain yet');
    expect(await messageOf(query(MAX_TOKENS / 8))).toContain('Token limit');
  });

  it('bounds depth', async () => {
    const nested = (levels: number) =>
      `{ __type(name: "Query") { ${'ofType { '.repeat(levels)} name ${'} '.repeat(levels)} } }`;
    expect(await messageOf(nested(MAX_DEPTH - 3))).toBe('');
    expect(await messageOf(nested(MAX_DEPTH + 1))).toMatch(/depth/i);
  });

  it('bounds aliases', async () => {
    const aliased = (times: number) =>
      `{ ${Array.from({ length: times }, (_, index) => `a${index}: status { sources { chain } }`).join(' ')} }`;
    expect(await messageOf(aliased(MAX_ALIASES))).toBe('');
    expect(await messageOf(aliased(MAX_ALIASES + 1))).toContain('Aliases limit');
  });

  it('bounds cost by what the arguments ask for', async () => {
    const histories = (positions: number) =>
      `{ positions(first: ${positions}) { nodes { marginHistory(maxPoints: 1000) { totalPoints } } } }`;
    expect(await messageOf(histories(10))).toContain('no chain yet');
    expect(await messageOf(histories(100))).toContain('The query is too large');
  });

  it('bounds the body', async () => {
    const post = (bytes: number) =>
      api.fetch('http://localhost/graphql', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ query: status }).padEnd(bytes, ' '),
      });
    expect((await post(MAX_BODY_BYTES - 1)).status).toBe(200);
    expect((await post(MAX_BODY_BYTES + 1)).status).toBe(413);
  });

  it('has logged nothing: wrong use is no fault of ours', () => {
    expect(logger.lines).toEqual([]);
  });
});
