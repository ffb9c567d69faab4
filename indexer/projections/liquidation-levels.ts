import { placeColumns } from '../../schema/clickhouse/rows.ts';
import type { EventPlace } from '../../schema/events/place.ts';
import type { EventStore, Row } from '../store/event-store.ts';
import type { Instant, Judgement, Level, PositionJudge } from './position-judge.ts';
import type { PositionRecord, PositionTransition } from './positions.ts';

export type LevelCause = 'CREATED' | 'MOVED' | 'CLOSED' | 'LIQUIDATED' | 'DRIFT';

/** An open position with the level that the ledger says it has; null only where a row was lost. */
interface Standing {
  readonly position: PositionRecord;
  readonly level: Level | null;
}

/** What a block did to one position. */
interface NetChange {
  /** The transition that ended the life with which the position went into the block. */
  readonly end: PositionTransition | null;
  readonly last: PositionTransition;
}

/**
 * The ledger of liquidation levels: rows that give each open position its level, and take it away. Levels
 * are those of a block's end; what opened and closed within one block was never there.
 */
export class LiquidationLevels {
  readonly #standing = new Map<string, Standing>();
  readonly #rows: Row[] = [];

  async restore(
    store: EventStore,
    chainId: number,
    openPositions: readonly PositionRecord[],
  ): Promise<void> {
    for (const position of openPositions) {
      this.#standing.set(keyOf(position), { position, level: null });
    }
    for (const row of await store.select<StoredLevel>(STANDING_LEVELS, { chainId })) {
      const key = keyOf({ venue: row.venue, positionKey: row.position_key });
      const position = this.#standing.get(key)?.position;
      if (position?.life === row.life) this.#standing.set(key, { position, level: levelOf(row) });
    }
  }

  /** Every open position, those of a market together. */
  openByMarket(): ReadonlyMap<string, readonly PositionRecord[]> {
    const markets = new Map<string, PositionRecord[]>();
    for (const { position } of this.#standing.values()) {
      const key = `${position.venue}:${position.market}`;
      const known = markets.get(key);
      if (known) known.push(position);
      else markets.set(key, [position]);
    }
    return markets;
  }

  /** Levels of the positions that the block changed; returns their judgements. */
  finishBlock(
    transitions: readonly PositionTransition[],
    judge: PositionJudge,
    instant: Instant,
  ): ReadonlyMap<PositionRecord, Judgement> {
    const judgements = new Map<PositionRecord, Judgement>();
    for (const [key, { end, last }] of netChanges(transitions)) {
      const before = this.#standing.get(key);
      if (end && before) {
        this.#take(before, end.after.status === 'LIQUIDATED' ? 'LIQUIDATED' : 'CLOSED', end.event);
        this.#standing.delete(key);
      }
      const position = last.after;
      if (position.status !== 'OPEN') continue;
      const judgement = judge.judge(position, instant);
      judgements.set(position, judgement);
      this.#give(key, { position, level: judgement.level }, last.event);
    }
    return judgements;
  }

  /** A level between its position's own events: another row only where another cell or placement. */
  drift(position: PositionRecord, { level }: Judgement, instant: Instant): void {
    const key = keyOf(position);
    const standing = this.#standing.get(key);
    if (!standing) return;
    const { level: known } = standing;
    if (known?.cell === level.cell && known.placement === level.placement) return;
    const place = endOf(instant, position.venue);
    this.#take(standing, 'DRIFT', place);
    this.#standing.set(key, { position, level });
    this.#rows.push(rowOf(1, 'DRIFT', position, level, place));
  }

  drain(): Row[] {
    return this.#rows.splice(0);
  }

