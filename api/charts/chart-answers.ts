import { MAX_HEATMAP_COLUMNS, MAX_HISTORY_POINTS } from '../limits.ts';
import type { Provenance } from '../queries/answers.ts';
import { liquidationHeatmap } from '../queries/liquidation-heatmap.ts';
import type { LiquidationHeatmap } from '../queries/liquidation-map-answers.ts';
import { liquidationMapScore } from '../queries/liquidation-map-score.ts';
import { marginHistory } from '../queries/margin-history.ts';
import { marketMarginBands } from '../queries/market-bands.ts';
import { type MarketRef, parseMarketId } from '../queries/market-ref.ts';
import { type MethodName, versionOf } from '../queries/methodologies.ts';
import { oracleLatency } from '../queries/oracle-latency.ts';
import { parsePositionId } from '../queries/position-history.ts';
import { countPositions } from '../queries/positions.ts';
import { makeProvenance } from '../queries/provenance.ts';
import { chooseSource, resolveBlock, type Snapshot } from '../queries/source-directory.ts';
import type { ChartName, ChartParameters } from './chart-parameters.ts';
import {
  defaultMarket,
  defaultSource,
  eventfulWindow,
  type ToldPosition,
  tellingPosition,
} from './default-subjects.ts';
import { emptyChart } from './empty-chart.ts';
import { liquidationHeatmapChart } from './liquidation-heatmap-chart.ts';
import { mapScoreChart } from './map-score-chart.ts';
import { marginBandsChart } from './margin-bands-chart.ts';
import { marginHistoryChart } from './margin-history-chart.ts';
import { windowText } from './number-text.ts';
import { type OracleLatencyPicture, oracleLatencyChart } from './oracle-latency-chart.ts';
import { venueName } from './venue-name.ts';

/** What answers the question behind each chart. */
const METHODS: Readonly<Record<ChartName, MethodName>> = {
  'margin-history': 'margin-history',
  'margin-bands': 'market-margin-bands',
  'liquidation-heatmap': 'liquidation-heatmap',
  'map-score': 'liquidation-map-score',
  'oracle-latency': 'oracle-latency',
};

export interface DrawnChart {
  readonly svg: string;
  readonly provenance: Provenance;
}

/**
 * Asks the query behind a chart, with defaults for what the URL leaves open, and draws the answer.
 * Where the URL leaves the subject open and there is none yet, the picture says so.
 * @throws UsageError when what the URL gives is wrong.
 */
export async function drawChart(
  chart: ChartName,
  snapshot: Snapshot,
  parameters: ChartParameters,
): Promise<DrawnChart> {
  switch (chart) {
    case 'margin-history':
      return drawMarginHistory(snapshot, parameters);
    case 'margin-bands':
      return drawBands(snapshot, parameters);
    case 'liquidation-heatmap':
      return drawHeatmap(snapshot, parameters);
    case 'map-score':
      return drawMapScore(snapshot, parameters);
    case 'oracle-latency':
      return drawLatency(snapshot, parameters);
  }
}

async function drawMarginHistory(
  snapshot: Snapshot,
  parameters: ChartParameters,
): Promise<DrawnChart> {
  const told = await toldPosition(snapshot, parameters);
  if (told === null) {
    return drawNothing('margin-history', snapshot, parameters, {
      title: 'Margin history',
      sentence: await whyNoPosition(snapshot, parameters),
    });
  }
  const answer = await marginHistory(snapshot, {
    position: told.position,
    from: parameters.from ?? told.window?.from,
    to: parameters.to ?? told.window?.to,
    sampling: 'ORACLE_UPDATES',
    // Two points a pixel are more than a line can show; extremes are kept by the query.
    maxPoints: Math.min(MAX_HISTORY_POINTS, parameters.width),
    atBlock: parameters.atBlock,
  });
  const [caveat] = answer.provenance.caveats;
  if (answer.points.length === 0 && caveat !== undefined) {
    return drawNothing('margin-history', snapshot, parameters, {
      title: 'Margin history',
      detail: answer.positionId,
      sentence: caveat,
    });
  }
  return { svg: marginHistoryChart(answer, parameters), provenance: answer.provenance };
}

