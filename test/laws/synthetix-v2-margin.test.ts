import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { chainlink } from '../../indexer/protocols/chainlink/index.ts';
import { synthetixV2 } from '../../indexer/protocols/synthetix-v2/index.ts';
import { feedKey, parameterKey } from '../../margin/inputs.ts';
import { assess, type SynthetixV2Assessment } from '../../margin/rules/synthetix-v2/assess.ts';
import type { SynthetixV2Market } from '../../margin/rules/synthetix-v2/market-state.ts';
import type { SynthetixV2Position } from '../../margin/rules/synthetix-v2/position-state.ts';
import { synthetixV2Rules } from '../../margin/rules/synthetix-v2/rules.ts';
import type { AssessmentInput } from '../../margin/venue-rules.ts';
import { readTruthFile, rowsByBlock } from '../margin/truth-rows.ts';
import { replayVenue } from '../margin/venue-replay.ts';

type Situation = AssessmentInput<SynthetixV2Position, SynthetixV2Market>;

const MARKET = `0x${'aa'.repeat(20)}`;
const FEED = `0x${'fe'.repeat(20)}`;
const UNIT = 10n ** 18n;
const NOW = 1_700_000_000;

const GLOBAL = [
  'minInitialMargin',
  'liquidationFeeRatio',
  'minKeeperFee',
  'maxKeeperFee',
  'keeperLiquidationFee',
] as const;
const OF_THE_MARKET = [
  'skewScale',
  'liquidationPremiumMultiplier',
  'liquidationBufferRatio',
  'maxLeverage',
  'maxFundingVelocity',
] as const;

const integers = (min: bigint, max: bigint) => fc.bigInt({ min, max });
/** A share of one, in thousandths of a percent and finer. */
const share = (percent: bigint) => integers(0n, (UNIT * percent) / 100n);

/** Which form the flagger's fee has at any price worth a thought. */
const feeBounds = {
  proportional: fc.constant([0n, 10n ** 40n] as const),
  min: integers(UNIT, 50n * UNIT).map((fee) => [fee, 10n ** 40n] as const),
  max: integers(0n, UNIT / 1000n).map((fee) => [0n, fee] as const),
  between: integers(UNIT, 20n * UNIT).map((fee) => [fee, 3n * fee] as const),
};

const situation: fc.Arbitrary<Situation> = fc
  .record({
    quantity: fc.oneof(integers(UNIT / 100n, 1000n * UNIT), integers(1n, 10n ** 6n)),
    isLong: fc.boolean(),
    /** Of the feed: 8 decimals. */
    price: integers(10n ** 8n, 10n ** 13n),
    move: integers(-20n, 20n),
    leverage: integers(1n, 60n),
    bounds: fc.oneof(...Object.values(feeBounds)),
    feeRatio: share(1n),
    buffer: share(3n),
    premium: integers(0n, 10n * UNIT),
    keeperFee: integers(0n, 5n * UNIT),
    skew: integers(-(10n ** 24n), 10n ** 24n),
    skewScale: integers(10n ** 22n, 10n ** 24n),
    velocity: integers(0n, 40n * UNIT),
    rate: integers(-UNIT / 20n, UNIT / 20n),
    entries: fc.tuple(integers(-UNIT, UNIT), integers(-UNIT, UNIT)),
    age: fc.integer({ min: 0, max: 7200 }),
    hasFunding: fc.boolean(),
  })
  .map((drawn) => {
    const { quantity, isLong, price, move, leverage, bounds } = drawn;
    const entryPrice = (price * 10n ** 10n * (100n + move)) / 100n;
    const values: Readonly<Record<string, bigint>> = {
      minInitialMargin: 50n * UNIT,
      liquidationFeeRatio: drawn.feeRatio,
      minKeeperFee: bounds[0],
      maxKeeperFee: bounds[1],
      keeperLiquidationFee: drawn.keeperFee,
      skewScale: drawn.skewScale,
      liquidationPremiumMultiplier: drawn.premium,
      liquidationBufferRatio: drawn.buffer,
      maxLeverage: 50n * UNIT,
      maxFundingVelocity: drawn.velocity,
    };
    const [entry, ownEntry] = drawn.entries;
    return {
      position: {
        positionKey: '0x01',
        account: '0x02',
        market: MARKET,
        size: isLong ? quantity : -quantity,
        margin: (quantity * entryPrice) / UNIT / leverage,
        lastPrice: entryPrice,
        fundingIndex: drawn.hasFunding ? 7n : 0n,
        fundingEntry: drawn.hasFunding ? ownEntry : null,
      },
      market: {
        market: MARKET,
        indexVenue: 'chainlink',
        indexToken: FEED,
        indexPriceDecimals: 8,
        skew: drawn.skew,
        funding: { index: 9n, entry, rate: drawn.rate, recomputedAt: NOW - drawn.age },
      },
      parameters: new Map([
        ...GLOBAL.map((name) => [parameterKey('', name), values[name]!] as const),
        ...OF_THE_MARKET.map((name) => [parameterKey(MARKET, name), values[name]!] as const),
      ]),
      prices: priced(price),
      timestamp: NOW,
    };
  });

