import { UsageError } from '../../schema/errors.ts';
import { MAX_HEATMAP_COLUMNS, MAX_HISTORY_POINTS } from '../limits.ts';
import type { LiquidationHeatmap, MarginHistory, Provenance } from '../queries/answers.ts';
import { liquidationHeatmap } from '../queries/liquidation-heatmap.ts';
import { marginHistory } from '../queries/margin-history.ts';
import { type MarketRef, parseMarketId } from '../queries/market-ref.ts';
import { oracleLatency } from '../queries/oracle-latency.ts';
import { parsePositionId } from '../queries/position-history.ts';
import { chooseSource, type Snapshot } from '../queries/source-directory.ts';
import type { ChartName, ChartParameters } from './chart-parameters.ts';
import {
  defaultMarket,
  defaultSource,
  eventfulWindow,
  tellingPosition,
} from './default-subjects.ts';
import type { ChartSize } from './frame.ts';
import { liquidationHeatmapChart } from './liquidation-heatmap-chart.ts';
import { marginHistoryChart } from './margin-history-chart.ts';
import { type OracleLatencyPicture, oracleLatencyChart } from './oracle-latency-chart.ts';
import { venueName } from './venue-name.ts';

export interface DrawnChart {
  readonly svg: string;
  readonly provenance: Provenance;
}

/** Asks the query behind a chart, with defaults for what the URL leaves open, and draws the answer. */
export async function drawChart(
  chart: ChartName,
  snapshot: Snapshot,
  parameters: ChartParameters,
): Promise<DrawnChart> {
  const size: ChartSize = parameters;
  switch (chart) {
    case 'margin-history': {
      const answer = await answerMarginHistory(snapshot, parameters);
      return { svg: marginHistoryChart(answer, size), provenance: answer.provenance };
    }
    case 'liquidation-heatmap': {
      const answer = await answerHeatmap(snapshot, parameters);
      return { svg: liquidationHeatmapChart(answer, size), provenance: answer.provenance };
    }
    case 'oracle-latency': {
      const picture = await answerLatency(snapshot, parameters);
      return { svg: oracleLatencyChart(picture, size), provenance: picture.overall.provenance };
    }
  }
}

/** Two points a pixel are more than a line can show; extremes are kept by the query. */
async function answerMarginHistory(
  snapshot: Snapshot,
  parameters: ChartParameters,
): Promise<MarginHistory> {
  const told =
    parameters.position === null
      ? await tellingPosition(
          snapshot,
          await defaultSource(snapshot, parameters.chainId),
          parameters.atBlock,
        )
      : { position: parsePositionId(snapshot, parameters.position), window: null };
  if (told === null) {
    throw new UsageError('No position was liquidated yet: say which to draw.', {
      remedy: 'Give the parameter position, an id from a `positions` answer.',
    });
  }
  return marginHistory(snapshot, {
    position: told.position,
    from: parameters.from ?? told.window?.from,
    to: parameters.to ?? told.window?.to,
    sampling: 'ORACLE_UPDATES',
    maxPoints: Math.min(MAX_HISTORY_POINTS, parameters.width),
    atBlock: parameters.atBlock,
  });
}

async function answerHeatmap(
  snapshot: Snapshot,
  parameters: ChartParameters,
): Promise<LiquidationHeatmap> {
  const market = await chosenMarket(snapshot, parameters);
  const isWindowOpen = parameters.from === null && parameters.to === null;
  const window = isWindowOpen ? await eventfulWindow(snapshot, market, parameters.atBlock) : null;
  return liquidationHeatmap(snapshot, {
    market,
    from: parameters.from ?? window?.from,
    to: parameters.to ?? window?.to,
    columns: Math.min(MAX_HEATMAP_COLUMNS, Math.round(parameters.width / 8)),
    cells: parameters.cells ?? (parameters.height >= 400 ? 'BPS_50' : 'BPS_100'),
    layers: ['PROSPECTIVE', 'REALIZED'],
    atBlock: parameters.atBlock,
  });
}

async function chosenMarket(snapshot: Snapshot, parameters: ChartParameters): Promise<MarketRef> {
  if (parameters.market !== null) return parseMarketId(snapshot, parameters.market);
  const source = await defaultSource(snapshot, parameters.chainId);
  const market = await defaultMarket(snapshot, source, parameters.atBlock);
  if (market) return market;
  throw new UsageError('No market is indexed yet.', { facts: { chain: source.chain } });
}

async function answerLatency(
  snapshot: Snapshot,
  parameters: ChartParameters,
): Promise<OracleLatencyPicture> {
  const market = parameters.market === null ? null : parseMarketId(snapshot, parameters.market);
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
