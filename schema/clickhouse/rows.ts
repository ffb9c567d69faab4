import type { DeadLetter } from '../events/dead-letter.ts';
import type { MarketEvent } from '../events/market.ts';
import type { OracleUpdate } from '../events/oracle.ts';
import type { ParameterChange } from '../events/parameter.ts';
import type { Details, EventPlace } from '../events/place.ts';
import type { FeeEvent, OrderEvent, PositionEvent } from '../events/position.ts';

/**
 * Domain event → row of its table (0002_domain_events.sql): snake_case, 256-bit integers as decimal
 * text, `details` as canonical JSON. The words of the database stop here.
 */
export type TableRow = Readonly<
  Record<string, string | number | boolean | null | readonly string[]>
>;

/** The columns every row ends with: where the event stands on its chain. */
export function placeColumns(place: EventPlace): TableRow {
  return {
    sub_index: place.subIndex,
    block_timestamp: place.blockTimestamp,
    transaction_hash: place.transactionHash,
    transaction_index: place.transactionIndex,
    venue: place.venue,
    block_number: place.blockNumber,
    log_index: place.logIndex,
    chain_id: place.chainId,
  };
}

/** JSON with sorted keys: equal details are equal text, whatever order they were found in. */
export function detailsText(details: Details): string {
  const keys = Object.keys(details).sort();
  return `{${keys.map((key) => `${JSON.stringify(key)}:${JSON.stringify(details[key])}`).join(',')}}`;
}

const text = (value: bigint): string => value.toString();
const textOrNull = (value: bigint | null): string | null => value?.toString() ?? null;

export function positionEventRow(event: PositionEvent): TableRow {
  return {
    type: event.type,
    position_key: event.positionKey,
    account: event.account,
    market: event.market,
    collateral_token: event.collateralToken,
    is_long: event.isLong,
    order_key: event.orderKey,
    order_type: event.orderType,
    size_usd: text(event.sizeUsd),
    size_base: text(event.sizeBase),
    collateral_raw: text(event.collateralRaw),
    size_delta_usd: text(event.sizeDeltaUsd),
    size_delta_base: text(event.sizeDeltaBase),
    collateral_delta_raw: text(event.collateralDeltaRaw),
    execution_price: text(event.executionPrice),
    index_price_min: text(event.indexPriceMin),
    index_price_max: text(event.indexPriceMax),
    collateral_price_min: text(event.collateralPriceMin),
    collateral_price_max: text(event.collateralPriceMax),
    realized_pnl_usd: text(event.realizedPnlUsd),
    price_impact_usd: text(event.priceImpactUsd),
    details: detailsText(event.details),
    ...placeColumns(event),
  };
}

export function feeEventRow(event: FeeEvent): TableRow {
  return {
    type: event.type,
    position_key: event.positionKey,
    order_key: event.orderKey,
    market: event.market,
    collateral_token: event.collateralToken,
    collateral_price_min: text(event.collateralPriceMin),
    position_fee_raw: text(event.positionFeeRaw),
    borrow_fee_raw: text(event.borrowFeeRaw),
    borrow_fee_usd: text(event.borrowFeeUsd),
    funding_fee_raw: text(event.fundingFeeRaw),
    liquidation_fee_raw: text(event.liquidationFeeRaw),
    total_cost_raw: text(event.totalCostRaw),
    remaining_cost_usd: text(event.remainingCostUsd),
    step: event.step,
    details: detailsText(event.details),
    ...placeColumns(event),
  };
}

export function orderEventRow(event: OrderEvent): TableRow {
  return {
    type: event.type,
    order_key: event.orderKey,
    account: event.account,
    market: event.market,
    order_type: event.orderType,
    secondary_order_type: event.secondaryOrderType,
    size_delta_usd: text(event.sizeDeltaUsd),
    requested_at: event.requestedAt,
    reason: event.reason,
    details: detailsText(event.details),
    ...placeColumns(event),
  };
}

export function marketEventRow(event: MarketEvent): TableRow {
  return {
    type: event.type,
    market: event.market,
    token: event.token,
    is_long: event.isLong,
    delta: textOrNull(event.delta),
    value: textOrNull(event.value),
    details: detailsText(event.details),
    ...placeColumns(event),
  };
}

/** Adds the lag: block time minus observation time, signed seconds; null without an observation. */
export function oracleUpdateRow(event: OracleUpdate): TableRow {
  return {
    token: event.token,
    symbol: event.symbol,
    provider: event.provider,
    min_price: text(event.minPrice),
    max_price: text(event.maxPrice),
    price_decimals: event.priceDecimals,
    delivery: event.delivery,
    observed_at: event.observedAt,
    observation_lag_seconds:
      event.observedAt === null ? null : event.blockTimestamp - event.observedAt,
    time_is_block_time: event.timeIsBlockTime,
    details: detailsText(event.details),
    ...placeColumns(event),
  };
}

const MOST_INT256 = 2n ** 255n - 1n;

/**
 * A value above Int256 (a limit switched off is often 2^256 - 1) has null as `value`; `value_text`
 * has it exactly, as always.
 */
export function parameterChangeRow(event: ParameterChange): TableRow {
  return {
    market: event.market,
    name: event.name,
    value: event.value !== null && event.value > MOST_INT256 ? null : textOrNull(event.value),
    value_text: event.valueText,
    base_key: event.baseKey,
    key_data: event.keyData,
    source: event.source,
    ...placeColumns(event),
  };
}

export function deadLetterRow(letter: DeadLetter): TableRow {
  return {
    reason: letter.reason,
    address: letter.address,
    topics: letter.topics,
    data: letter.data,
    ...placeColumns(letter),
  };
}
