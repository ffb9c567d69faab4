import { z } from 'zod';
import { eventId, marketId, positionId } from '../../schema/ids.ts';
import type { LiquidationCause, Side } from './answers.ts';
import { collateralPriceAnswer, priceRangeAnswer, priceText, usdText } from './margin-point.ts';
import type { ListedToken } from './market-listings.ts';
import { marketSymbol } from './market-names.ts';
import { encodeCursor, type PageRequest, pageParameters } from './page.ts';
import { isoTime } from './provenance.ts';
import type { LiquidationRecord, LiquidationTotals } from './records.ts';
import { collateralOf, type Source, tokenOf } from './source-directory.ts';
import { count, flag, integer, loadQuery, type Reader, text } from './stored-query.ts';

/** Above every block time: an open end. */
const END_OF_TIME = 9_007_199_254_740_991;

const liquidationsQuery = loadQuery(
  'liquidations',
  z.object({
    liquidation_venue: text,
    liquidation_cause: z.enum(['LIQUIDATION', 'ADL']),
    position_key: text,
    life: count,
    account: text,
    liquidation_market: text,
    liquidation_collateral: text,
    is_long: flag,
    order_key: text,
    liquidator: text,
    size_usd: integer,
    size_base: integer,
    collateral_raw: integer,
    size_delta_usd: integer,
    size_delta_base: integer,
    execution_price: integer,
    index_price_min: integer,
    index_price_max: integer,
    collateral_price_min: integer,
    collateral_price_max: integer,
    realized_pnl_usd: integer,
    price_impact_usd: integer,
    position_fee_raw: integer,
    borrow_fee_raw: integer,
    funding_fee_raw: integer,
    penalty_raw: integer,
    penalty_usd: integer,
    is_insolvent: flag,
    unpaid_step: text,
    bad_debt_usd: integer,
    price_observed_at: count.nullable(),
    price_observation_lag_seconds: count.nullable(),
    block_timestamp: count,
    transaction_hash: text,
    block_number: count,
    log_index: count,
    place: integer,
    sort_key: integer,
  }),
);

const totalQuery = loadQuery(
  'liquidations-total',
  z.object({
    total: count,
    closed_size_usd: integer,
    total_penalty_usd: integer,
    total_bad_debt_usd: integer,
    insolvent_count: count,
  }),
);

export interface LiquidationFilter {
  readonly positionKey?: string | null | undefined;
  readonly account?: string | null | undefined;
  readonly liquidator?: string | null | undefined;
  /** Market address. */
  readonly market?: string | null | undefined;
  readonly venue?: string | null | undefined;
  readonly side?: Side | null | undefined;
  readonly cause?: LiquidationCause | null | undefined;
  readonly isInsolvent?: boolean | null | undefined;
  /** Half-open, unix seconds. */
  readonly from?: number | null | undefined;
  readonly to?: number | null | undefined;
}

export type LiquidationOrder = 'TIME' | 'SIZE_USD' | 'PENALTY_USD' | 'BAD_DEBT_USD';

export interface LiquidationList {
  readonly source: Source;
  readonly block: number;
  readonly filter: LiquidationFilter;
  readonly orderBy: LiquidationOrder;
  readonly descending: boolean;
  /** The index token of each market address, where known. */
  readonly indexTokens: ReadonlyMap<string, ListedToken>;
}

export type LiquidationItem = LiquidationRecord & { readonly cursor: string };

function filterParameters({ source, block, filter }: LiquidationList) {
  return {
    chainId: source.chainId,
    block,
    positionKey: filter.positionKey?.toLowerCase() ?? '',
    account: filter.account?.toLowerCase() ?? '',
    liquidator: filter.liquidator?.toLowerCase() ?? '',
    market: filter.market?.toLowerCase() ?? '',
    venue: filter.venue ?? '',
    side: filter.side ?? '',
    cause: filter.cause ?? '',
    insolvent: filter.isInsolvent?.toString() ?? '',
    fromTime: filter.from ?? 0,
    toTime: filter.to ?? END_OF_TIME,
  };
}

/** One page of liquidations up to the list's block; reversed when the page is inverted. */
export async function readLiquidations(
  reader: Reader,
  list: LiquidationList,
  page: PageRequest,
): Promise<LiquidationItem[]> {
  return run(reader, list, page, { onlyBlock: 0, hasOnlyLog: false, onlyLog: 0 });
}

