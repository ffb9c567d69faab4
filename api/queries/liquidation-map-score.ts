import type { CellWidth } from '../../margin/price-lattice.ts';
import { BASE_CELLS } from '../../margin/price-lattice.ts';
import { UsageError } from '../../schema/errors.ts';
import type { Bucket, DateTime, Provenance, Side } from './answers.ts';
import { readCoverage } from './coverage.ts';
import { type InformationGain, informationGain } from './information-gain.ts';
import {
  type Amount,
  amountsByPlacement,
  type LevelErrors,
  levelErrorBps,
  levelErrors,
  recalls,
  sum,
} from './level-errors.ts';
import {
  readScoreCases,
  type ScoreCase,
  type ScoreScope,
  SMOOTHING,
  scoreDomain,
} from './map-score-cases.ts';
import { planScoreWindow } from './map-score-window.ts';
import { usdText } from './margin-point.ts';
import { marketSymbol } from './market-names.ts';
import { idOfMarket, type MarketRef, pricedIndexToken } from './market-ref.ts';
import { type MarketTimeline, readMarketTimeline } from './market-timeline.ts';
import { FATES, type MassFate, readMassFates } from './mass-fate.ts';
import { judgedWith } from './parameter-values.ts';
import { isoTime, makeProvenance } from './provenance.ts';
import { resolveBlock, type Snapshot } from './source-directory.ts';

const METHOD = 'liquidation-map-score';
const AGE_OF_LEVELS =
  'A level is as old as its position’s last change or the last full hour, whichever is later.';

export interface MapScoreRequest {
  readonly market: MarketRef;
  /** Half-open, unix seconds. Default: the last 30 days. */
  readonly from?: number | null | undefined;
  readonly to?: number | null | undefined;
  /** Seconds. */
  readonly leads?: readonly number[] | null | undefined;
  readonly cells?: CellWidth | null | undefined;
  readonly side?: Side | null | undefined;
  readonly atBlock?: number | null | undefined;
}

export interface RecallPoint extends Bucket {
  readonly withinBps: number;
  readonly share: number | null;
  readonly shareOfOpen: number | null;
}

/** The report card at one lead. `known` + `withoutLevel` + `unknownLevel` + `openedSince` = realized. */
export interface MapScoreLead {
  readonly leadSeconds: number;
  readonly known: Bucket;
  readonly withoutLevel: Bucket;
  readonly unknownLevel: Bucket;
  readonly openedSince: Bucket;
  readonly levelErrorBps: LevelErrors;
  readonly recall: readonly RecallPoint[];
  readonly fate: MassFate;
  readonly informationGain: ScoredGain;
}

export interface ScoredGain extends Omit<InformationGain, 'laplaceScale'> {
  /** Cells of the domain. */
  readonly cells: number;
  readonly smoothing: number;
  /** Liquidations before which there was no price. */
  readonly withoutPrice: number;
  readonly laplaceScaleBps: number | null;
}

export interface LiquidationMapScore {
  readonly provenance: Provenance;
  readonly marketId: string;
  readonly marketSymbol: string | null;
  readonly side: Side | null;
  readonly cellWidth: CellWidth;
  readonly fromTime: DateTime;
  readonly toTime: DateTime;
  readonly realized: Bucket;
  readonly leads: readonly MapScoreLead[];
}

/**
 * The report card of the liquidation map (analytics C6): how well the map of some time before foresaw
 * the liquidations of a window, for each lead.
 * @throws UsageError on an unknown market, an empty window, or more than an answer may hold.
 */
export async function liquidationMapScore(
  snapshot: Snapshot,
  request: MapScoreRequest,
): Promise<LiquidationMapScore> {
  const { reader } = snapshot;
  const { market } = request;
  const { source } = market;
  const cellWidth = request.cells ?? 'BPS_50';
  const side = request.side ?? null;
  const asOf = await resolveBlock(reader, source, request.atBlock);
  const timeline = await readMarketTimeline(reader, { ...market, blocks: [asOf.block] });
  const indexToken = pricedIndexToken(market, timeline.indexToken);
  const [feed] = timeline.feeds;
  if (!feed) {
    throw new UsageError('No feed prices that market.', { facts: { market: idOfMarket(market) } });
  }
  const window = await planScoreWindow(reader, { source, feed, asOf }, request);
  const scope: ScoreScope = { source, feed, asOf, market, indexToken, window, side };
  const [cases, fates, coverage] = await Promise.all([
    readScoreCases(reader, scope, cellWidth),
    readMassFates(reader, scope),
    readCoverage(reader, source, market, asOf.block),
  ]);
  const judged = judgedWith(restsOnPublished(timeline, asOf.block));
  const first = window.leads[0];
  return {
    provenance: makeProvenance({
      source,
      query: METHOD,
      parameters: { market: idOfMarket(market), ...window, cellWidth, side },
      asOf,
      basis: judged.basis,
      method: METHOD,
      version: `1+${timeline.rules.method}${judged.suffix}`,
      coverage,
      caveats: [AGE_OF_LEVELS, ...judged.caveats],
    }),
    marketId: idOfMarket(market),
    marketSymbol: marketSymbol(source, market.venue, market.market, indexToken.address),
    side,
    cellWidth,
    fromTime: isoTime(window.from),
    toTime: isoTime(window.to),
    realized: toBucket(sum(cases.filter(({ lead }) => lead === first))),
    leads: window.leads.map((lead) =>
      gradeLead(
        lead,
        cases.filter((one) => one.lead === lead),
        fates.get(lead) ?? NO_STEPS,
        cellWidth,
      ),
    ),
  };
}

const NO_STEPS: MassFate = {
  steps: 0,
  whole: { valueUsd: '0', count: 0 },
  parts: FATES.map((fate) => ({ fate, valueUsd: '0', count: 0, share: null })),
};

function gradeLead(
  leadSeconds: number,
  cases: readonly ScoreCase[],
  fate: MassFate,
  cellWidth: CellWidth,
): MapScoreLead {
  const amounts = amountsByPlacement(cases);
  const levelled = cases.filter(({ placement }) => placement === 'LEVEL');
  const priced = cases.flatMap(({ gain }) => (gain ? [gain] : []));
  const domain = scoreDomain(cellWidth);
  const { laplaceScale, ...gain } = informationGain(priced, domain);
  return {
    leadSeconds,
    known: toBucket(amounts.LEVEL),
    withoutLevel: toBucket(amounts.NONE),
    unknownLevel: toBucket(amounts.UNKNOWN),
    openedSince: toBucket(amounts.OPENED_SINCE),
    levelErrorBps: levelErrors(levelled.map(levelErrorBps)),
    recall: recalls(cases).map(({ valueUsd, ...rest }) => ({
      ...rest,
      valueUsd: usdText(valueUsd),
    })),
    fate,
    informationGain: {
      ...gain,
      cells: domain.last - domain.first + 1,
      smoothing: SMOOTHING,
      withoutPrice: cases.length - priced.length,
      laplaceScaleBps:
        laplaceScale === null
          ? null
          : laplaceScale * BASE_CELLS[cellWidth] * Math.log(1.0005) * 1e4,
    },
  };
}

function toBucket({ valueUsd, count }: Amount): Bucket {
  return { valueUsd: usdText(valueUsd), count };
}

/** The ledger does not say which parameters a level read: any in force that the venue published counts. */
function restsOnPublished(timeline: MarketTimeline, block: number): boolean {
  const parameters = timeline.parametersAt(block);
  for (const key of parameters.keys()) parameters.get(key);
  return timeline.readPublishedParameters();
}
