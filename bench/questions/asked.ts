import { readFileSync } from 'node:fs';
import type { QueryParameters } from '../../schema/clickhouse/database.ts';
import {
  CHAIN_ID,
  FIRST_SECOND,
  type GeneratedMarket,
  VENUE,
  YEAR_SECONDS,
} from '../generated-store/shape.ts';
import type { Subject } from './subjects.ts';

export interface Question {
  readonly name: string;
  readonly title: string;
  /** GraphQL, as a client would send it. */
  readonly ask: (subject: Subject) => string;
  /** The plainest SQL over the event tables that says the same. */
  readonly plain: {
    readonly sql: string;
    readonly parameters: (subject: Subject) => QueryParameters;
  };
}

const DAY = 86_400;
const LAST_SECOND = FIRST_SECOND + YEAR_SECONDS;

interface Window {
  readonly fromTime: number;
  readonly toTime: number;
}

/** A window that lies wholly in the year, from a whole hour. */
function windowOf(at: number, seconds: number): Window {
  const fromTime = FIRST_SECOND + Math.floor((at * (YEAR_SECONDS - seconds)) / 3600) * 3600;
  return { fromTime, toTime: fromTime + seconds };
}

function timeText(unixSeconds: number): string {
  return new Date(unixSeconds * 1000).toISOString();
}

function windowText({ fromTime, toTime }: Window): string {
  return `from: "${timeText(fromTime)}", to: "${timeText(toTime)}"`;
}

function idOf(key: string): string {
  return `${CHAIN_ID}:${VENUE}:${key}`;
}

function plain(name: string): string {
  return readFileSync(new URL(`./plain/${name}.sql`, import.meta.url), 'utf8');
}

const QUANTILES = 'min p5 p25 p50 p75 p95';
const BAND = `byCount { ${QUANTILES} } byNotional { ${QUANTILES} }`;
const LATENCY = `groups { label stats { metric n negativeCount p50 p90 p95 p99 p999 max } }
  provenance { digest caveats }`;

const HISTORY_POINTS = 1_000;
const HISTORY_STEP = Math.ceil(YEAR_SECONDS / HISTORY_POINTS);

function ofMarket(market: GeneratedMarket): QueryParameters {
  return {
    chainId: CHAIN_ID,
    market: market.market,
    indexToken: market.token,
    baseUnit: `1e${market.decimals}`,
  };
}

function heatmap(
  days: number,
  columns: number,
  cells: 'BPS_25' | 'BPS_50',
  cellWidth: number,
): Pick<Question, 'ask' | 'plain'> {
  const seconds = days * DAY;
  return {
    ask: ({ market, at }) => `{
      liquidationHeatmap(market: "${idOf(market.market)}", ${windowText(windowOf(at, seconds))}, columns: ${columns}, cells: ${cells}) {
        rows { k lowerPriceUsd upperPriceUsd }
        columns { fromTime closePriceUsd unplaced { valueUsd count } }
        cells { row column layer side valueUsd count }
        provenance { digest caveats }
      }
    }`,
    plain: {
      sql: plain('liquidation-heatmap'),
      parameters: ({ market, at }) => ({
        ...ofMarket(market),
        fromTime: windowOf(at, seconds).fromTime,
        stepSeconds: Math.ceil(seconds / columns),
        columns,
        cellWidth,
      }),
    },
  };
}

/** The five questions of the measures; two of them in two sizes. */
export const QUESTIONS: readonly Question[] = [
  {
    name: 'margin-history',
    title: "a position's margin over a year, 1,000 points",
    ask: ({ position }) => `{
      position(id: "${idOf(position.key)}") {
        marginHistory(from: "${timeText(FIRST_SECOND)}", to: "${timeText(LAST_SECOND)}", sampling: GRID, interval: ${HISTORY_STEP}, maxPoints: ${HISTORY_POINTS}) {
          points { timestamp cause equityUsd maintenanceMarginUsd marginRatio healthFactor liquidationPrice distance isLiquidatable }
          marks { timestamp cause }
          provenance { digest caveats }
        }
      }
    }`,
    plain: {
      sql: plain('margin-history'),
      parameters: ({ position }) => ({
        chainId: CHAIN_ID,
        positionKey: position.key,
        indexToken: position.market.token,
        fromTime: FIRST_SECOND,
        stepSeconds: HISTORY_STEP,
        points: HISTORY_POINTS,
      }),
    },
  },
  {
    name: 'map',
    title: 'a liquidation map now',
    ask: ({ market }) => `{
      liquidationMap(market: "${idOf(market.market)}") {
        priceUsd
        cells { k lowerPriceUsd upperPriceUsd side valueUsd count }
        cumulative { priceUsd movePercent side valueUsd count }
        unplaced { valueUsd count }
        provenance { digest caveats }
      }
    }`,
    plain: {
      sql: plain('liquidation-map'),
      parameters: ({ market }) => ({ ...ofMarket(market), block: 2 ** 40 }),
    },
  },
  {
    name: 'heatmap-30d',
    title: 'a heatmap of 30 days, 180 columns, 25 bps',
    ...heatmap(30, 180, 'BPS_25', 5),
  },
  {
    name: 'heatmap-500',
    title: 'a heatmap of 30 days, 500 columns, 50 bps',
    ...heatmap(30, 500, 'BPS_50', 10),
  },
  {
    name: 'feed-year',
    title: 'latency of one feed over a year',
    ask: ({ feed }) => `{
      oracleLatency(feed: "${feed.token}", ${windowText({ fromTime: FIRST_SECOND, toTime: LAST_SECOND })}, metrics: [DELIVERY_DELAY]) { ${LATENCY} }
    }`,
    plain: {
      sql: plain('feed-latency'),
      parameters: ({ feed }) => ({
        chainId: CHAIN_ID,
        token: feed.token,
        fromTime: FIRST_SECOND,
        toTime: LAST_SECOND,
      }),
    },
  },
  {
    name: 'feeds-by-hour',
    title: 'latency of all feeds by hour over a month',
    ask: ({ at }) => `{
      oracleLatency(${windowText(windowOf(at, 30 * DAY))}, groupBy: HOUR, metrics: [DELIVERY_DELAY]) { ${LATENCY} }
    }`,
    plain: {
      sql: plain('hourly-latency'),
      parameters: ({ at }) => ({ chainId: CHAIN_ID, ...windowOf(at, 30 * DAY) }),
    },
  },
  {
    name: 'margin-bands',
    title: 'margin bands of a market over 90 days, by day',
    ask: ({ market, at }) => `{
      marketMarginBands(market: "${idOf(market.market)}", ${windowText(windowOf(at, 90 * DAY))}, columns: 90) {
        columns {
          fromTime closePriceUsd open { valueUsd count } liquidatable { valueUsd count }
          marginRatio { ${BAND} } healthFactor { ${BAND} }
          under { health valueUsd count }
          closest { positionId healthFactor }
        }
        provenance { digest caveats }
      }
    }`,
    plain: {
      sql: plain('margin-bands'),
      parameters: ({ market, at }) => ({
        ...ofMarket(market),
        priceUnit: `1e${market.priceDecimals}`,
        fromTime: windowOf(at, 90 * DAY).fromTime,
        stepSeconds: DAY,
        columns: 90,
      }),
    },
  },
];