async function toldPosition(
  snapshot: Snapshot,
  { position, chainId, atBlock }: ChartParameters,
): Promise<ToldPosition | null> {
  if (position !== null) return { position: parsePositionId(snapshot, position), window: null };
  return tellingPosition(snapshot, await defaultSource(snapshot, chainId), atBlock);
}

async function whyNoPosition(
  snapshot: Snapshot,
  { chainId, atBlock }: ChartParameters,
): Promise<string> {
  const source = await defaultSource(snapshot, chainId);
  const { block } = await resolveBlock(snapshot.reader, source, atBlock);
  const all = { source, block, filter: {}, orderBy: 'SIZE_USD', descending: true } as const;
  return (await countPositions(snapshot.reader, all)) === 0
    ? 'No position to draw yet: none was opened in what is indexed.'
    : 'No position was liquidated yet; the parameter position draws any other.';
}

async function drawBands(snapshot: Snapshot, parameters: ChartParameters): Promise<DrawnChart> {
  const title = 'Health of all positions';
  const market = await chosenMarket(snapshot, parameters);
  if (market === null) {
    const sentence = 'No market has a price yet.';
    return drawNothing('margin-bands', snapshot, parameters, { title, sentence });
  }
  const isWindowOpen = parameters.from === null && parameters.to === null;
  const window = isWindowOpen ? await eventfulWindow(snapshot, market, parameters.atBlock) : null;
  const answer = await marketMarginBands(snapshot, {
    market,
    from: parameters.from ?? window?.from,
    to: parameters.to ?? window?.to,
    columns: Math.min(MAX_HEATMAP_COLUMNS, Math.round(parameters.width / 8)),
    atBlock: parameters.atBlock,
  });
  if (parameters.market === null && answer.columns.every(({ open }) => open.count === 0)) {
    return drawNothing('margin-bands', snapshot, parameters, {
      title: `Health of all ${answer.marketSymbol ?? 'market'} positions`,
      detail: heatmapWindow(answer),
      sentence: 'No position was open in this window.',
    });
  }
  return { svg: marginBandsChart(answer, parameters), provenance: answer.provenance };
}

async function drawHeatmap(snapshot: Snapshot, parameters: ChartParameters): Promise<DrawnChart> {
  const title = 'Liquidation heatmap';
  const market = await chosenMarket(snapshot, parameters);
  if (market === null) {
    const sentence = 'No market has a price yet.';
    return drawNothing('liquidation-heatmap', snapshot, parameters, { title, sentence });
  }
  const answer = await answerHeatmap(snapshot, market, parameters);
  if (parameters.market === null && answer.cells.length === 0) {
    return drawNothing('liquidation-heatmap', snapshot, parameters, {
      title: `${answer.marketSymbol ?? 'Market'} liquidation heatmap`,
      detail: heatmapWindow(answer),
      sentence: 'No position was open in this window.',
    });
  }
  const svg = liquidationHeatmapChart(answer, parameters, parameters.layer ?? 'PROSPECTIVE');
  return { svg, provenance: answer.provenance };
}

async function drawMapScore(snapshot: Snapshot, parameters: ChartParameters): Promise<DrawnChart> {
  const title = 'Report card of the liquidation map';
  const market = await chosenMarket(snapshot, parameters);
  if (market === null) {
    const sentence = 'No market has a price yet.';
    return drawNothing('map-score', snapshot, parameters, { title, sentence });
  }
  const answer = await liquidationMapScore(snapshot, { ...parameters, market });
  const isEmpty = answer.leads.every(({ fate }) => fate.whole.count === 0);
  if (parameters.market === null && answer.realized.count === 0 && isEmpty) {
    return drawNothing('map-score', snapshot, parameters, {
      title,
      detail: `${venueName(answer.marketId)} · ${windowText(answer.fromTime, answer.toTime)}`,
      sentence: 'Nothing was liquidated in this window, and the price went through no level.',
    });
  }
  return { svg: mapScoreChart(answer, parameters), provenance: answer.provenance };
}

