import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApi } from '../../api/graphql-handler.ts';
import { askOf, dataOf, keepingLogger, type OpenStore, openCrashStore } from './crash-store.ts';

describe('positions, liquidations and markets, each as a row of an answer', () => {
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

  const liquidatedPosition = async () => {
    const { positions } = await dataOf(
      ask<{ positions: { nodes: [{ id: string; openedBlock: number; updatedBlock: number }] } }>(
        '{ positions(first: 1, where: { status: LIQUIDATED }) { nodes { id openedBlock updatedBlock } } }',
      ),
    );
    return positions.nodes[0];
  };

  it('judges a page of positions, with null for those that are not open', async () => {
    const { positions } = await dataOf(
      ask<{ positions: { nodes: { status: string; marginAt: object | null }[] } }>(
        `{ positions(first: 30) { nodes { id status marginAt { marginRatio } } } }`,
      ),
    );
    expect(new Set(positions.nodes.map((node) => node.status)).size).toBeGreaterThan(1);
    for (const { status, marginAt } of positions.nodes) {
      expect(marginAt !== null).toBe(status === 'OPEN');
    }
  });

  it('judges a position from its opening to just before its close', async () => {
    const { id, openedBlock, updatedBlock } = await liquidatedPosition();
    const judged = await dataOf(
      ask<{ position: Record<string, { blockNumber: number } | null> }>(
        `query ($id: ID!, $before: Int, $opened: Int, $last: Int, $closed: Int) { position(id: $id) {
          before: marginAt(block: $before) { blockNumber } opened: marginAt(block: $opened) { blockNumber }
          last: marginAt(block: $last) { blockNumber } closed: marginAt(block: $closed) { blockNumber } } }`,
        {
          id,
          before: openedBlock - 1,
          opened: openedBlock,
          last: updatedBlock - 1,
          closed: updatedBlock,
        },
      ),
    );
    expect(judged.position).toEqual({
      before: null,
      opened: { blockNumber: openedBlock },
      last: { blockNumber: updatedBlock - 1 },
      closed: null,
    });
  });

  it('leaves the rest of a page standing when one field is asked wrongly', async () => {
    for (const field of [
      'marginAt(block: 3652) { marginRatio }',
      'marginAt(prices: [{ token: "DOGE", minPriceUsd: "1" }]) { marginRatio }',
      'marginHistory(maxPoints: 3) { totalPoints }',
      'marginHistory(atBlock: 3652) { totalPoints }',
    ]) {
      const { data, errors } = await ask<{ positions: { nodes: object[] } }>(
        `{ positions(first: 2, where: { status: OPEN }) { nodes { status asked: ${field} } } }`,
      );
      const node = { status: 'OPEN', asked: null };
      expect(data?.positions.nodes, field).toEqual([node, node]);
      expect(errors, field).toHaveLength(2);
      expect(errors?.[0]?.extensions?.['code'], field).toBe('BAD_USER_INPUT');
    }
  });

  it('refuses to look past the block that the position is as of', async () => {
    const { id, openedBlock, updatedBlock } = await liquidatedPosition();
    const atBlock = updatedBlock - 1;
    const query = `query ($id: ID!, $atBlock: Int!, $block: Int!) { position(id: $id, atBlock: $atBlock) {
      status marginAt(block: $block) { blockNumber } marginHistory(atBlock: $block, sampling: EVENTS) { provenance { asOfBlock } } } }`;
    for (const block of [openedBlock, atBlock]) {
      const { position } = await dataOf(ask<{ position: object }>(query, { id, atBlock, block }));
      expect(position).toEqual({
        status: 'OPEN',
        marginAt: { blockNumber: block },
        marginHistory: { provenance: { asOfBlock: block } },
      });
    }
    const { data, errors } = await ask<object>(query, { id, atBlock, block: updatedBlock });
    expect(data).toEqual({ position: { status: 'OPEN', marginAt: null, marginHistory: null } });
    expect(errors).toHaveLength(2);
    for (const error of errors ?? []) {
      expect(error.message).toContain('above the one its position is as of');
      expect(error.extensions).toEqual({
        code: 'BAD_USER_INPUT',
        facts: { id, block: updatedBlock, asOfBlock: atBlock },
      });
    }
  });

  it('says of each position, liquidation and market where it comes from', async () => {
    const query = `query ($atBlock: Int) {
      positions(first: 3, atBlock: $atBlock) { provenance { ...place } nodes { id ...from } }
      markets(atBlock: $atBlock) { id provenance { ...all } }
      market(id: "ETH", atBlock: $atBlock) { id provenance { ...all } }
      liquidations(first: 3, atBlock: $atBlock) { provenance { ...place } nodes {
        id provenance { ...all } position { id ...from market { id provenance { ...all } } } } } }
    fragment from on Position { provenance { ...all } }
    fragment place on Provenance { chain chainId fromBlock asOfBlock asOfTime finality isSynthetic note }
    fragment all on Provenance { ...place basis method version caveats digest }`;
    const [early, again, late] = await Promise.all(
      [3000, 3000, null].map((atBlock) => dataOf(ask<Traced>(query, { atBlock }))),
    );
    expect(again).toEqual(early);
    for (const [answer, asOfBlock] of [
      [early, 3000],
      [late, 3651],
    ] as const) {
      const rows = rowsOf(answer);
      expect(rows).toHaveLength(3 + (answer?.markets.length ?? 0) + 1 + 3 * 3);
      for (const { provenance } of rows) {
        expect(provenance).toMatchObject({
          ...answer?.positions.provenance,
          asOfBlock,
          basis: expect.stringMatching(/^(OBSERVED|DERIVED)$/),
          note: 'synthetic traders',
          version: '1',
          caveats: [],
          digest: expect.stringMatching(/^[0-9a-f]{64}$/),
        });
      }
      const pairs = new Set(rows.map(({ id, provenance }) => `${id} ${provenance.digest}`));
      expect(pairs.size).toBe(new Set(rows.map(({ id }) => id)).size);
      expect(new Set(rows.map(({ provenance }) => provenance.digest)).size).toBe(pairs.size);
    }
    // Sizes are logged; sums over positions are ours.
    expect(early?.market.provenance.basis).toBe('DERIVED');
    expect(early?.positions.nodes[0]?.provenance.basis).toBe('OBSERVED');
    expect(early?.market.id).toBe(late?.market.id);
    expect(early?.market.provenance.digest).not.toBe(late?.market.provenance.digest);
    const [node] = early?.positions.nodes ?? [];
    const { position } = await dataOf(
      ask<{ position: Row }>(
        `query ($id: ID!) { position(id: $id, atBlock: 3000) { id provenance { digest } } }`,
        { id: node?.id },
      ),
    );
    expect(node).toMatchObject(position);
  });

  it('has logged nothing: wrong use is no fault of ours', () => {
    expect(logger.lines).toEqual([]);
  });
});

interface Provenance {
  digest: string;
  basis?: string;
}

interface Row {
  id: string;
  provenance: Provenance;
}

interface Traced {
  positions: { provenance: Provenance; nodes: Row[] };
  markets: Row[];
  market: Row;
  liquidations: { nodes: (Row & { position: Row & { market: Row } })[] };
}

/** Every row of an answer, nested ones too. */
function rowsOf(answer: Traced | undefined): Row[] {
  if (!answer) return [];
  const nested = answer.liquidations.nodes.flatMap((node) => [
    node,
    node.position,
    node.position.market,
  ]);
  return [...answer.positions.nodes, ...answer.markets, answer.market, ...nested];
}
