import { positionId } from '../../schema/ids.ts';
import type { Bucket, Decimal, Provenance, Side, VolatilityWindow } from './answers.ts';
import type { DriftConvention } from './first-passage.ts';
import type { LevelSource } from './liquidation-map-answers.ts';
import type { Exposures } from './liquidation-risk-exposures.ts';
import {
  type CheckSource,
  modelCaveats,
  type RiskArguments,
  readRiskTerms,
  riskModel,
  withDefaults,
} from './liquidation-risk-model.ts';
import {
  type BadDebtRisk,
  badDebtOf,
  bucketOf,
  type ClassRisk,
  classRisks,
  type Expected,
  expectedOf,
  type Judged,
  type JudgedSide,
  judgeSide,
  type SideRisk,
} from './liquidation-risk-sums.ts';
import { bothAtRisk, type RiskLevel } from './liquidations-at-risk.ts';
import { priceText, usdText } from './margin-point.ts';
import { marketSymbol } from './market-names.ts';
import { type IndexToken, idOfMarket, type MarketRef } from './market-ref.ts';
import { judgedWith } from './parameter-values.ts';
import { makeProvenance } from './provenance.ts';
import { sizeBounds } from './size-classes.ts';
import { resolveBlock, type Snapshot } from './source-directory.ts';

const METHOD = 'liquidation-risk';
const STEPPED =
  'Of so many levels, what both sides have at risk together is taken on steps of 0.014 σ√T: a bound from above.';
const SHOWN_POSITIONS = 10;

export interface LiquidationRiskRequest extends RiskArguments {
  readonly market: MarketRef;
  readonly side?: Side | null | undefined;
  /** Where size classes begin, whole USD, rising. Default: SIZE_CLASS_BOUNDS_USD. */
  readonly sizeBoundsUsd?: readonly number[] | null | undefined;
  /** Default: JUDGED up to MAX_DEFAULT_JUDGEMENTS open positions, else LEDGER. */
  readonly levels?: LevelSource | null | undefined;
  readonly atBlock?: number | null | undefined;
}

export interface RiskyPosition {
  readonly positionId: string;
  readonly account: string;
  readonly side: Side;
  readonly notionalUsd: Decimal;
  readonly liquidationPrice: Decimal | null;
  readonly distance: number;
  readonly probability: number;
  readonly expectedUsd: Decimal;
  readonly isAtRisk: boolean;
}

export interface LiquidationRisk {
  readonly provenance: Provenance;
  readonly marketId: string;
  readonly marketSymbol: string | null;
  readonly side: Side | null;
  readonly levels: LevelSource;
  readonly priceUsd: Decimal;
  readonly horizonSeconds: number;
  readonly confidence: number;
  readonly drift: DriftConvention;
  /** Per √year. */
  readonly volatility: number;
  /** Null where the volatility was given. */
  readonly volatilityWindow: VolatilityWindow | null;
  /** Null: unknown, so levels stand where they are. */
  readonly checkSeconds: number | null;
  readonly checkSource: CheckSource;
  /** How far levels were moved away for it, in logarithms. */
  readonly barrierShift: number;
  /** Positions with a liquidation price, valued at it. */
  readonly open: Bucket;
  /** Positions that no price liquidates, valued as of the block. */
  readonly unplaced: Bucket;
  /** Liquidatable as they stand; in all sums with a probability of 1. */
  readonly liquidatable: Bucket;
  readonly sides: readonly SideRisk[];
  readonly expected: Expected;
  /** Of both sides together, which is not the sum of the two: the price seldom goes far both ways. */
  readonly atRiskUsd: Decimal;
  readonly sizeClasses: readonly ClassRisk[];
  /** Null where the time between prices is unknown, or levels are the ledger's. */
  readonly badDebt: readonly BadDebtRisk[] | null;
  /** Median of penalty ÷ closed notional of the newest liquidations. */
  readonly penaltyRatio: number | null;
  /** Those that add most to what is expected. */
  readonly positions: readonly RiskyPosition[];
}

/**
 * What is expected to be liquidated over a horizon, what is at risk at a confidence, and the debt beyond, by the law of
 * the first passage of a price that moves at random (analytics D1–D3, L1, L2).
 * @throws UsageError on an unknown market, a block without price or volatility, or arguments out of bounds.
 */
