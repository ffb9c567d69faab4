import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApi } from '../../api/graphql-handler.ts';
import { READY_QUERIES } from '../../api/queries/ready-queries.ts';
import { askOf, dataOf, keepingLogger, type OpenStore, openCrashStore } from './crash-store.ts';

interface Provenance {
  digest: string;
  asOfBlock: number;
  note: string | null;
}

describe('the API over the bundled crash archive', () => {
  const logger = keepingLogger();
  let store: OpenStore;
  let ask: ReturnType<typeof askOf>;

  beforeAll(async () => {
    store = await openCrashStore();
    ask = askOf(createApi({ database: store.database, logger }));
  });
  afterAll(async () => {
    await store?.close();
  });

  it('states what is in the store, that traders are synthetic, and that nothing is missing', async () => {
    const { status } = await dataOf(
      ask<{ status: { sources: Record<string, never>[] } }>(`{ status { sources {
        chain headBlock isSynthetic counts { blocks positions openPositions accounts liquidations autoDeleveragings deadLetters oracleUpdates }
        provenance { note finality coverage { positions residualUsd } } } } }`),
    );
    expect(status.sources).toEqual([
      {
        chain: 'local-gmx-v2',
        headBlock: 3651,
        isSynthetic: true,
        counts: {
          blocks: 3652,
          positions: 236,
          openPositions: 68,
          accounts: 99,
          liquidations: 54,
          autoDeleveragings: 0,
          deadLetters: 0,
          oracleUpdates: 6076,
        },
        provenance: {
          note: 'synthetic traders',
          finality: 'FINAL',
          coverage: { positions: 68, residualUsd: '0' },
        },
      },
    ]);
  });

  it('lists markets with tokens, and open interest that equals the protocol at every asked block', async () => {
    for (const atBlock of [437, 1500, 2810, 3100, 3651]) {
      const { markets } = await dataOf(
        ask<{ markets: { symbol: string; openInterest: { residualUsd: string }[] }[] }>(
          `query ($atBlock: Int) { markets(atBlock: $atBlock) { symbol openInterest { residualUsd } } }`,
          { atBlock },
        ),
      );
      expect(markets.map((one) => one.symbol)).toEqual(
        expect.arrayContaining(['ETH', 'BTC', 'SOL']),
      );
      const residuals = markets.flatMap((one) => one.openInterest.map((side) => side.residualUsd));
      expect(new Set(residuals)).toEqual(new Set(['0']));
    }
  });

  it('finds one market by id and by symbol', async () => {
    const { market } = await dataOf(
      ask<{ market: { id: string } }>(
        `{ market(id: "ETH") { id symbol indexToken { symbol decimals } } }`,
      ),
    );
    expect(market).toMatchObject({ symbol: 'ETH', indexToken: { symbol: 'WETH', decimals: 18 } });
    const again = await dataOf(
      ask<{ market: object }>(`query ($id: ID!) { market(id: $id) { symbol } }`, { id: market.id }),
    );
    expect(again.market).toEqual({ symbol: 'ETH' });
  });

  it('pages through all positions forward and backward, each once', async () => {
    const forward: string[] = [];
    let after: string | null = null;
    do {
      const { positions }: { positions: Page } = await dataOf(
        ask<{ positions: Page }>(
          `query ($after: String) { positions(first: 100, after: $after, orderBy: SIZE_USD, direction: DESC) {
            totalCount nodes { id sizeUsd } pageInfo { endCursor hasNextPage } } }`,
          { after },
        ),
      );
      expect(positions.totalCount).toBe(236);
      forward.push(...positions.nodes.map((node) => node.id));
      after = positions.pageInfo.hasNextPage ? positions.pageInfo.endCursor : null;
    } while (after);
    expect(new Set(forward).size).toBe(236);
    expect(forward).toHaveLength(236);
    const { positions } = await dataOf(
      ask<{ positions: Page }>(
        `{ positions(last: 100, orderBy: SIZE_USD, direction: DESC) { nodes { id } } }`,
      ),
    );
    expect(positions.nodes.map((node) => node.id)).toEqual(forward.slice(-100));
  });

  it('filters positions by key, account, market, side and status', async () => {
    const { positions } = await dataOf(
      ask<{
        positions: Page;
      }>(`{ positions(first: 1, where: { status: OPEN, market: "ETH", side: SHORT }) {
        totalCount nodes { id positionKey account status side marketSymbol } } }`),
    );
    const [node] = positions.nodes as unknown as Record<string, string>[];
    expect(positions.totalCount).toBe(16);
    expect(node).toMatchObject({ status: 'OPEN', side: 'SHORT', marketSymbol: 'ETH' });
    const found = await dataOf(
      ask<{ positions: Page }>(
        `query ($key: String, $account: String) { positions(where: { positionKey: $key, account: $account }) { nodes { id } } }`,
        { key: node?.['positionKey'], account: node?.['account'] },
      ),
    );
    expect(found.positions.nodes).toEqual([{ id: node?.['id'] }]);
  });

  it('tells liquidations with liquidator, penalty and bad debt, seven of them insolvent', async () => {
    const { liquidations } = await dataOf(
      ask<{ liquidations: Page & { totals: Record<string, unknown> } }>(`{ liquidations(first: 60) {
        totalCount totals { count insolventCount } nodes {
          id liquidator penaltyUsd isInsolvent badDebtUsd executionPriceUsd position { status } } } }`),
    );
    expect(liquidations.totalCount).toBe(54);
    expect(liquidations.totals).toEqual({ count: 54, insolventCount: 7 });
    const nodes = liquidations.nodes as unknown as {
      id: string;
      liquidator: string;
      isInsolvent: boolean;
      badDebtUsd: string;
    }[];
    expect(nodes).toHaveLength(54);
    expect(nodes.every((node) => /^0x[0-9a-f]{40}$/.test(node.liquidator))).toBe(true);
    const indebted = nodes.filter((node) => node.badDebtUsd !== '0');
    expect(indebted.every((node) => node.isInsolvent)).toBe(true);
    const one = await dataOf(
      ask<{ liquidation: object }>(`query ($id: ID!) { liquidation(id: $id) { id badDebtUsd } }`, {
        id: indebted[0]?.id,
      }),
    );
    expect(one.liquidation).toEqual({ id: indebted[0]?.id, badDebtUsd: indebted[0]?.badDebtUsd });
  });

  // Every third of 54; all of them by the rules alone in test/margin/gmx-v2-liquidations.test.ts.
  it('judges liquidated positions liquidatable at the prices of its liquidation', async () => {
    const { liquidations } = await dataOf(
      ask<{ liquidations: Page }>(
        `{ liquidations(first: 60) { nodes { positionId blockNumber } } }`,
      ),
    );
    const nodes = liquidations.nodes as unknown as { positionId: string; blockNumber: number }[];
    expect(nodes).toHaveLength(54);
    for (const { positionId, blockNumber } of nodes.filter((_node, index) => index % 3 === 0)) {
      const { position } = await dataOf(
        ask<{ position: { marginHistory: History } }>(
          `query ($id: ID!) { position(id: $id) { marginHistory(sampling: EVENTS) {
            points { blockNumber cause isLiquidatable healthFactor equityUsd } } } }`,
          { id: positionId },
        ),
      );
      const point = position.marginHistory.points.find(
        (one) => one.blockNumber === blockNumber && one.cause === 'LIQUIDATION',
      );
      expect(point, positionId).toMatchObject({ isLiquidatable: true });
    }
  });

  it('keeps the lowest margin ratio of a thinned history, recomputed exactly', async () => {
    const position = await liquidatedPosition(ask);
    const query = `query ($id: ID!, $maxPoints: Int!) { position(id: $id) {
      marginHistory(sampling: ORACLE_UPDATES, maxPoints: $maxPoints) {
        totalPoints isDownsampled points { blockNumber cause marginRatio equityUsd } } } }`;
    const whole = await dataOf(ask<Margin>(query, { id: position, maxPoints: 5000 }));
    const thin = await dataOf(ask<Margin>(query, { id: position, maxPoints: 24 }));
    const { points } = whole.position.marginHistory;
    expect(whole.position.marginHistory.isDownsampled).toBe(false);
    expect(points.length).toBeGreaterThan(100);
    expect(thin.position.marginHistory).toMatchObject({
      totalPoints: points.length,
      isDownsampled: true,
    });
    expect(thin.position.marginHistory.points.length).toBeLessThanOrEqual(24);
    const ratios = (list: Point[]) => list.map((point) => point.marginRatio ?? 0);
    expect(Math.min(...ratios(thin.position.marginHistory.points))).toBe(
      Math.min(...ratios(points)),
    );
    for (const point of thin.position.marginHistory.points) expect(points).toContainEqual(point);
  });

  it('samples a grid at its interval', async () => {
    const position = await liquidatedPosition(ask);
    const { position: found } = await dataOf(
      ask<Margin>(
        `query ($id: ID!) { position(id: $id) { marginHistory(sampling: GRID, interval: "PT15M") { points { timestamp cause } } } }`,
        { id: position },
      ),
    );
    const times = found.marginHistory.points.map((point) => Date.parse(point.timestamp));
    expect(times.length).toBeGreaterThan(1);
    expect(times.slice(1).every((time, index) => time - (times[index] ?? 0) === 900_000)).toBe(
      true,
    );
  });

  it('judges at supposed prices: a lower price leaves a long with less, and basis says MODELED', async () => {
    const { positions } = await dataOf(
      ask<{
        positions: { nodes: { marginAt: Judged; whatIf: Judged }[] };
      }>(`{ positions(first: 1, where: { status: OPEN, market: "ETH", side: LONG }, orderBy: SIZE_USD, direction: DESC) {
        nodes {
          marginAt { equityUsd liquidationPrice isLiquidatable provenance { basis } }
          whatIf: marginAt(prices: [{ token: "WETH", minPriceUsd: "900" }]) { equityUsd isLiquidatable indexPrice { minPriceUsd maxPriceUsd } provenance { basis } } } } }`),
    );
    const [node] = positions.nodes;
    expect(Number(node?.whatIf.equityUsd)).toBeLessThan(Number(node?.marginAt.equityUsd));
    expect(node?.marginAt.provenance.basis).toBe('DERIVED');
    expect(node?.whatIf).toMatchObject({
      isLiquidatable: true,
      indexPrice: { minPriceUsd: '900', maxPriceUsd: '900' },
      provenance: { basis: 'MODELED' },
    });
  });

  it('sums an account', async () => {
    const { positions } = await dataOf(
      ask<{ positions: { nodes: { account: string }[] } }>(
        `{ positions(first: 1, where: { status: OPEN }) { nodes { account } } }`,
      ),
    );
    const { account } = await dataOf(
      ask<{ account: { positionCount: number; positions: Page } }>(
        `query ($address: String!) { account(address: $address) { positionCount openPositionCount openSizeUsd
          liquidationTotals { count } positions { totalCount } liquidations { totalCount } } }`,
        { address: positions.nodes[0]?.account },
      ),
    );
    expect(account.positionCount).toBeGreaterThan(0);
    expect(account.positions.totalCount).toBe(account.positionCount);
  });

  it('runs the five ready queries without an error', async () => {
    expect(READY_QUERIES).toHaveLength(5);
    for (const { query } of READY_QUERIES) {
      const data = await dataOf(ask<object>(query));
      expect(JSON.stringify(data).length).toBeGreaterThan(200);
    }
  });

  it('gives the same bytes with the same digest, and another digest at another block', async () => {
    const query = `query ($atBlock: Int) { liquidationMap(market: "BTC", atBlock: $atBlock) {
      cells { k side valueUsd count } provenance { digest asOfBlock note } } }`;
    const [first, second, earlier] = await Promise.all(
      [3651, null, 3000].map((atBlock) =>
        dataOf(ask<{ liquidationMap: { provenance: Provenance } }>(query, { atBlock })),
      ),
    );
    expect(second).toEqual(first);
    expect(first?.liquidationMap.provenance.note).toBe('synthetic traders');
    expect(earlier?.liquidationMap.provenance.digest).not.toBe(
      first?.liquidationMap.provenance.digest,
    );
  });

  it('bounds columns, points and instants', async () => {
    const columns = (n: number) =>
      `{ liquidationHeatmap(market: "SOL", columns: ${n}, layers: [REALIZED]) { columns { column } } }`;
    await dataOf(ask<object>(columns(500)));
    const history = (args: string) =>
      `{ positions(first: 1) { nodes { marginHistory(${args}) { totalPoints } } } }`;
    await dataOf(ask<object>(history('maxPoints: 5000, sampling: EVENTS')));
    await dataOf(ask<object>(history('maxPoints: 10, sampling: EVENTS')));
    for (const query of [
      columns(501),
      columns(0),
      history('maxPoints: 5001'),
      history('maxPoints: 9'),
      history('sampling: GRID, interval: 1'),
      '{ positions(first: 201) { nodes { id } } }',
    ]) {
      const { errors } = await ask<object>(query);
      expect(errors?.[0]?.extensions?.['code'], query).toBe('BAD_USER_INPUT');
    }
  });

  it('refuses unknown chains, markets and positions, with a reason', async () => {
    const faults: [string, string][] = [
      [`{ markets(chainId: 1) { id } }`, 'not in the store'],
      [`{ liquidationMap(market: "DOGE") { priceUsd } }`, 'no market of that name'],
      [`{ position(id: "nonsense") { id } }`, 'not an id'],
      [`{ positions(after: "nonsense") { nodes { id } } }`, 'not a cursor'],
      [`{ account(address: "0x12") { address } }`, 'not an address'],
      [
        `{ liquidationHeatmap(market: "ETH", from: "2023-08-19T00:00:00Z") { marketId } }`,
        'window',
      ],
      [`{ liquidationHeatmap(market: "ETH", from: "yesterday") { marketId } }`, 'not a time'],
      [`{ oracleLatency(feed: "DOGE") { fromTime } }`, 'no such feed'],
    ];
    for (const [query, reason] of faults) {
      const { errors } = await ask<object>(query);
      expect(errors?.[0]?.message, query).toContain(reason);
      expect(errors?.[0]?.extensions?.['code'], query).toBe('BAD_USER_INPUT');
    }
    expect(logger.lines).toEqual([]);
  });
});

interface Page {
  totalCount: number;
  nodes: { id: string }[];
  pageInfo: { endCursor: string; hasNextPage: boolean };
}

interface Point {
  blockNumber: number;
  timestamp: string;
  cause: string;
  marginRatio: number | null;
  isLiquidatable: boolean;
}

interface History {
  points: Point[];
  totalPoints: number;
  isDownsampled: boolean;
}

interface Margin {
  position: { marginHistory: History };
}

interface Judged {
  equityUsd: string;
  provenance: { basis: string };
}

/** Id of the liquidated position that lived longest. */
async function liquidatedPosition(ask: ReturnType<typeof askOf>): Promise<string> {
  const { positions } = await dataOf(
    ask<{ positions: Page }>(
      `{ positions(first: 1, where: { status: LIQUIDATED }, orderBy: OPENED_AT) { nodes { id } } }`,
    ),
  );
  return positions.nodes[0]?.id ?? '';
}
