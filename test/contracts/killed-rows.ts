import type { Row } from '../../indexer/store/event-store.ts';
import { marketEventRow } from '../../schema/clickhouse/rows.ts';

export const ROWS_A_BLOCK = 5_000;

/** The same rows for the same block, whoever makes them. */
export function rowsOfBlock(block: number): Row[] {
  return Array.from({ length: ROWS_A_BLOCK }, (_, logIndex) =>
    marketEventRow({
      kind: 'market',
      type: 'PoolAmountChanged',
      market: '0xmarket',
      token: '0xtoken',
      isLong: null,
      delta: BigInt(block * logIndex),
      value: null,
      details: { block: String(block) },
      chainId: 1,
      blockNumber: block,
      blockTimestamp: block,
      transactionHash: '0x00',
      transactionIndex: 0,
      logIndex,
      subIndex: 0,
      venue: 'test',
    }),
  );
}
