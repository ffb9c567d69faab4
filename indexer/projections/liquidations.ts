import { feedKey } from '../../margin/inputs.ts';
import { placeColumns } from '../../schema/clickhouse/rows.ts';
import type { OracleUpdate } from '../../schema/events/oracle.ts';
import type { FeeEvent, PositionEvent } from '../../schema/events/position.ts';
import type { EventStore, Row } from '../store/event-store.ts';
import type { TransactionEvents } from './block-events.ts';
import type { PositionTransition } from './positions.ts';

interface Observation {
  readonly observedAt: number | null;
  readonly lagSeconds: number | null;
}

interface FeeFacts {
  readonly charged: FeeEvent | null;
  readonly due: FeeEvent | null;
  readonly insolvent: FeeEvent | null;
  readonly shortfall: FeeEvent | null;
}

/** One row for each forced close: liquidations, and auto-deleveraging told apart by `cause`. */
export class LiquidationProjection {
  readonly #observations = new Map<string, Observation>();
  readonly #rows: Row[] = [];

  /** Loads the last observation of every feed: a close may use prices set before a restart. */
  async restore(store: EventStore, chainId: number): Promise<void> {
    for (const row of await store.select<StoredObservation>(LATEST_OBSERVATIONS, { chainId })) {
      this.#observations.set(feedKey(row.venue, row.token), {
        observedAt: row.observed_at === null ? null : Number(row.observed_at),
        lagSeconds: row.lag_seconds === null ? null : Number(row.lag_seconds),
      });
    }
  }

  observe(update: OracleUpdate): void {
    const { observedAt } = update;
    this.#observations.set(feedKey(update.venue, update.token), {
      observedAt,
      lagSeconds: observedAt === null ? null : update.blockTimestamp - observedAt,
    });
  }

  applyTransition(
    transition: PositionTransition,
    transaction: TransactionEvents,
    indexFeed: string,
  ): void {
    if (transition.cause !== 'LIQUIDATION' && transition.cause !== 'ADL') return;
    const fees = feesOf(transition, transaction);
    const price = this.#observations.get(indexFeed) ?? { observedAt: null, lagSeconds: null };
    this.#rows.push(rowOf(transition, transaction.sender, fees, price));
  }

  drain(): Row[] {
    return this.#rows.splice(0);
  }
}

function feesOf({ event }: PositionTransition, transaction: TransactionEvents): FeeFacts {
  const find = (type: FeeEvent['type']) => nearestFee(type, event, transaction);
  return {
    charged: find('FeesCharged'),
    due: find('FeesDue'),
    insolvent: find('InsolventClosed'),
    shortfall: find('FundingShortfall'),
  };
}

/**
 * The event's fee: where an order key is the position's key, a transaction can hold fees of several
 * changes of it. Of more than one that is the event's, the one of its own log, else the nearest; of two
 * as near, the earlier: the venues that log fees apart (GMX V1 and V2) log them before the change.
 */
function nearestFee(
  type: FeeEvent['type'],
  event: PositionEvent,
  transaction: TransactionEvents,
): FeeEvent | null {
  let nearest: FeeEvent | null = null;
  for (const candidate of transaction.events) {
    if (candidate.kind !== 'fee' || candidate.type !== type || !isFeeOf(candidate, event)) continue;
    if (changeOf(candidate, transaction) !== event.logIndex) continue;
    if (nearest === null || logsBetween(candidate, event) < logsBetween(nearest, event)) {
      nearest = candidate;
    }
  }
  return nearest;
}

function isFeeOf(fee: FeeEvent, event: PositionEvent): boolean {
  if (fee.venue !== event.venue) return false;
  // FundingShortfall names the market but no order.
  const namesNoOrder = fee.type === 'FundingShortfall' && fee.orderKey === '';
  return namesNoOrder ? fee.market === event.market : fee.orderKey === event.orderKey;
}

/**
 * Log index of the change that a fee belongs to: the first of its order at or after its log, else the
 * last before it. The API tells the fees of an event by the same rule (api/queries/margin-attribution.ts).
 */
function changeOf(fee: FeeEvent, { events }: TransactionEvents): number | undefined {
  const ofOrder = events.filter(
    (event): event is PositionEvent => event.kind === 'position' && isFeeOf(fee, event),
  );
  const change = ofOrder.find(({ logIndex }) => logIndex >= fee.logIndex) ?? ofOrder.at(-1);
  return change?.logIndex;
}

function logsBetween(fee: FeeEvent, event: PositionEvent): number {
  return Math.abs(fee.logIndex - event.logIndex);
}

function rowOf(
  { event, cause, before, after }: PositionTransition,
  liquidator: string,
  fees: FeeFacts,
  price: Observation,
): Row {
  // An insolvent close that stopped early charges nothing: what it owed stands in FeesDue.
  const owed = fees.insolvent && fees.due ? fees.due : fees.charged;
  const penaltyRaw = owed?.liquidationFeeRaw ?? 0n;
  return {
    cause,
    position_key: event.positionKey,
    life: after.life,
    account: event.account,
    market: event.market,
    collateral_token: event.collateralToken,
    is_long: event.isLong,
    order_key: event.orderKey,
    liquidator,
    size_usd: before?.sizeUsd ?? 0n,
    size_base: before?.sizeBase ?? 0n,
    collateral_raw: before?.collateralRaw ?? 0n,
    size_delta_usd: event.sizeDeltaUsd,
    size_delta_base: event.sizeDeltaBase,
    execution_price: event.executionPrice,
    index_price_min: event.indexPriceMin,
    index_price_max: event.indexPriceMax,
    collateral_price_min: event.collateralPriceMin,
    collateral_price_max: event.collateralPriceMax,
    realized_pnl_usd: event.realizedPnlUsd,
    price_impact_usd: event.priceImpactUsd,
    position_fee_raw: owed?.positionFeeRaw ?? 0n,
    borrow_fee_raw: owed?.borrowFeeRaw ?? 0n,
    funding_fee_raw: owed?.fundingFeeRaw ?? 0n,
    penalty_raw: penaltyRaw,
    penalty_usd: penaltyRaw * event.collateralPriceMin,
    is_insolvent: fees.insolvent !== null,
    insolvent_step: fees.insolvent?.step ?? '',
    bad_debt_usd: fees.insolvent?.remainingCostUsd ?? 0n,
    price_observed_at: price.observedAt,
    price_observation_lag_seconds: price.lagSeconds,
    details: JSON.stringify({
      feesAre: owed === fees.due && fees.due ? 'DUE' : 'CHARGED',
      ...(fees.shortfall ? { fundingShortfall: fees.shortfall.details } : {}),
      ...event.details,
    }),
    ...placeColumns(event),
  };
}

interface StoredObservation {
  venue: string;
  token: string;
  observed_at: string | null;
  lag_seconds: string | null;
}

/** In two steps: of all updates only the key is read, in its order; the rest of each feed's last block. */
const LATEST_OBSERVATIONS = `
SELECT venue, token, observed_at, observation_lag_seconds AS lag_seconds
FROM oracle_updates
WHERE chain_id = {chainId:UInt64}
    AND (venue, token, block_number) IN (
        SELECT venue, token, max(block_number) FROM oracle_updates
        WHERE chain_id = {chainId:UInt64}
        GROUP BY venue, token
    )
ORDER BY block_number DESC, log_index DESC, sub_index DESC
LIMIT 1 BY venue, token
SETTINGS optimize_aggregation_in_order = 1`;