function priced(price: bigint, feed = FEED): Situation['prices'] {
  return new Map([[feedKey('chainlink', feed), { min: price, max: price }]]);
}

function judge(drawn: Situation, price?: bigint): SynthetixV2Assessment {
  return assess(price === undefined ? drawn : { ...drawn, prices: priced(price) });
}

function withMargin(drawn: Situation, margin: bigint): Situation {
  return { ...drawn, position: { ...drawn.position, margin } };
}

/**
 * Whether low prices liquidate: as a rule those of a long. A premium beyond the size itself, with
 * funding that outweighs the entry price, turns a side round.
 */
const isLiquidatedBelow = (drawn: Situation) => judge(drawn, 1n).isLiquidatable;

const saferThan = (drawn: Situation, price: bigint) =>
  isLiquidatedBelow(drawn) ? price + 1n : price - 1n;

function feeAt({ parameters }: Situation, { liquidationFee }: SynthetixV2Assessment) {
  const bound = (name: string) => parameters.get(parameterKey('', name));
  if (liquidationFee === bound('minKeeperFee')) return 'min';
  return liquidationFee === bound('maxKeeperFee') ? 'max' : 'proportional';
}

describe('the liquidation price of Synthetix Perps V2', () => {
  it('is liquidatable, one unit of the feed to the safe side is not, in each form of the fee', () => {
    const seen = new Map<string, number>();
    fc.assert(
      fc.property(situation, (drawn) => {
        const flip = judge(drawn).liquidationPrice;
        if (flip === null) return;
        const at = judge(drawn, flip);
        expect(at.isLiquidatable).toBe(true);
        expect(judge(drawn, saferThan(drawn, flip)).isLiquidatable).toBe(false);
        const side = drawn.position.size > 0n ? 'long' : 'short';
        const branch = `${side} ${feeAt(drawn, at)}`;
        seen.set(branch, (seen.get(branch) ?? 0) + 1);
      }),
      { numRuns: 3000 },
    );
    expect([...seen.keys()].sort()).toEqual([
      'long max',
      'long min',
      'long proportional',
      'short max',
      'short min',
      'short proportional',
    ]);
    expect(Math.min(...seen.values())).toBeGreaterThan(10);
  });

  it('parts every price on its side', () => {
    fc.assert(
      fc.property(situation, integers(1n, 10n ** 14n), (drawn, price) => {
        const flip = judge(drawn).liquidationPrice;
        if (flip === null) return;
        const isBeyond = isLiquidatedBelow(drawn) ? price <= flip : price >= flip;
        expect(judge(drawn, price).isLiquidatable).toBe(isBeyond);
      }),
      { numRuns: 2000 },
    );
  });

  it('is null only where the lowest and the highest price judge alike', () => {
    fc.assert(
      fc.property(situation, (drawn) => {
        const { liquidationPrice, indexPrice } = judge(drawn);
        if (liquidationPrice !== null) return;
        const atHighest = judge(drawn, indexPrice.min * 1_000_000n).isLiquidatable;
        expect(judge(drawn, 1n).isLiquidatable).toBe(atHighest);
      }),
      { numRuns: 2000 },
    );
  });

  it('moves to the safe side, or stays, when margin is added', () => {
    fc.assert(
      fc.property(situation, integers(1n, 10n ** 24n), (drawn, added) => {
        const before = judge(drawn).liquidationPrice;
        const after = judge(withMargin(drawn, drawn.position.margin + added)).liquidationPrice;
        if (before === null || after === null) return;
        const isLong = drawn.position.size > 0n;
        expect(isLong ? after <= before : after >= before).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('an assessment of Synthetix Perps V2', () => {
  it('adds up, and is liquidatable exactly where equity is not above the requirement', () => {
    fc.assert(
      fc.property(situation, (drawn) => {
        const it = judge(drawn);
        expect(it.equityUsd).toBe(
          it.collateralUsd + it.unrealizedPnlUsd + it.priceImpactUsd - it.totalCostUsd,
        );
        expect(it.isLiquidatable).toBe(it.equityUsd <= it.maintenanceMarginUsd);
        expect(it.remainingMargin >= it.accessibleMargin).toBe(true);
        expect(it.totalCostUsd).toBe(-it.accruedFunding * 10n ** 12n);
      }),
      { numRuns: 2000 },
    );
  });

  it('is liquidatable where equity equals the requirement, and not with one wei more', () => {
    fc.assert(
      fc.property(situation, (drawn) => {
        const it = judge(drawn);
        const missing = (it.maintenanceMarginUsd - it.equityUsd) / 10n ** 12n;
        const enough = drawn.position.margin + missing;
        const even = judge(withMargin(drawn, enough));
        expect(even.equityUsd).toBe(even.maintenanceMarginUsd);
        expect(even.isLiquidatable).toBe(true);
        expect(judge(withMargin(drawn, enough + 1n)).isLiquidatable).toBe(false);
        expect(judge(withMargin(drawn, enough - 1n)).isLiquidatable).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  it('names what is not known', () => {
    const names = [...GLOBAL, ...OF_THE_MARKET];
    fc.assert(
      fc.property(situation, fc.constantFrom(...names), (drawn, name) => {
        const parameters = new Map(drawn.parameters);
        parameters.delete(parameterKey('', name));
        parameters.delete(parameterKey(MARKET, name));
        expect(() => assess({ ...drawn, parameters })).toThrow(
          expect.objectContaining({ facts: expect.objectContaining({ parameter: name }) }),
        );
        expect(() => assess({ ...drawn, prices: new Map() })).toThrow('A price is not known');
        const unseen = (part: Partial<SynthetixV2Market>) => () =>
          assess({ ...drawn, market: { ...drawn.market, ...part } });
        expect(unseen({ skew: null })).toThrow('The skew of a market is not known');
        expect(unseen({ funding: null })).toThrow('The funding of a market is not known');
      }),
      { numRuns: 100 },
    );
  });
});

describe('the liquidation prices of the archive', () => {
  const counts = { open: 0, priced: 0, notFlips: 0, againstContract: 0 };

  beforeAll(async () => {
    const rowsAt = rowsByBlock(readTruthFile('test/fixtures/synthetix-v2-truth/truth.jsonl.gz'));
    await replayVenue({
      archive: 'archives/synthetix-v2-crash-2023-08-17',
      adapters: [synthetixV2, chainlink],
      rules: synthetixV2Rules,
      blocks: new Set(rowsAt.keys()),
      onBlock: (block, world) => {
        for (const row of rowsAt.get(block) ?? []) {
          if (row.integer('size') === 0n) continue;
          const market = world.markets.get(row.text('market'))!;
          const position = world.positions.get(`${market.market}${row.text('account').slice(2)}`)!;
          const { parameters, prices } = world;
          const timestamp = row.number('blockTimestamp');
          const drawn = { position, market, parameters, prices, timestamp };
          const at = (price: bigint) =>
            assess({ ...drawn, prices: priced(price, market.indexToken!) }).isLiquidatable;
          const flip = assess(drawn).liquidationPrice;
          counts.open += 1;
          if (flip === null) continue;
          counts.priced += 1;
          const saferPrice = position.size > 0n ? flip + 1n : flip - 1n;
          if (!at(flip) || at(saferPrice)) counts.notFlips += 1;
          const price = row.integer('assetPrice');
          const isBeyond = position.size > 0n === price <= flip * 10n ** 10n;
          const isAtIt = price === flip * 10n ** 10n;
          if ((isBeyond || isAtIt) !== row.flag('canLiquidate')) counts.againstContract += 1;
        }
      },
    });
  });

  it('are flips on every row, on the side of the price that the contract says', () => {
    process.stdout.write(`Synthetix liquidation prices ${JSON.stringify(counts)}\n`);
    expect(counts.open).toBe(10_465);
    expect(counts.notFlips).toBe(0);
    expect(counts.againstContract).toBe(0);
    expect(counts.priced).toBe(10_362); // 103 longs outlast a price of 0
  });
});