  #give(key: string, next: Standing & { readonly level: Level }, place: EventPlace): void {
    const before = this.#standing.get(key);
    this.#standing.set(key, next);
    if (before?.level && isSame(before.position, before.level, next)) return;
    const cause = before ? 'MOVED' : 'CREATED';
    if (before) this.#take(before, cause, place);
    this.#rows.push(rowOf(1, cause, next.position, next.level, place));
  }

  #take({ position, level }: Standing, cause: LevelCause, place: EventPlace): void {
    if (level) this.#rows.push(rowOf(-1, cause, position, level, place));
  }
}

/** By position key, in the order of their first changes. */
function netChanges(transitions: readonly PositionTransition[]): ReadonlyMap<string, NetChange> {
  const changes = new Map<string, NetChange & { readonly firstLife: number | null }>();
  for (const transition of transitions) {
    const { before, after } = transition;
    const key = keyOf(after);
    const known = changes.get(key);
    const firstLife = known ? known.firstLife : (before?.life ?? null);
    const isEnd = after.status !== 'OPEN' && after.life === firstLife;
    changes.set(key, {
      firstLife,
      end: isEnd ? transition : (known?.end ?? null),
      last: transition,
    });
  }
  return changes;
}

function keyOf({ venue, positionKey }: Pick<PositionRecord, 'venue' | 'positionKey'>): string {
  return `${venue}:${positionKey}`;
}

/** The place of what no log says. */
export function endOf({ chainId, block, timestamp }: Instant, venue: string): EventPlace {
  return {
    chainId,
    blockNumber: block,
    blockTimestamp: timestamp,
    transactionHash: '',
    transactionIndex: 0,
    logIndex: 0,
    subIndex: 0,
    venue,
  };
}

/** Whether rows of the two would say the same. */
function isSame(
  position: PositionRecord,
  level: Level,
  next: Standing & { level: Level },
): boolean {
  const was: Row = columnsOf(position, level);
  const is: Row = columnsOf(next.position, next.level);
  return Object.keys(is).every((column) => was[column] === is[column]);
}

function columnsOf(position: PositionRecord, level: Level) {
  return {
    placement: level.placement,
    position_key: position.positionKey,
    life: position.life,
    account: position.account,
    market: position.market,
    collateral_token: position.collateralToken,
    is_long: position.isLong,
    cell: level.cell,
    liquidation_price: level.liquidationPrice,
    level_notional: level.levelNotional,
    notional_usd: level.notionalUsd,
    collateral_usd: level.collateralUsd,
    size_usd: position.sizeUsd,
    size_base: position.sizeBase,
    opened_at: position.openedAt,
  };
}

function rowOf(
  sign: 1 | -1,
  cause: LevelCause,
  position: PositionRecord,
  level: Level,
  place: EventPlace,
): Row {
  return { sign, cause, ...columnsOf(position, level), ...placeColumns(place) };
}

interface StoredLevel {
  venue: string;
  position_key: string;
  life: number;
  placement: Level['placement'];
  cell: number;
  liquidation_price: string;
  level_notional: string;
  notional_usd: string;
  collateral_usd: string;
}

function levelOf(row: StoredLevel): Level {
  return {
    placement: row.placement,
    cell: row.cell,
    liquidationPrice: BigInt(row.liquidation_price),
    levelNotional: BigInt(row.level_notional),
    notionalUsd: BigInt(row.notional_usd),
    collateralUsd: BigInt(row.collateral_usd),
  };
}

/**
 * In two steps, so that of all rows little more than the key is read, and only what stands is held. The last row of
 * a position that has a level is the one that gave it.
 */
const STANDING_LEVELS = `
SELECT venue, position_key, life, placement, cell, liquidation_price, level_notional, notional_usd,
    collateral_usd
FROM liquidation_levels
WHERE chain_id = {chainId:UInt64} AND sign = 1
    AND (venue, position_key, block_number) IN (
        SELECT venue, position_key, max(block_number) FROM liquidation_levels
        WHERE chain_id = {chainId:UInt64}
        GROUP BY venue, position_key
        HAVING sum(sign) > 0
    )`;
