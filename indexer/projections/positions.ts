import { rulesFor } from '../../margin/rules/registry.ts';
import { decodeState, encodeState } from '../../margin/state-codec.ts';
import { placeColumns } from '../../schema/clickhouse/rows.ts';
import type { PositionEvent } from '../../schema/events/position.ts';
import type { EventStore, Row } from '../store/event-store.ts';
import type { TransactionEvents } from './block-events.ts';

export type PositionStatus = 'OPEN' | 'CLOSED' | 'LIQUIDATED';
export type PositionCause =
  | 'OPEN'
  | 'INCREASE'
  | 'DECREASE'
  | 'MARGIN_ADD'
  | 'MARGIN_REMOVE'
  | 'CLOSE'
  | 'LIQUIDATION'
  | 'ADL';

/** A position between two of its events. Sizes in the venue's units. */
export interface PositionRecord {
  readonly venue: string;
  readonly positionKey: string;
  readonly life: number;
  readonly status: PositionStatus;
  readonly account: string;
  readonly market: string;
  readonly collateralToken: string;
  readonly isLong: boolean;
  readonly sizeUsd: bigint;
  readonly sizeBase: bigint;
  readonly collateralRaw: bigint;
  readonly openedAt: number;
  readonly openedBlock: number;
  /** The venue rules' own fold state. */
  readonly state: unknown;
}

/** One event's effect on one position; `before` is null when it opened the position's life. */
export interface PositionTransition {
  readonly event: PositionEvent;
  readonly cause: PositionCause;
  readonly before: PositionRecord | null;
  readonly after: PositionRecord;
}

const PLAIN_CAUSES = {
  PositionOpened: 'OPEN',
  PositionIncreased: 'INCREASE',
  MarginAdded: 'MARGIN_ADD',
  MarginRemoved: 'MARGIN_REMOVE',
  PositionDecreased: 'DECREASE',
  PositionClosed: 'CLOSE',
  PositionLiquidated: 'LIQUIDATION',
} as const;

/** Order keys that the transaction executed as auto-deleveraging: told apart nowhere else. */
function adlOrders(transaction: TransactionEvents): ReadonlySet<string> {
  const keys = new Set<string>();
  for (const event of transaction.events) {
    if (
      event.kind === 'order' &&
      event.type === 'OrderExecuted' &&
      event.secondaryOrderType === 1
    ) {
      keys.add(event.orderKey);
    }
  }
  return keys;
}

function causeOf(event: PositionEvent, adl: ReadonlySet<string>): PositionCause {
  const isDecrease = event.type === 'PositionDecreased' || event.type === 'PositionClosed';
  return isDecrease && adl.has(event.orderKey) ? 'ADL' : PLAIN_CAUSES[event.type];
}

/** State of a market as its venue's rules fold it; undefined while no event has named it. */
export type MarketStateOf = (venue: string, market: string) => unknown;

const unknownMarket: MarketStateOf = () => undefined;

/** Folds position events into states: current in memory, every one of them as a row. */
export class PositionProjection {
  readonly #current = new Map<string, PositionRecord>();
  readonly #rows: Row[] = [];

  /** Loads the last state of every position, open or not (a key is reused after a close). */
  async restore(store: EventStore, chainId: number): Promise<void> {
    const rows = await store.select<StoredPosition>(LATEST_STATES, { chainId });
    for (const row of rows) this.#current.set(keyOf(row.venue, row.position_key), recordOf(row));
  }

  /** `marketStateOf`: the rules' state of a market with the transaction's own events applied. */
  applyTransaction(
    transaction: TransactionEvents,
    marketStateOf: MarketStateOf = unknownMarket,
  ): PositionTransition[] {
    const transitions: PositionTransition[] = [];
    const adl = adlOrders(transaction);
    for (const event of transaction.events) {
      if (event.kind !== 'position') continue;
      const transition = this.#evolve(event, causeOf(event, adl), marketStateOf);
      this.#current.set(keyOf(event.venue, event.positionKey), transition.after);
      this.#rows.push(rowOf(transition));
      transitions.push(transition);
    }
    return transitions;
  }

