import type {
  LatencyStat,
  MarginHistory,
  MarginHistoryPoint,
  OracleGroup,
  OracleLatency,
  OracleLatencyGroup,
  Provenance,
} from '../../../api/queries/answers.ts';
import type {
  HeatmapCell,
  HeatmapColumn,
  LiquidationHeatmap,
} from '../../../api/queries/liquidation-map-answers.ts';

/**
 * Invented answers in the real shape, for tests of drawing only: a smooth fall and recovery of a
 * made-up price, seeded. No figure in here was ever observed.
 */
const START = Date.UTC(2023, 7, 17, 12);
const HOUR = 3_600_000;

export function sampleProvenance(over: Partial<Provenance> = {}): Provenance {
  return {
    chainId: 42161,
    chain: 'local-sample',
    fromBlock: 437,
    asOfBlock: 3651,
    asOfTime: '2023-08-18T03:39:04.000Z',
    finality: 'FINAL',
    basis: 'DERIVED',
    method: 'sample',
    version: '1',
    methodology: { id: 'sample', name: 'sample', version: '1', formula: 'made up' },
    coverage: null,
    isSynthetic: true,
    note: 'synthetic traders',
    caveats: [],
    digest: 'a1b2c3d4e5f60718293a4b5c6d7e8f901a2b3c4d5e6f708192a3b4c5d6e7f809',
    ...over,
  };
}

