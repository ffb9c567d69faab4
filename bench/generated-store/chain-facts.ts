import type { Database } from '../../schema/clickhouse/database.ts';
import { marketEventRow, parameterChangeRow, type TableRow } from '../../schema/clickhouse/rows.ts';
import type { EventPlace } from '../../schema/events/place.ts';
import { CHAIN, CHAIN_ID, DOLLAR, FILLED_TABLES, FIRST_SECOND, MARKETS, VENUE } from './shape.ts';

/** As shape.sql numbers the blocks. */
const FIRST_BLOCK = 250_000_000;

const ONE = 10n ** 30n;

/** Of the venue, under ''. Closing costs 5 bps either way. */
const VENUE_PARAMETERS: Readonly<Record<string, bigint>> = {
  minCollateralUsd: ONE,
  maxOraclePriceAge: 300n,
};

/** Of each market: what the rules read where impact, funding and accrual between events are switched off. */
const MARKET_PARAMETERS: Readonly<Record<string, bigint>> = {
  minCollateralFactorForLiquidation: ONE / 100n,
  maxPositionImpactFactorForLiquidations: 0n,
  positionFeeFactorBalanceImproved: ONE / 2_000n,
  positionFeeFactorBalanceNotImproved: ONE / 2_000n,
  maxPnlFactorForTradersLong: 0n,
  maxPnlFactorForTradersShort: 0n,
  fundingFactor: 0n,
  fundingExponentFactor: ONE,
  fundingIncreaseFactorPerSecond: 0n,
  maxFundingFactorPerSecond: 0n,
};

/** Listings, parameters, the source that says it is generated, and the commits that make all of it visible. */
export async function writeChainFacts(
  database: Database,
  made: { readonly seed: number; readonly scale: number },
): Promise<void> {
  const place = (subIndex: number): EventPlace => ({
    subIndex,
    blockTimestamp: FIRST_SECOND,
    transactionHash: '',
    transactionIndex: 0,
    venue: VENUE,
    blockNumber: FIRST_BLOCK,
    logIndex: 0,
    chainId: CHAIN_ID,
  });
  await insert(database, 'market_events', listings(place));
  await insert(database, 'parameter_changes', parameters(place));
  await writeHistory(database, made);
}

function listings(place: (subIndex: number) => EventPlace): TableRow[] {
  return MARKETS.map((market) =>
    marketEventRow({
      ...place(market.index),
      kind: 'market',
      type: 'MarketListed',
      market: market.market,
      token: '',
      isLong: null,
      delta: null,
      value: null,
      details: {
        indexToken: market.token,
        indexSymbol: market.symbol,
        indexDecimals: String(market.decimals),
        indexPriceDecimals: String(market.priceDecimals),
        longToken: market.token,
        longSymbol: market.symbol,
        longDecimals: String(market.decimals),
        shortToken: DOLLAR.token,
        shortSymbol: DOLLAR.symbol,
        shortDecimals: String(DOLLAR.decimals),
        name: `${market.symbol}/USD [${market.symbol}-${DOLLAR.symbol}]`,
        symbol: market.symbol,
        source: 'GENERATED',
      },
    }),
  );
}

function parameters(place: (subIndex: number) => EventPlace): TableRow[] {
  const scopes = [
    { market: '', values: VENUE_PARAMETERS },
    ...MARKETS.map(({ market }) => ({ market, values: MARKET_PARAMETERS })),
  ];
  const all = scopes.flatMap(({ market, values }) =>
    Object.entries(values).map(([name, value]) => ({ market, name, value })),
  );
  return all.map(({ market, name, value }, index) =>
    parameterChangeRow({
      ...place(index),
      kind: 'parameter',
      type: 'ParameterChanged',
      market,
      name,
      value,
      valueText: value.toString(),
      baseKey: '',
      keyData: '',
      source: 'MANIFEST',
    }),
  );
}

async function writeHistory(
  database: Database,
  { seed, scale }: { readonly seed: number; readonly scale: number },
): Promise<void> {
  const [last] = await database.select<{ number: string; hash: string; time: string }>(
    `SELECT block_number AS number, concat('0x', lower(hex(block_hash))) AS hash, block_timestamp AS time
     FROM blocks ORDER BY block_number DESC LIMIT 1`,
  );
  if (!last) throw new RangeError('no blocks were generated');
  const counts = Object.fromEntries(
    await Promise.all(
      FILLED_TABLES.map(async (table) => {
        const [row] = await database.select<{ rows: string }>(
          `SELECT count() AS rows FROM ${table}`,
        );
        return [table, Number(row?.rows ?? 0)] as const;
      }),
    ),
  );
  const commit = {
    from_block: FIRST_BLOCK,
    to_block: Number(last.number),
    last_block_hash: last.hash,
    last_block_timestamp: Number(last.time),
    method: 'generated/1 rules:gmx-v2/1 projections/2',
    committed_at: '2026-01-01 00:00:00.000',
    chain_id: CHAIN_ID,
  };
  await insert(database, 'commits', [
    { stage: 'land', ...commit, row_counts: { blocks: counts['blocks'] } },
    { stage: 'project', ...commit, row_counts: counts },
  ]);
  await insert(database, 'sources', [
    {
      chain_id: CHAIN_ID,
      chain: CHAIN,
      is_synthetic: true,
      name: `generated store, seed ${seed}, scale ${scale}`,
      description:
        'Drawn by bench/generated-store: no chain, no venue, no trader. For measuring, not for reading.',
      provenance: 'bench/generated-store',
      first_block: FIRST_BLOCK,
      manifest: JSON.stringify({ generated: { seed, scale } }),
      recorded_at: '2026-01-01 00:00:00.000',
    },
  ]);
}

type Row = Readonly<Record<string, unknown>>;

/** Through the engine's own JSON: a handful of rows. */
async function insert(database: Database, table: string, rows: readonly Row[]): Promise<void> {
  const columns = await database.select<{ name: string; type: string }>(
    `SELECT name, type FROM system.columns WHERE database = currentDatabase() AND table = {table:String}`,
    { table },
  );
  const [first] = rows;
  if (!first) return;
  await database.insertRows(
    table,
    columns.filter(({ name }) => name in first),
    rows,
  );
}
