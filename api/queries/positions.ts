import { z } from 'zod';
import { marketId, positionId } from '../../schema/ids.ts';
import type { PositionStatus, Side } from './answers.ts';
import { usdText } from './margin-point.ts';
import { marketSymbol } from './market-names.ts';
import { encodeCursor, type PageRequest, pageParameters } from './page.ts';
import { isoTime } from './provenance.ts';
import type { PositionRecord } from './records.ts';
import { collateralOf, type Source } from './source-directory.ts';
import { count, flag, integer, loadQuery, type Reader, text } from './stored-query.ts';

const positionsQuery = loadQuery(
  'positions',
  z.object({
    position_venue: text,
    position_key: text,
    life: count,
    position_status: z.enum(['OPEN', 'CLOSED', 'LIQUIDATED']),
    last_cause: text,
    account: text,
    position_market: text,
    position_collateral: text,
    is_long: flag,
    size_usd: integer,
    size_base: integer,
    collateral_raw: integer,
    opened_at: count,
    opened_block: count,
    block_timestamp: count,
    transaction_hash: text,
    block_number: count,
    sort_key: integer,
  }),
);

const countQuery = loadQuery('positions-count', z.object({ total: count }));

export interface PositionFilter {
  /** Any of these; all without. */
  readonly positionKeys?: readonly string[] | undefined;
  readonly account?: string | null | undefined;
  /** Market address. */
  readonly market?: string | null | undefined;
  readonly venue?: string | null | undefined;
  readonly side?: Side | null | undefined;
  readonly status?: PositionStatus | null | undefined;
  readonly cause?: string | null | undefined;
}

export type PositionOrder = 'OPENED_AT' | 'UPDATED_AT' | 'SIZE_USD';

export interface PositionList {
  readonly source: Source;
  readonly block: number;
  readonly filter: PositionFilter;
  readonly orderBy: PositionOrder;
  readonly descending: boolean;
}

export type PositionItem = PositionRecord & { readonly cursor: string };

function filterParameters({ source, block, filter }: PositionList) {
  return {
    chainId: source.chainId,
    block,
    positionKeys: (filter.positionKeys ?? []).map((key) => key.toLowerCase()),
    account: filter.account?.toLowerCase() ?? '',
    market: filter.market?.toLowerCase() ?? '',
    venue: filter.venue ?? '',
    side: filter.side ?? '',
    status: filter.status ?? '',
    cause: filter.cause ?? '',
  };
}

/** One page of positions as they stood at the list's block; reversed when the page is inverted. */
export async function readPositions(
  reader: Reader,
  list: PositionList,
  page: PageRequest,
): Promise<PositionItem[]> {
  const { parameters, after, before } = pageParameters(page);
  const rows = await positionsQuery.run(reader, {
    ...filterParameters(list),
    ...parameters,
    afterKey: after?.tie ?? '',
    beforeKey: before?.tie ?? '',
    orderBy: list.orderBy,
    descending: list.descending,
  });
  return rows.map((row) => toPosition(list, row));
}

export async function countPositions(reader: Reader, list: PositionList): Promise<number> {
  const [row] = await countQuery.run(reader, filterParameters(list));
  return row?.total ?? 0;
}

function toPosition(
  { source, block }: PositionList,
  row: Awaited<ReturnType<typeof positionsQuery.run>>[number],
): PositionItem {
  return {
    id: positionId(source.chainId, row.position_venue, row.position_key),
    chainId: source.chainId,
    venue: row.position_venue,
    positionKey: row.position_key,
    life: row.life,
    status: row.position_status,
    cause: row.last_cause,
    account: row.account,
    marketId: marketId(source.chainId, row.position_venue, row.position_market),
    marketSymbol: marketSymbol(source, row.position_venue, row.position_market, ''),
    side: row.is_long ? 'LONG' : 'SHORT',
    collateralToken: collateralOf(source, row.position_venue, row.position_collateral),
    sizeUsd: usdText(row.size_usd),
    sizeBaseRaw: row.size_base.toString(),
    collateralRaw: row.collateral_raw.toString(),
    openedAt: isoTime(row.opened_at),
    openedBlock: row.opened_block,
    updatedAt: isoTime(row.block_timestamp),
    updatedBlock: row.block_number,
    transactionHash: row.transaction_hash,
    asOfBlock: block,
    cursor: encodeCursor({ block, sortKey: row.sort_key, tie: row.position_key }),
  };
}