/** A small linear congruential generator: the same numbers on every machine. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

function priceAt(hours: number): number {
  const fall = 1 / (1 + Math.exp(-(hours - 9.7) * 9));
  const bounce = Math.max(0, 1 - Math.exp(-(hours - 9.9) * 1.4));
  return (
    1815 - 6 * hours - 150 * fall + (hours > 9.9 ? 62 * bounce : 0) + 7 * Math.sin(hours * 2.1)
  );
}

const decimal = (value: number) => value.toFixed(6);
const iso = (milliseconds: number) => new Date(milliseconds).toISOString();

export function sampleHeatmap(
  columnsCount = 96,
  over: Partial<Provenance> = {},
): LiquidationHeatmap {
  const span = (16 * HOUR) / columnsCount;
  const edge = (k: number) => 1.0005 ** (k * 5);
  const firstK = Math.floor(Math.log(1450) / (5 * Math.log(1.0005)));
  const rowsCount = 140;
  const rows = Array.from({ length: rowsCount }, (_, row) => ({
    row,
    k: firstK + row,
    lowerPriceUsd: decimal(edge(firstK + row)),
    upperPriceUsd: decimal(edge(firstK + row + 1)),
  }));
  const columns: HeatmapColumn[] = [];
  const cells: HeatmapCell[] = [];
  const random = seeded(7);
  const positions = Array.from({ length: 130 }, () => ({
    row: Math.floor(random() * rowsCount),
    usd: 10 ** (3 + 3 * random()),
    from: Math.floor(random() * columnsCount * 0.7),
    life: Math.floor((0.1 + random()) * columnsCount * 0.7),
    isGone: false,
  }));
  let total = 0;
  let count = 0;
  for (let column = 0; column < columnsCount; column += 1) {
    const samples = Array.from({ length: 9 }, (_, i) => priceAt(((column + i / 8) * span) / HOUR));
    const [low, high] = [Math.min(...samples), Math.max(...samples)];
    columns.push({
      column,
      fromTime: iso(START + column * span),
      toTime: iso(START + (column + 1) * span),
      blockNumber: 437 + column * 30,
      openPriceUsd: decimal(samples[0]!),
      highPriceUsd: decimal(high),
      lowPriceUsd: decimal(low),
      closePriceUsd: decimal(samples.at(-1)!),
      unplaced: { valueUsd: '0', count: 0 },
    });
    for (const position of positions) {
      if (position.isGone || column < position.from || column > position.from + position.life)
        continue;
      const price = Number(rows[position.row]!.lowerPriceUsd);
      const side = price < priceAt((position.from * span) / HOUR) ? 'LONG' : 'SHORT';
      const isHit = side === 'LONG' ? low < price : high > price;
      const at = { row: position.row, column, side, count: 1 } as const;
      if (isHit && column > position.from) {
        cells.push({ ...at, layer: 'REALIZED', valueUsd: decimal(position.usd) });
        position.isGone = true;
        total += position.usd;
        count += 1;
      } else {
        cells.push({ ...at, layer: 'PROSPECTIVE', valueUsd: decimal(position.usd) });
      }
    }
  }
  return {
    provenance: sampleProvenance({ method: 'liquidation-heatmap', ...over }),
    marketId: '42161:gmx-v2:0x28b77f5759010d35913196cabd4afec8403f53be',
    marketSymbol: 'ETH',
    levels: 'JUDGED',
    measure: 'NOTIONAL_AT_LIQUIDATION',
    cellWidth: 'BPS_25',
    layers: ['REALIZED', 'PROSPECTIVE'],
    rows,
    columns,
    cells,
    realizedTotal: { valueUsd: decimal(total), count },
    checkLedger: null,
  };
}

export function sampleHistory(over: Partial<Provenance> = {}): MarginHistory {
  const points: MarginHistoryPoint[] = [];
  const token = { address: '0x00', symbol: 'ETH', decimals: 18 };
  for (let minute = 0; minute <= 588; minute += 4) {
    const hours = minute / 60;
    const price = priceAt(hours);
    const liquidation = hours < 3 ? 1690 : hours < 8 ? 1672 : 1664;
    const health = Math.max(-0.4, 1 + (price - liquidation) / 17);
    points.push({
      blockNumber: 500 + minute,
      timestamp: iso(START + minute * 60_000),
      cause: 'PRICE',
      sizeUsd: '412000',
      collateralRaw: '1',
      collateralUsd: '20000',
      equityUsd: decimal(health * 4120),
      maintenanceMarginUsd: '4120',
      notionalUsd: '412000',
      marginRatio: health / 100,
      healthFactor: health,
      collateralRatio: null,
      carry: null,
      volatility: null,
      liquidationPrice: decimal(liquidation),
      distance: Math.log(price / liquidation),
      isLiquidatable: health < 1,
      liquidationReason: '',
      unrealizedPnlUsd: '0',
      fundingUsd: '0',
      borrowFeeUsd: '0',
      positionFeeUsd: '0',
      priceImpactUsd: '0',
      indexPrice: { token, minPriceUsd: decimal(price), maxPriceUsd: decimal(price) },
      collateralPrice: { token, minPriceUsd: '1', maxPriceUsd: '1' },
      change: null,
      closing: null,
    });
  }
  const mark = (minute: number, cause: string) => ({
    blockNumber: 500 + minute,
    timestamp: iso(START + minute * 60_000),
    cause,
  });
  return {
    provenance: sampleProvenance({ method: 'margin-history', ...over }),
    positionId: '42161:gmx-v2:0xf482414115f59b8ffe98ebbe071da3189e4ddb21c7618a999b560688e02ab205',
    account: '0x0000000000000000000000000000000000000001',
    marketId: '42161:gmx-v2:0x28b77f5759010d35913196cabd4afec8403f53be',
    marketSymbol: 'ETH',
    side: 'LONG',
    sampling: 'ORACLE_UPDATES',
    points,
    totalPoints: points.length,
    isDownsampled: false,
    marks: [
      mark(0, 'OPEN'),
      mark(110, 'INCREASE'),
      mark(180, 'MARGIN_ADD'),
      mark(480, 'MARGIN_ADD'),
      mark(588, 'LIQUIDATION'),
    ],
  };
}

export function sampleLatency(groupBy: OracleGroup, over: Partial<Provenance> = {}): OracleLatency {
  const random = seeded(11);
  const draw = (scale: number) => Math.round(1 + -Math.log(1 - random()) * scale);
  const groups: OracleLatencyGroup[] = [];
  const hours = groupBy === 'HOUR' ? 64 : 1;
  for (let hour = 0; hour < hours; hour += 1) {
    const isCrash = hour === 45;
    const n = groupBy === 'HOUR' ? (isCrash ? 140 : 12 + Math.floor(random() * 20)) : 1516;
    const values = Array.from({ length: n }, () => Math.min(40, draw(isCrash ? 6.5 : 5)));
    const start = START - 36 * HOUR + hour * HOUR;
    groups.push(latencyGroup(groupBy === 'HOUR' ? iso(start) : 'all', values));
  }
  return {
    provenance: sampleProvenance({ method: 'oracle-latency', ...over }),
    marketId: null,
    fromTime: '2023-08-15T00:00:00.000Z',
    toTime: '2023-08-18T03:39:04.000Z',
    groupBy,
    sample: 'TRANSACTION',
    groups,
  };
}

function latencyGroup(key: string, values: readonly number[]): OracleLatencyGroup {
  const sorted = [...values].sort((left, right) => left - right);
  const at = (share: number) => sorted[Math.floor(share * (sorted.length - 1))] ?? null;
  const stat: LatencyStat = {
    metric: 'DELIVERY_DELAY',
    unit: 'seconds',
    label: 'PULL',
    n: sorted.length,
    negativeCount: 0,
    mean: sorted.reduce((sum, one) => sum + one, 0) / sorted.length,
    p50: at(0.5),
    p90: at(0.9),
    p95: at(0.95),
    p99: at(0.99),
    p999: null,
    max: at(1),
    intervals: [],
    bound: null,
    causes: null,
    caveats: [],
  };
  const survival = [...new Set(sorted)].map((seconds) => ({
    seconds,
    share: sorted.filter((value) => value > seconds).length / sorted.length,
  }));
  const histogram = [1, 3, 5, 9, 16, 31].map((lower, index, edges) => {
    const upper = edges[index + 1] ?? 41;
    return { lower, upper, count: sorted.filter((one) => one >= lower && one < upper).length };
  });
  return { key, label: key, delivery: 'PULL', stats: [stat], histogram, survival };
}
