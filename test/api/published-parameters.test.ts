import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApi } from '../../api/graphql-handler.ts';
import { askOf, dataOf, keepingLogger, type OpenStore, openCrashStore } from './crash-store.ts';

const NAME = 'minCollateralFactorForLiquidation';
const CAVEAT =
  "Some parameters come from the venue's published configuration of 2026-03-13, not from the chain.";

interface Answer {
  readonly provenance: { basis: string; caveats: string[]; digest: string; version: string };
}
interface Answers {
  readonly position: {
    readonly marginAt: Answer & { isLiquidatable: boolean };
    readonly whatIf: Answer;
    readonly marginHistory: Answer;
  };
  readonly liquidationMap: Answer & { liquidatable: { count: number } };
  readonly liquidationHeatmap: Answer;
  readonly realized: Answer;
}

const QUERY = `query ($id: ID!) {
  position(id: $id) {
    marginAt { isLiquidatable equityUsd liquidationPrice ...from }
    whatIf: marginAt(prices: [{ token: "WETH", minPriceUsd: "1600" }]) { equityUsd ...from }
    marginHistory { points { marginRatio } ...historyFrom }
  }
  liquidationMap(market: "ETH") { cells { k valueUsd } liquidatable { count } ...mapFrom }
  liquidationHeatmap(market: "ETH", columns: 4) { cells { row column valueUsd } ...heatFrom }
  realized: liquidationHeatmap(market: "ETH", columns: 4, layers: [REALIZED]) { ...heatFrom }
}
fragment from on MarginAt { provenance { ...all } }
fragment historyFrom on MarginHistory { provenance { ...all } }
fragment mapFrom on LiquidationMap { provenance { ...all } }
fragment heatFrom on LiquidationHeatmap { provenance { ...all } }
fragment all on Provenance { basis caveats digest version }`;

/** The crash archive's own values, relabelled: what a public chain has where no event was seen. */
describe('answers that read parameters the venue published', () => {
  let store: OpenStore;
  let chain: Answers;
  let readAnswers: () => Promise<Answers>;

  beforeAll(async () => {
    store = await openCrashStore();
    const ask = askOf(createApi({ database: store.database, logger: keepingLogger() }));
    const { positions } = await dataOf(
      ask<{ positions: { nodes: { id: string }[] } }>(
        `{ positions(first: 1, where: { status: OPEN, market: "ETH", side: LONG }, orderBy: SIZE_USD, direction: DESC) { nodes { id } } }`,
      ),
    );
    readAnswers = () => dataOf(ask<Answers>(QUERY, { id: positions.nodes[0]?.id }));
    chain = await readAnswers();
  }, 120_000);
  afterAll(() => store?.close());

  const change = (statement: string) =>
    store.database.command(
      `ALTER TABLE parameter_changes ${statement} SETTINGS mutations_sync = 2`,
      { name: NAME },
    );
  const judged = (answers: Answers): Answer[] => [
    answers.position.marginAt,
    answers.position.whatIf,
    answers.position.marginHistory,
    answers.liquidationMap,
    answers.liquidationHeatmap,
  ];

  it('are the same, byte for byte, where the chain has said the value', async () => {
    const own = await store.database.select<{ source: string }>(
      'SELECT DISTINCT toString(source) AS source FROM parameter_changes WHERE name = {name:String} ORDER BY source',
      { name: NAME },
    );
    expect(own.map(({ source }) => source)).toEqual(['EVENT', 'MANIFEST']);
    await change(
      `UPDATE source = 'SNAPSHOT', value = value * 50 WHERE source = 'MANIFEST' AND name = {name:String}`,
    );
    expect(await readAnswers()).toEqual(chain);
    expect(judged(chain).flatMap(({ provenance }) => provenance.caveats)).not.toContain(CAVEAT);
  });

  it('use it where the chain has not, and say so', async () => {
    await change(`DELETE WHERE source = 'EVENT' AND name = {name:String}`);
    const published = await readAnswers();
    for (const [index, { provenance }] of judged(published).entries()) {
      expect(provenance.basis).toBe('MODELED');
      expect(provenance.caveats.filter((caveat) => caveat === CAVEAT)).toHaveLength(1);
      expect(provenance.version).toMatch(/\+parameters-2026-03-13$/);
      expect(provenance.digest).not.toBe(judged(chain)[index]?.provenance.digest);
    }
    expect(chain.position.marginAt).toMatchObject({
      isLiquidatable: false,
      provenance: { basis: 'DERIVED', caveats: [] },
    });
    expect(published.position.marginAt.isLiquidatable).toBe(true);
    expect(published.liquidationMap.liquidatable.count).toBeGreaterThan(
      chain.liquidationMap.liquidatable.count,
    );
  });

  it('say nothing of it where no margin is judged', async () => {
    expect((await readAnswers()).realized).toEqual(chain.realized);
    expect(chain.realized.provenance.basis).toBe('DERIVED');
  });
});
