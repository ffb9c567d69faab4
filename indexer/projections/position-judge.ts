import { feedKey } from '../../margin/inputs.ts';
import type { JudgedMargin } from '../../margin/margin-spread.ts';
import { PriceLattice } from '../../margin/price-lattice.ts';
import { rulesFor } from '../../margin/rules/registry.ts';
import { CorruptDataError } from '../../schema/errors.ts';
import { pricePerWhole } from '../../schema/units.ts';
import type { InForce } from './in-force.ts';
import type { PositionRecord } from './positions.ts';

/** A base cell: coarser ones are sums of it. */
const LATTICE = new PriceLattice('BPS_5');

/**
 * Where a position would be liquidated, all else frozen. NONE: no price does it, or one that is outside
 * the lattice. UNKNOWN: a price or parameter that its rules need is missing, or what the index price's
 * integer means. Amounts are 0 where the columns of `liquidation_levels` say so.
 */
export interface Level {
  readonly placement: 'LEVEL' | 'NONE' | 'UNKNOWN';
  readonly cell: number;
  /** With the decimals of the index feed. */
  readonly liquidationPrice: bigint;
  /** Base units × that price: with the decimals of both. */
  readonly levelNotional: bigint;
  /** USD 1e30; so is the next. */
  readonly notionalUsd: bigint;
  readonly collateralUsd: bigint;
}

export interface Judgement {
  readonly level: Level;
  /** Null where the rules could not judge. */
  readonly margin: JudgedMargin | null;
}

const UNKNOWN: Level = {
  placement: 'UNKNOWN',
  cell: 0,
  liquidationPrice: 0n,
  levelNotional: 0n,
  notionalUsd: 0n,
  collateralUsd: 0n,
};

/** The end of a block. */
export interface Instant {
  readonly chainId: number;
  readonly block: number;
  /** Unix seconds. */
  readonly timestamp: number;
}

/**
 * Judges open positions as of the end of a block, with exactly what an answer about that block reads:
 * the market's state, and the parameters and prices in force.
 */
export class PositionJudge {
  readonly #inForce: InForce;
  readonly #marketStateOf: (venue: string, market: string) => unknown;

  constructor(inForce: InForce, marketStateOf: (venue: string, market: string) => unknown) {
    this.#inForce = inForce;
    this.#marketStateOf = marketStateOf;
  }

  /** Good for the block whose events were applied last. */
  judge(position: PositionRecord, { block, timestamp }: Instant): Judgement {
    const { venue, market } = position;
    const state = this.#marketStateOf(venue, market);
    // Read from the middle of a chain: no event has named the market, so no feed is known either.
    if (state === undefined) return { level: UNKNOWN, margin: null };
    const input = {
      position: position.state,
      market: state,
      ...this.#inForce.contextOf(venue),
      timestamp,
      block,
    };
    try {
      const { positionKey, isLong } = position;
      const {
        notionalUsd,
        collateralUsd,
        liquidationPrice,
        marginRatio,
        healthFactor,
        isLiquidatable,
      } = rulesFor(venue).assess(input);
      const level = this.#levelOf(position, state, {
        notionalUsd,
        collateralUsd,
        liquidationPrice,
      });
      return {
        level,
        margin: {
          positionKey,
          isLong,
          notionalUsd,
          marginRatio,
          healthFactor,
          isLiquidatable,
          liquidationPrice,
        },
      };
    } catch (error) {
      if (!(error instanceof CorruptDataError)) throw error;
      return { level: UNKNOWN, margin: null };
    }
  }

  #levelOf(
    position: PositionRecord,
    state: unknown,
    judged: {
      readonly notionalUsd: bigint;
      readonly collateralUsd: bigint;
      readonly liquidationPrice: bigint | null;
    },
  ): Level {
    const { notionalUsd, collateralUsd, liquidationPrice } = judged;
    const none: Level = { ...UNKNOWN, placement: 'NONE', notionalUsd, collateralUsd };
    if (liquidationPrice === null) return none;
    const [index] = rulesFor(position.venue).feedsOf(state);
    const decimals = index && this.#inForce.priceDecimalsOf(feedKey(index.venue, index.token));
    if (decimals === undefined || decimals === null) return UNKNOWN;
    const cell = LATTICE.cellOf(pricePerWhole(liquidationPrice, decimals));
    if (cell === null) return none;
    return {
      placement: 'LEVEL',
      cell,
      liquidationPrice,
      levelNotional: position.sizeBase * liquidationPrice,
      notionalUsd,
      collateralUsd,
    };
  }
}
