import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EventStore } from '../../indexer/store/event-store.ts';
import type { Database } from '../../schema/clickhouse/database.ts';
import { OperatorError } from '../../schema/errors.ts';
import { CHAIN, rowFor, type StoreUnderTest } from './store-rows.ts';

/** What any event store promises of what it holds besides batches. */
export function describeRecords(open: () => Promise<StoreUnderTest>): void {
  describe('records', () => {
    let under: StoreUnderTest;
    let store: EventStore;
    let database: Database;
    beforeAll(async () => {
      under = await open();
      ({ store, database } = under);
    });
    afterAll(() => under.close());

    describe('claimSource', () => {
      const source = {
        chainId: CHAIN,
        chain: 'local-gmx-v2',
        isSynthetic: true,
        name: 'crash',
        description: 'd',
        provenance: 'p',
        firstBlock: 0,
        manifest: '{"a":1}',
      };
      it('takes the same source again and refuses another with its chain id', async () => {
        await store.claimSource(source);
        await store.claimSource(source);
        expect(await store.select('SELECT name, manifest FROM sources', {})).toEqual([
          { name: 'crash', manifest: '{"a":1}' },
        ]);
        const public_ = { ...source, chain: 'arbitrum', isSynthetic: false };
        await expect(store.claimSource(public_)).rejects.toBeInstanceOf(OperatorError);
        await expect(store.claimSource({ ...source, name: 'other' })).rejects.toBeInstanceOf(
          OperatorError,
        );
        await store.claimSource({ ...source, chainId: 10 });
      });
    });

    describe('position_intervals', () => {
      it('ends each state where the next of its position begins', async () => {
        const row = await rowFor(database, 'position_states', {
          chainId: CHAIN,
          block: 1,
          logIndex: 0,
        });
        const at = (position_key: string, block: number, log_index: number) => ({
          ...row,
          position_key,
          block_number: block,
          block_timestamp: block * 10,
          log_index,
        });
        await store.append('position_states', [
          at('a', 3, 1),
          at('b', 2, 0),
          at('a', 3, 0),
          at('a', 9, 0),
        ]);
        const forever = (2n ** 64n - 1n).toString();
        expect(
          await store.select(
            `SELECT position_key AS key, block_number AS block, log_index AS log, until_block AS until
             FROM position_intervals ORDER BY key, block, log`,
            {},
          ),
        ).toEqual([
          { key: 'a', block: '3', log: 0, until: '3' },
          { key: 'a', block: '3', log: 1, until: '9' },
          { key: 'a', block: '9', log: 0, until: forever },
          { key: 'b', block: '2', log: 0, until: forever },
        ]);
      });
    });
  });
}
