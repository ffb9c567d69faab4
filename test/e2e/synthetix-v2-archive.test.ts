import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApi } from '../../api/graphql-handler.ts';
import { chainlink } from '../../indexer/protocols/chainlink/index.ts';
import { synthetixV2 } from '../../indexer/protocols/synthetix-v2/index.ts';
import { assess } from '../../margin/rules/synthetix-v2/assess.ts';
import { synthetixV2Rules } from '../../margin/rules/synthetix-v2/rules.ts';
import { openDatabase } from '../../schema/clickhouse/connection.ts';
import type { Database } from '../../schema/clickhouse/database.ts';
import { askOf, dataOf, keepingLogger } from '../api/crash-store.ts';
import { indexedArchives } from '../indexed-archives.ts';
import { readTruthFile, rowsByBlock } from '../margin/truth-rows.ts';
import { replayVenue } from '../margin/venue-replay.ts';
import { runCli } from './run-cli.ts';

const NAME = 'synthetix-v2-crash-2023-08-17';
const ARCHIVE = `archives/${NAME}`;
const ETH_FEED = '0x9afb25949cd6684e0fc7084681cdab1a87d23af0';
const BTC_FEED = '0xbfc65125c25f5f3b81451f0b6db9175f0a5b4015';
/** A calm block, one after the crash with positions that can be flagged, and the last one. */
const BLOCKS = [948, 1640, 2127];

/** Integer of `digits` decimals from exact decimal text. */
function integerOf(text: string, digits: number): bigint {
  const [whole = '', fraction = ''] = text.replace('-', '').split('.');
  if (fraction.length > digits) throw new Error(`${text} has more than ${digits} decimals`);
  const value = BigInt(whole + fraction.padEnd(digits, '0'));
  return text.startsWith('-') ? -value : value;
}

interface Judged {
  readonly equityUsd: string;
  readonly liquidationPrice: string | null;
  readonly collateralUsd: string;
  readonly unrealizedPnlUsd: string;
  readonly fundingUsd: string;
  readonly maintenanceMarginUsd: string;
  readonly isLiquidatable: boolean;
}

/** What our rules say of every open position after each block, from the archive's logs alone. */
async function judgedByRules() {
  const rows = readTruthFile('test/fixtures/synthetix-v2-truth/truth.jsonl.gz');
  const times = new Map(
    [...rowsByBlock(rows)].map(([block, [row]]) => [block, row!.number('blockTimestamp')]),
  );
  const judged = new Map<string, { equity: bigint; liquidationPrice: bigint | null }>();
  await replayVenue({
    archive: ARCHIVE,
    adapters: [synthetixV2, chainlink],
    rules: synthetixV2Rules,
    blocks: new Set(BLOCKS),
    onBlock: (block, { positions, markets, parameters, prices }) => {
      if (!BLOCKS.includes(block)) return;
      for (const position of positions.values()) {
        if (position.size === 0n) continue;
        const market = markets.get(position.market)!;
        const timestamp = times.get(block)!;
        const is = assess({ position, market, parameters, prices, timestamp });
        judged.set(`${block} ${position.positionKey}`, {
          equity: is.equityUsd,
          liquidationPrice: is.liquidationPrice,
        });
      }
    },
  });
  return { rows, judged };
}

