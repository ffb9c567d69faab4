import { feedKey } from '../../margin/inputs.ts';
import { UsageError } from '../../schema/errors.ts';
import { pricePerWhole } from '../../schema/units.ts';
import { MAX_DEFAULT_JUDGEMENTS } from '../limits.ts';
import type { Side, VolatilityWindow } from './answers.ts';
import { type PenaltyTerms, readPenaltyTerms } from './buffer-adequacy.ts';
import { barrierShift, type DriftConvention, type PriceWalk } from './first-passage.ts';
import { countJudgements } from './liquidation-ledger.ts';
import type { LevelSource } from './liquidation-map-answers.ts';
import { LEDGER_CAVEAT, mayHaveReadPublished } from './liquidation-map-levels.ts';
import { type Exposures, readExposures } from './liquidation-risk-exposures.ts';
import { readLedgerExposures } from './liquidation-risk-ledger.ts';
import { type IndexToken, idOfMarket, type MarketRef, pricedIndexToken } from './market-ref.ts';
import { type MarketTimeline, readMarketTimeline } from './market-timeline.ts';
import { SECONDS_PER_YEAR } from './overshoot.ts';
import type { BlockRef } from './source-directory.ts';
import type { Reader } from './stored-query.ts';
import { readVariances } from './volatility.ts';

const DEFAULT_HORIZON_SECONDS = 86_400;
export const DEFAULT_CONFIDENCE = 0.95;
/** Farther ahead a volatility of the last hours says nothing. */
const MAX_HORIZON_SECONDS = SECONDS_PER_YEAR;
/** Per √year; far more than any price moved for long. */
const MAX_VOLATILITY = 1_000;

/** Where the time between two looks at the price is from. */
export type CheckSource = 'ASKED' | 'FEED_MEAN' | 'UNKNOWN';

export interface RiskArguments {
  readonly horizonSeconds?: number | null | undefined;
  /** Above 0 and below 1. */
  readonly confidence?: number | null | undefined;
  /** Seconds between two looks at the price; 0: always looked at. Default: mean of the feed's last day. */
  readonly checkSeconds?: number | null | undefined;
  /** Per √year. Default: EWMA of the index feed over `volatilityWindow`. */
  readonly volatility?: number | null | undefined;
  readonly volatilityWindow?: VolatilityWindow | null | undefined;
  readonly drift?: DriftConvention | null | undefined;
}

/** The arguments with their defaults. */
export interface RiskModelArguments {
  readonly horizonSeconds: number;
  readonly confidence: number;
  readonly checkSeconds: number | null;
  readonly volatility: number | null;
  readonly volatilityWindow: VolatilityWindow;
  readonly drift: DriftConvention;
}

/** @throws UsageError where an argument is out of bounds. */
export function withDefaults(request: RiskArguments): RiskModelArguments {
  const asked = {
    horizonSeconds: request.horizonSeconds ?? DEFAULT_HORIZON_SECONDS,
    confidence: request.confidence ?? DEFAULT_CONFIDENCE,
    checkSeconds: request.checkSeconds ?? null,
    volatility: request.volatility ?? null,
    volatilityWindow: request.volatilityWindow ?? 'ONE_HOUR',
    drift: request.drift ?? 'MARTINGALE',
  };
  const { horizonSeconds, confidence, checkSeconds, volatility } = asked;
  const isWrong =
    !(horizonSeconds >= 1 && horizonSeconds <= MAX_HORIZON_SECONDS) ||
    !(confidence > 0 && confidence < 1) ||
    !(checkSeconds === null || (checkSeconds >= 0 && checkSeconds <= MAX_HORIZON_SECONDS)) ||
    !(volatility === null || (volatility >= 0 && volatility <= MAX_VOLATILITY));
  if (!isWrong) return asked;
  throw new UsageError('That is no model of a price.', {
    facts: {
      horizonSeconds,
      confidence,
      ...(checkSeconds === null ? {} : { checkSeconds }),
      ...(volatility === null ? {} : { volatility }),
    },
    remedy:
      'Ask for a horizon of a second to a year, a confidence between 0 and 1, checks from 0 seconds on and a volatility from 0 on.',
  });
}

/** What the answer rests on, read at the as-of block. */
export interface RiskTerms {
  readonly timeline: MarketTimeline;
  readonly indexToken: IndexToken;
  /** Middle of the index feed's range, USD 1e30. */
  readonly priceUsd: bigint;
  /** Per √year. */
  readonly volatility: number;
  readonly penalties: PenaltyTerms;
  readonly levels: LevelSource;
  readonly exposures: Exposures;
  /** Whether a parameter of the venue's published configuration may have decided a level. */
  readonly readPublishedParameters: boolean;
}