function heatmapWindow({
  marketId,
  columns,
  provenance,
}: Pick<LiquidationHeatmap, 'marketId' | 'provenance'> & {
  readonly columns: readonly { readonly fromTime: string; readonly toTime: string }[];
}): string {
  const first = columns[0]?.fromTime ?? provenance.asOfTime;
  const last = columns.at(-1)?.toTime ?? provenance.asOfTime;
  return `${venueName(marketId)} · ${windowText(first, last)}`;
}

async function answerHeatmap(
  snapshot: Snapshot,
  market: MarketRef,
  parameters: ChartParameters,
): Promise<LiquidationHeatmap> {
  const isWindowOpen = parameters.from === null && parameters.to === null;
  const window = isWindowOpen ? await eventfulWindow(snapshot, market, parameters.atBlock) : null;
  return liquidationHeatmap(snapshot, {
    market,
    from: parameters.from ?? window?.from,
    to: parameters.to ?? window?.to,
    columns: Math.min(MAX_HEATMAP_COLUMNS, Math.round(parameters.width / 8)),
    cells: parameters.cells ?? (parameters.height >= 400 ? 'BPS_50' : 'BPS_100'),
    layers: [parameters.layer ?? 'PROSPECTIVE', 'REALIZED'],
    levels: parameters.levels,
    atBlock: parameters.atBlock,
  });
}

async function chosenMarket(
  snapshot: Snapshot,
  parameters: ChartParameters,
): Promise<MarketRef | null> {
  if (parameters.market !== null)
    return parseMarketId(snapshot, parameters.market, parameters.chainId);
  const source = await defaultSource(snapshot, parameters.chainId);
  return defaultMarket(snapshot, source, parameters.atBlock);
}

/** A picture without a subject still says as of when. */
async function drawNothing(
  chart: ChartName,
  snapshot: Snapshot,
  parameters: ChartParameters,
  words: { readonly title: string; readonly detail?: string; readonly sentence: string },
): Promise<DrawnChart> {
  const source = await defaultSource(snapshot, parameters.chainId);
  const asOf = await resolveBlock(snapshot.reader, source, parameters.atBlock);
  const method = METHODS[chart];
  const provenance = makeProvenance({
    source,
    query: chart,
    parameters: { ...words },
    asOf,
    basis: 'OBSERVED',
    method,
    version: versionOf(method),
  });
  const subtitle = words.detail ?? `${source.chain} · ${source.name}`;
  return { svg: emptyChart({ ...words, subtitle, provenance }, parameters), provenance };
}

async function drawLatency(snapshot: Snapshot, parameters: ChartParameters): Promise<DrawnChart> {
  const picture = await answerLatency(snapshot, parameters);
  const { provenance } = picture.overall;
  if (picture.overall.groups.length === 0) {
    return drawNothing('oracle-latency', snapshot, parameters, {
      title: 'Oracle latency',
      sentence: 'No price in this window says when it was observed: there is no latency to show.',
    });
  }
  return { svg: oracleLatencyChart(picture, parameters), provenance };
}

async function answerLatency(
  snapshot: Snapshot,
  parameters: ChartParameters,
): Promise<OracleLatencyPicture> {
  const market =
    parameters.market === null
      ? null
      : parseMarketId(snapshot, parameters.market, parameters.chainId);
  const source = market
    ? chooseSource(snapshot, market.source.chainId)
    : await defaultSource(snapshot, parameters.chainId);
  const request = {
    source,
    market,
    from: parameters.from,
    to: parameters.to,
    sample: 'TRANSACTION',
    metrics: ['DELIVERY_DELAY'],
    atBlock: parameters.atBlock,
  } as const;
  const [overall, curves, hourly] = await Promise.all([
    oracleLatency(snapshot, { ...request, groupBy: 'ALL' }),
    oracleLatency(snapshot, { ...request, groupBy: 'PROVIDER' }),
    oracleLatency(snapshot, { ...request, groupBy: 'HOUR' }),
  ]);
  const symbol = market ? source.listedMarkets.get(market.market)?.symbol : undefined;
  const subject = market ? `${venueName(market.venue)} ${symbol ?? 'market'} feeds` : '';
  return { overall, curves, hourly, subject };
}