  /** Rows since the last call. */
  drain(): Row[] {
    return this.#rows.splice(0);
  }

  openPositions(): PositionRecord[] {
    return this.all().filter((record) => record.status === 'OPEN');
  }

  all(): PositionRecord[] {
    return [...this.#current.values()];
  }

  #evolve(
    event: PositionEvent,
    cause: PositionCause,
    marketStateOf: MarketStateOf,
  ): PositionTransition {
    const rules = rulesFor(event.venue);
    const last = this.#current.get(keyOf(event.venue, event.positionKey)) ?? null;
    const before = last?.status === 'OPEN' ? last : null;
    // Indexed from the middle of a chain, a life may begin with any event: its earlier part is unknown.
    const state = rules.evolvePosition(
      before?.state ?? rules.initialPosition(event),
      event,
      marketStateOf(event.venue, event.market),
    );
    const isClosed = event.sizeUsd === 0n;
    const after: PositionRecord = {
      venue: event.venue,
      positionKey: event.positionKey,
      life: before?.life ?? (last?.life ?? 0) + 1,
      status: isClosed ? (cause === 'LIQUIDATION' ? 'LIQUIDATED' : 'CLOSED') : 'OPEN',
      account: event.account,
      market: event.market,
      collateralToken: event.collateralToken,
      isLong: event.isLong,
      sizeUsd: event.sizeUsd,
      sizeBase: event.sizeBase,
      collateralRaw: event.collateralRaw,
      openedAt: before?.openedAt ?? event.blockTimestamp,
      openedBlock: before?.openedBlock ?? event.blockNumber,
      state,
    };
    return { event, cause, before, after };
  }
}

function keyOf(venue: string, positionKey: string): string {
  return `${venue}:${positionKey}`;
}

function rowOf({ event, cause, after }: PositionTransition): Row {
  return {
    position_key: after.positionKey,
    life: after.life,
    status: after.status,
    cause,
    account: after.account,
    market: after.market,
    collateral_token: after.collateralToken,
    is_long: after.isLong,
    size_usd: after.sizeUsd,
    size_base: after.sizeBase,
    collateral_raw: after.collateralRaw,
    opened_at: after.openedAt,
    opened_block: after.openedBlock,
    state: encodeState(after.state),
    ...placeColumns(event),
  };
}

interface StoredPosition {
  venue: string;
  position_key: string;
  life: number;
  status: PositionStatus;
  account: string;
  market: string;
  collateral_token: string;
  is_long: boolean;
  size_usd: string;
  size_base: string;
  collateral_raw: string;
  opened_at: string;
  opened_block: string;
  state: string;
}

/** In two steps: sorting every state by its block would hold all of them in memory. */
const LATEST_STATES = `
SELECT venue, position_key, life, status, account, market, collateral_token, is_long,
    size_usd, size_base, collateral_raw, opened_at, opened_block, state
FROM position_states
WHERE chain_id = {chainId:UInt64}
    AND (venue, position_key, (block_number, log_index, sub_index)) IN (
        SELECT venue, position_key, max((block_number, log_index, sub_index)) FROM position_states
        WHERE chain_id = {chainId:UInt64}
        GROUP BY venue, position_key
    )`;

function recordOf(row: StoredPosition): PositionRecord {
  return {
    venue: row.venue,
    positionKey: row.position_key,
    life: row.life,
    status: row.status,
    account: row.account,
    market: row.market,
    collateralToken: row.collateral_token,
    isLong: row.is_long,
    sizeUsd: BigInt(row.size_usd),
    sizeBase: BigInt(row.size_base),
    collateralRaw: BigInt(row.collateral_raw),
    openedAt: Number(row.opened_at),
    openedBlock: Number(row.opened_block),
    state: decodeState(row.state),
  };
}