/** @throws UsageError at a block without a price of the index, or a volatility that is neither known nor given. */
export async function readRiskTerms(
  reader: Reader,
  market: MarketRef,
  request: {
    readonly asked: RiskModelArguments;
    readonly side: Side | null;
    readonly levels: LevelSource | null;
    readonly asOf: BlockRef;
  },
): Promise<RiskTerms> {
  const { asked, side, asOf } = request;
  const timeline = await readMarketTimeline(reader, { ...market, blocks: [asOf.block] });
  const indexToken = pricedIndexToken(market, timeline.indexToken);
  const [index] = timeline.feeds;
  const range = index && timeline.pricesAt(asOf.block).get(feedKey(index.venue, index.token));
  if (!index || !range) {
    throw new UsageError('The index token has no price at that block yet.', {
      facts: { market: idOfMarket(market), block: asOf.block },
      remedy: 'Ask for a later block.',
    });
  }
  const { chainId } = market.source;
  const levels = request.levels ?? (await cheaperLevels(reader, market, side, asOf.block));
  const [variances, penalties, exposures] = await Promise.all([
    readVariances(reader, {
      chainId,
      feed: index,
      toBlock: asOf.block,
      window: asked.volatilityWindow,
      instants: [asOf.timestamp],
    }),
    readPenaltyTerms(reader, market, feedKey(index.venue, index.token), asOf),
    levels === 'JUDGED'
      ? readExposures(reader, { market, side, asOf, timeline, indexToken })
      : readLedgerExposures(reader, { market, side, block: asOf.block, range, indexToken }),
  ]);
  const variance = variances(asOf.timestamp);
  if (variance === null && asked.volatility === null) {
    throw new UsageError(
      'Too few prices of the index were seen by that block to tell how it moves.',
      {
        facts: { market: idOfMarket(market), block: asOf.block, window: asked.volatilityWindow },
        remedy: 'Give `volatility`, or a shorter `volatilityWindow`.',
      },
    );
  }
  return {
    timeline,
    indexToken,
    priceUsd: pricePerWhole((range.min + range.max) / 2n, indexToken.priceDecimals),
    volatility: asked.volatility ?? Math.sqrt((variance ?? 0) * SECONDS_PER_YEAR),
    penalties,
    levels,
    exposures,
    readPublishedParameters:
      levels === 'JUDGED'
        ? timeline.readPublishedParameters()
        : mayHaveReadPublished(timeline, [asOf.block]),
  };
}

async function cheaperLevels(
  reader: Reader,
  ref: MarketRef,
  side: Side | null,
  block: number,
): Promise<LevelSource> {
  const scope = { ref, filter: { side }, measure: 'COUNT' as const, toBlock: block };
  const judgements = await countJudgements(reader, scope, [block]);
  return judgements > MAX_DEFAULT_JUDGEMENTS ? 'LEDGER' : 'JUDGED';
}

/** The random walk, and what it means that the price is only looked at now and then. */
export interface RiskModel {
  readonly walk: PriceWalk;
  readonly checkSeconds: number | null;
  readonly checkSource: CheckSource;
  /** In logarithms. */
  readonly shift: number;
  /** σ√dt of the time between two looks; null where that is unknown. */
  readonly checkDeviation: number | null;
}

export function riskModel(
  asked: RiskModelArguments,
  { volatility, penalties }: Pick<RiskTerms, 'volatility' | 'penalties'>,
): RiskModel {
  const sigma = volatility / Math.sqrt(SECONDS_PER_YEAR);
  const checkSeconds = asked.checkSeconds ?? penalties.meanSeconds;
  return {
    walk: { deviation: sigma * Math.sqrt(asked.horizonSeconds), drift: asked.drift },
    checkSeconds,
    checkSource: checkSourceOf(asked, penalties),
    shift: checkSeconds === null ? 0 : barrierShift(sigma, checkSeconds),
    checkDeviation: checkSeconds === null ? null : sigma * Math.sqrt(checkSeconds),
  };
}

function checkSourceOf(asked: RiskModelArguments, { meanSeconds }: PenaltyTerms): CheckSource {
  if (asked.checkSeconds !== null) return 'ASKED';
  return meanSeconds === null ? 'UNKNOWN' : 'FEED_MEAN';
}

const FROZEN =
  'Supposes that the logarithm of the index price moves as a Brownian motion of this volatility, and that sizes, collateral, fees, price ' +
  'impact and all other prices stay as they are at the block; real prices jump, owners add margin and close.';
const NOT_ADDED =
  'expected and atRisk count notional at the liquidation price. Debt is apart and never part of them; a penalty is the median share of the newest liquidations.';

const NO_EQUITY = 'The ledger keeps no equity at a level: no debt is told.';

export function modelCaveats(
  asked: RiskModelArguments,
  { penalties, levels }: RiskTerms,
  { checkSeconds, checkSource }: RiskModel,
): string[] {
  const drift =
    asked.drift === 'MARTINGALE'
      ? 'Drift: the price is a martingale (its logarithm falls by σ²T ÷ 2).'
      : 'Drift: none of the logarithm of the price.';
  const source =
    asked.volatility === null
      ? `Volatility: EWMA of squared log returns of the index feed, window ${asked.volatilityWindow}, as of the block.`
      : 'Supposed volatility.';
  const checks = {
    ASKED: 'The price is looked at as often as asked',
    FEED_MEAN:
      "The price is looked at as often as the index feed's prices came on average in the last day",
    UNKNOWN: 'How often the price is looked at is unknown',
  }[checkSource];
  const moved =
    checkSeconds === null
      ? `${checks}: levels stand where they are, and no debt is told.`
      : `${checks}: levels are moved away by 0.5826 σ√dt.`;
  const isSlow = checkSeconds !== null && checkSeconds > asked.horizonSeconds;
  return [
    FROZEN,
    drift,
    source,
    moved,
    ...(isSlow ? ['The horizon is shorter than the time between two prices.'] : []),
    NOT_ADDED,
    ...(levels === 'LEDGER' ? [LEDGER_CAVEAT, NO_EQUITY] : []),
    ...(penalties.penaltyRatio === null ? ['No liquidation yet: the penalty counts as 0.'] : []),
  ];
}