export async function liquidationRisk(
  snapshot: Snapshot,
  request: LiquidationRiskRequest,
): Promise<LiquidationRisk> {
  const { reader } = snapshot;
  const { market: ref, side = null } = request;
  const asked = withDefaults(request);
  const bounds = sizeBounds(request.sizeBoundsUsd);
  const asOf = await resolveBlock(reader, ref.source, request.atBlock);
  const terms = await readRiskTerms(reader, ref, {
    asked,
    side,
    levels: request.levels ?? null,
    asOf,
  });
  const { timeline, exposures, penalties, levels } = terms;
  const model = riskModel(asked, terms);
  const sides = (side === null ? (['LONG', 'SHORT'] as const) : [side]).map((one) =>
    judgeSide(one, exposures.placed, { ...model, confidence: asked.confidence }),
  );
  const all = sides.flatMap(({ judged }) => judged);
  const both = bothAtRisk(levelsBySide(sides), model.walk, asked.confidence);
  const judged = judgedWith(terms.readPublishedParameters);
  return {
    provenance: makeProvenance({
      source: ref.source,
      query: METHOD,
      parameters: { market: idOfMarket(ref), ...asked, side, levels, sizeBoundsUsd: bounds },
      asOf,
      basis: 'MODELED',
      method: METHOD,
      version: `1+${levels.toLowerCase()}+${timeline.rules.method}${judged.suffix}`,
      coverageOf: ref,
      caveats: [
        ...modelCaveats(asked, terms, model),
        ...(both.isStepped ? [STEPPED] : []),
        ...judged.caveats,
        ...exposures.caveats,
      ],
    }),
    marketId: idOfMarket(ref),
    marketSymbol: marketSymbol(ref.source, ref.venue, ref.market, timeline.indexToken),
    side,
    levels,
    priceUsd: usdText(terms.priceUsd),
    ...asked,
    volatility: terms.volatility,
    volatilityWindow: asked.volatility === null ? asked.volatilityWindow : null,
    checkSeconds: model.checkSeconds,
    checkSource: model.checkSource,
    barrierShift: model.shift,
    open: bucketOf(all),
    unplaced: unplacedOf(exposures),
    liquidatable: bucketOf(all.filter(({ exposure }) => exposure.isLiquidatable)),
    sides: sides.map(({ risk }) => risk),
    expected: expectedOf(all),
    atRiskUsd: usdText(both.valueUsd),
    sizeClasses: sides.flatMap((one) => classRisks(one, bounds)),
    badDebt:
      levels === 'LEDGER'
        ? null
        : debtsOf(sides, model.checkDeviation, penalties.penaltyRatio ?? 0),
    penaltyRatio: penalties.penaltyRatio,
    positions: riskiest(ref, terms.indexToken, all),
  };
}

function levelsBySide(sides: readonly JudgedSide[]): Record<Side, readonly RiskLevel[]> {
  const of = (wanted: Side) => sides.find(({ side }) => side === wanted)?.levels ?? [];
  return { LONG: of('LONG'), SHORT: of('SHORT') };
}

function debtsOf(
  sides: readonly JudgedSide[],
  deviation: number | null,
  penaltyRatio: number,
): BadDebtRisk[] | null {
  if (deviation === null) return null;
  return sides.map((side) => badDebtOf(side, { deviation, penaltyRatio }));
}

function unplacedOf({ unplaced }: Exposures): Bucket {
  const valueUsd = unplaced.reduce((sum, { notionalUsd }) => sum + notionalUsd, 0n);
  return { valueUsd: usdText(valueUsd), count: unplaced.length };
}

/** By what they add to what is expected, then by key. */
function riskiest(ref: MarketRef, token: IndexToken, judged: readonly Judged[]): RiskyPosition[] {
  const key = ({ exposure }: Judged) => exposure.positionKey;
  return judged
    .filter(({ probability }) => probability > 0)
    .sort((a, b) => compare(b.expectedUsd, a.expectedUsd) || compare(key(a), key(b)))
    .slice(0, SHOWN_POSITIONS)
    .map(({ exposure, probability, expectedUsd, isAtRisk }) => ({
      positionId: positionId(ref.source.chainId, ref.venue, exposure.positionKey),
      account: exposure.account,
      side: exposure.side,
      notionalUsd: usdText(exposure.notionalUsd),
      liquidationPrice:
        exposure.liquidationPrice === null
          ? null
          : priceText(exposure.liquidationPrice, token.priceDecimals),
      distance: exposure.distance,
      probability,
      expectedUsd: usdText(expectedUsd),
      isAtRisk,
    }));
}

function compare<Value extends bigint | string>(a: Value, b: Value): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