describe('the Synthetix Perps V2 archive', () => {
  let folder: Awaited<ReturnType<typeof indexedArchives>>;
  let database: Database;
  let ask: ReturnType<typeof askOf>;
  let verified: { ok: boolean; findings: string[]; tables: Record<string, { rows: number }> };

  beforeAll(async () => {
    folder = await indexedArchives(NAME);
    const check = await runCli(['verify', '--json', '--data', folder.path]);
    verified = JSON.parse(check.stdout);
    database = await openDatabase({ dataDir: folder.path });
    ask = askOf(createApi({ database, logger: keepingLogger() }));
  });
  afterAll(async () => {
    await database?.close();
    folder?.remove();
  });

  const one = async (query: string): Promise<Record<string, string>> => {
    const [row] = await database.select<Record<string, string>>(query);
    return row ?? {};
  };

  /** Every open position's margin after each block, as the API answers it. */
  async function marginsAt(blocks: readonly number[]): Promise<ReadonlyMap<string, Judged>> {
    const answers = new Map<string, Judged>();
    for (const block of blocks) {
      const { positions } = await dataOf(
        ask<{ positions: { nodes: { positionKey: string; marginAt: Judged }[] } }>(
          `query ($block: Int!) {
            positions(first: 60, atBlock: $block, where: { status: OPEN }) { nodes {
              positionKey marginAt { equityUsd liquidationPrice collateralUsd unrealizedPnlUsd
                fundingUsd maintenanceMarginUsd isLiquidatable } } } }`,
          { block },
        ),
      );
      for (const one of positions.nodes) answers.set(`${block} ${one.positionKey}`, one.marginAt);
    }
    return answers;
  }

  it('reads every log, and keeps every promise that verify knows', () => {
    expect(verified.findings).toEqual([]);
    expect(verified.ok).toBe(true);
    expect(verified.tables['dead_letters']?.rows).toBe(0);
  });

  // The contract keeps its id through a change of sign, which ends a life of ours and begins the next.
  it('follows 97 positions through 211 ids, 55 changes of sign and so 266 lives', async () => {
    const states = await one(`
      SELECT uniqExact(position_key) AS positions, uniqExact(position_key, life) AS lives,
        uniqExact(account) AS accounts FROM position_states`);
    expect(states).toEqual({ positions: '97', lives: '266', accounts: '62' });
    const ids = await one(`
      SELECT uniqExact(market, JSONExtractString(details, 'id')) AS ids
      FROM position_events WHERE size_base != 0`);
    expect(ids).toEqual({ ids: '211' });
    const flips = await one(`
      SELECT count() AS n, countIf(ids != 1) AS renamed FROM (
        SELECT uniqExact(JSONExtractString(details, 'id')) AS ids FROM position_events
        GROUP BY transaction_hash, log_index HAVING count() = 2)`);
    expect(flips).toEqual({ n: '55', renamed: '0' });
    const last = await database.select(`
      SELECT status, count() AS n FROM (
        SELECT position_key, life, status FROM position_states
        ORDER BY block_number DESC, log_index DESC, sub_index DESC LIMIT 1 BY position_key, life)
      GROUP BY status ORDER BY status`);
    expect(last).toEqual([
      { status: 'CLOSED', n: '128' },
      { status: 'LIQUIDATED', n: '87' },
      { status: 'OPEN', n: '51' },
    ]);
  });

  it('tells the 161 transfers of owners from what orders took and gave back, at the oracle’s price', async () => {
    const moved = await database.select(`
      SELECT type, count() AS n, countIf(has_transfer) AS transfers,
        countIf(has_transfer AND (startsWith(delta, '-') != (type = 'MarginRemoved'))) AS crossed,
        countIf(has_transfer AND index_price_min != execution_price) AS unpriced
      FROM (SELECT *, JSONHas(details, 'marginDelta') AS has_transfer,
        JSONExtractString(details, 'marginDelta') AS delta FROM position_events)
      WHERE type LIKE 'Margin%' OR has_transfer GROUP BY type ORDER BY type`);
    const none = { crossed: '0', unpriced: '0' };
    expect(moved).toEqual([
      { type: 'MarginAdded', n: '111', transfers: '90', ...none },
      { type: 'MarginRemoved', n: '261', transfers: '71', ...none },
    ]);
  });

  it('finds 87 liquidations, 28 of them short of 35,916.88 USD of fees', async () => {
    const found = await one(`
      SELECT count() AS n, countIf(is_insolvent) AS insolvent, countIf(bad_debt_usd > 0) AS in_debt,
        countIf(insolvent_step = 'pnl') AS pnl, countIf(penalty_usd > 0) AS fined,
        countIf(liquidator = '') AS nameless, toString(sum(bad_debt_usd)) AS debt
      FROM liquidations WHERE cause = 'LIQUIDATION'`);
    expect(found).toEqual({
      n: '87',
      insolvent: '28',
      in_debt: '28',
      pnl: '23',
      fined: '87',
      nameless: '0',
      debt: '35916878525615107647467000000000000',
    });
  });

  it('rebuilds the skew from positions equal to the contract’s own, at every change', async () => {
    const skew = await one(`
      SELECT count() AS n, countIf(protocol_skew_base IS NULL) AS unknown,
        countIf(protocol_skew_base != positions_skew_base) AS off,
        countIf(protocol_base IS NOT NULL) AS with_sides FROM open_interest`);
    expect(skew).toEqual({ n: '2544', unknown: '0', off: '0', with_sides: '0' });
  });

  it('judges positions to the unit as the contracts and as the rules do', async () => {
    const { rows, judged } = await judgedByRules();
    const asked = rows.filter(
      (row) => BLOCKS.includes(row.number('blockNumber')) && row.integer('size') !== 0n,
    );
    const answers = await marginsAt(BLOCKS);
    expect(answers.size).toBe(asked.length);
    let liquidatable = 0;
    for (const row of asked) {
      const at = `${row.text('blockNumber')} ${row.text('market')}${row.text('account').slice(2)}`;
      const { liquidationPrice, ...is } = answers.get(at)!;
      const rules = judged.get(at)!;
      expect({
        equityUsd: integerOf(is.equityUsd, 30),
        liquidationPrice: liquidationPrice === null ? null : integerOf(liquidationPrice, 8),
        collateral: integerOf(is.collateralUsd, 18),
        profitLoss: integerOf(is.unrealizedPnlUsd, 18),
        accruedFunding: -integerOf(is.fundingUsd, 18),
        liquidationMargin: integerOf(is.maintenanceMarginUsd, 18),
        canLiquidate: is.isLiquidatable,
      }).toEqual({
        equityUsd: rules.equity,
        liquidationPrice: rules.liquidationPrice,
        collateral: row.integer('margin'),
        profitLoss: row.integer('profitLoss'),
        accruedFunding: row.integer('accruedFunding'),
        liquidationMargin: row.integer('liquidationMargin'),
        canLiquidate: row.flag('canLiquidate'),
      });
      if (is.isLiquidatable) liquidatable += 1;
    }
    expect(asked.length).toBe(161);
    expect(liquidatable).toBe(15);
  });

  it('follows the margin of a liquidated position until it can be flagged', async () => {
    const { liquidations } = await dataOf(
      ask<{ liquidations: { nodes: { blockNumber: number; position: { id: string } }[] } }>(
        '{ liquidations(first: 1) { nodes { blockNumber position { id } } } }',
      ),
    );
    const [first] = liquidations.nodes;
    const { position } = await dataOf(
      ask<{
        position: {
          marginHistory: {
            totalPoints: number;
            points: { isLiquidatable: boolean; healthFactor: number }[];
            marks: { blockNumber: number; cause: string }[];
          };
        };
      }>(
        `query ($id: ID!, $block: Int!) { position(id: $id, atBlock: $block) { marginHistory {
          totalPoints points { isLiquidatable healthFactor } marks { blockNumber cause } } } }`,
        { id: first!.position.id, block: first!.blockNumber },
      ),
    );
    const { points, marks, totalPoints } = position.marginHistory;
    expect(totalPoints).toBeGreaterThan(marks.length);
    expect(points[0]?.isLiquidatable).toBe(false);
    expect(points.at(-1)?.isLiquidatable).toBe(true);
    for (const { isLiquidatable, healthFactor } of points) {
      expect(isLiquidatable).toBe(healthFactor <= 1);
    }
    expect(marks.at(-1)).toEqual({ blockNumber: first!.blockNumber, cause: 'LIQUIDATION' });
  });

  it('maps every open position of both markets by its liquidation price', async () => {
    for (const [market, open] of [
      ['ETH', 23],
      ['BTC', 28],
    ] as const) {
      const { liquidationMap } = await dataOf(
        ask<{ liquidationMap: { cells: { count: number }[]; unplaced: { count: number } } }>(
          `query ($market: ID!) { liquidationMap(market: $market) {
            cells { count } unplaced { count } } }`,
          { market },
        ),
      );
      const { cells, unplaced } = liquidationMap;
      expect(cells.reduce((sum, { count }) => sum + count, unplaced.count)).toBe(open);
      expect(cells.length).toBeGreaterThan(5);
    }
  });

  it('tells feeds that are pushed with the block’s time from feeds that are pulled with their own', async () => {
    const { oracleFeeds } = await dataOf(
      ask<{ oracleFeeds: { feeds: Record<string, unknown>[] } }>(
        '{ oracleFeeds { feeds { venue kind timeIsBlockTime updates lastObservedAt } } }',
      ),
    );
    const pushed = {
      venue: 'chainlink',
      kind: 'PUSH',
      timeIsBlockTime: true,
      lastObservedAt: null,
    };
    const pulled = { venue: 'pyth', kind: 'PULL', timeIsBlockTime: false };
    expect(oracleFeeds.feeds).toEqual([
      { ...pushed, updates: 179 },
      { ...pushed, updates: 175 },
      { ...pulled, updates: 119, lastObservedAt: '2023-08-18T23:52:01.000Z' },
      { ...pulled, updates: 153, lastObservedAt: '2023-08-18T23:45:20.000Z' },
    ]);
  });

  it('finds no order that the contract should have refused by its age', async () => {
    const { requestToExecution } = await dataOf(
      ask<{ requestToExecution: { groups: readonly unknown[] } }>(
        '{ requestToExecution { groups { kind executionDelay { n } priceDelay { n } bound { checked violations } } } }',
      ),
    );
    expect(requestToExecution.groups).toEqual([
      { kind: 'DELAYED', executionDelay: { n: 57 }, priceDelay: { n: 0 }, bound: null },
      {
        kind: 'OFFCHAIN',
        executionDelay: { n: 272 },
        priceDelay: { n: 272 },
        bound: { checked: 272, violations: 0 },
      },
    ]);
  });

  it('measures the delay of the pulled prices, and claims none for the pushed ones', async () => {
    const { oracleLatency } = await dataOf(
      ask<{ oracleLatency: { groups: { key: string; stats: { metric: string; n: number }[] }[] } }>(
        '{ oracleLatency(groupBy: FEED) { groups { key stats { metric n } } } }',
      ),
    );
    const delays = oracleLatency.groups.map(({ key, stats }) => [
      key,
      stats.find(({ metric }) => metric === 'DELIVERY_DELAY')?.n ?? 0,
      stats.find(({ metric }) => metric === 'UPDATE_INTERVAL')?.n,
    ]);
    expect(delays).toEqual([
      [`chainlink:${ETH_FEED}`, 0, 177],
      [`chainlink:${BTC_FEED}`, 0, 173],
      [expect.stringMatching(/^pyth:0xbadc9b/), 119, 118],
      [expect.stringMatching(/^pyth:0xffbb3b/), 153, 152],
    ]);
  });
});