/** The liquidation that one log caused, or null. */
export async function readLiquidation(
  reader: Reader,
  list: LiquidationList,
  place: { readonly block: number; readonly logIndex: number },
): Promise<LiquidationItem | null> {
  const only = { onlyBlock: place.block, hasOnlyLog: true, onlyLog: place.logIndex };
  const [item] = await run(reader, list, { limit: 1, inverted: false }, only);
  return item ?? null;
}

async function run(
  reader: Reader,
  list: LiquidationList,
  page: PageRequest,
  only: Readonly<Record<string, unknown>>,
): Promise<LiquidationItem[]> {
  const { parameters, after, before } = pageParameters(page);
  const rows = await liquidationsQuery.run(reader, {
    ...filterParameters(list),
    ...parameters,
    ...only,
    afterPlace: after?.tie ?? '0',
    beforePlace: before?.tie ?? '0',
    orderBy: list.orderBy,
    descending: list.descending,
  });
  return rows.map((row) => toLiquidation(list, row));
}

export async function sumLiquidations(
  reader: Reader,
  list: LiquidationList,
): Promise<LiquidationTotals> {
  const [row] = await totalQuery.run(reader, filterParameters(list));
  return {
    count: row?.total ?? 0,
    closedSizeUsd: usdText(row?.closed_size_usd ?? 0n),
    penaltyUsd: usdText(row?.total_penalty_usd ?? 0n),
    badDebtUsd: usdText(row?.total_bad_debt_usd ?? 0n),
    insolventCount: row?.insolvent_count ?? 0,
  };
}

const magnitude = (value: bigint): bigint => (value < 0n ? -value : value);

function toLiquidation(
  { source, block, indexTokens }: LiquidationList,
  row: Awaited<ReturnType<typeof liquidationsQuery.run>>[number],
): LiquidationItem {
  const { chainId } = source;
  const venue = row.liquidation_venue;
  const indexToken =
    indexTokens.get(`${venue}:${row.liquidation_market}`) ?? tokenOf(source, venue, '');
  const collateralToken = collateralOf(source, venue, row.liquidation_collateral);
  const observedAt = row.price_observed_at;
  return {
    id: eventId(chainId, venue, row.block_number, row.log_index),
    chainId,
    venue,
    cause: row.liquidation_cause,
    positionId: positionId(chainId, venue, row.position_key),
    life: row.life,
    account: row.account,
    liquidator: row.liquidator,
    marketId: marketId(chainId, venue, row.liquidation_market),
    marketSymbol: marketSymbol(source, venue, row.liquidation_market, indexToken.address),
    side: row.is_long ? 'LONG' : 'SHORT',
    collateralToken,
    orderKey: row.order_key,
    sizeUsd: usdText(row.size_usd),
    sizeBaseRaw: row.size_base.toString(),
    collateralRaw: row.collateral_raw.toString(),
    closedSizeUsd: usdText(magnitude(row.size_delta_usd)),
    closedSizeBaseRaw: magnitude(row.size_delta_base).toString(),
    executionPriceUsd: priceText(row.execution_price, indexToken.priceDecimals),
    indexPrice: priceRangeAnswer(
      { min: row.index_price_min, max: row.index_price_max },
      indexToken,
    ),
    collateralPrice: collateralPriceAnswer(
      { min: row.collateral_price_min, max: row.collateral_price_max },
      collateralToken,
    ),
    realizedPnlUsd: usdText(row.realized_pnl_usd),
    priceImpactUsd: usdText(row.price_impact_usd),
    positionFeeRaw: row.position_fee_raw.toString(),
    borrowFeeRaw: row.borrow_fee_raw.toString(),
    fundingFeeRaw: row.funding_fee_raw.toString(),
    penaltyRaw: row.penalty_raw.toString(),
    penaltyUsd: usdText(row.penalty_usd),
    isInsolvent: row.is_insolvent,
    insolventStep: row.unpaid_step === '' ? null : row.unpaid_step,
    badDebtUsd: usdText(row.bad_debt_usd),
    priceObservedAt: observedAt === null ? null : isoTime(observedAt),
    priceObservationLagSeconds: row.price_observation_lag_seconds,
    timestamp: isoTime(row.block_timestamp),
    blockNumber: row.block_number,
    logIndex: row.log_index,
    transactionHash: row.transaction_hash,
    asOfBlock: block,
    cursor: encodeCursor({ block, sortKey: row.sort_key, tie: row.place.toString() }),
  };
}
