import { beforeAll, describe, expect, it } from 'vitest';
import { accrueFor } from '../../margin/rules/gmx-v2/accrual.ts';
import { assess, type GmxV2Assessment } from '../../margin/rules/gmx-v2/assess.ts';
import { borrowingFactorPerSecond } from '../../margin/rules/gmx-v2/borrowing.ts';
import { claimableFunding, closeFees } from '../../margin/rules/gmx-v2/fees.ts';
import { accrueFunding } from '../../margin/rules/gmx-v2/funding.ts';
import { requirementOf, testLiquidation } from '../../margin/rules/gmx-v2/liquidation.ts';
import { pricesAt } from '../../margin/rules/gmx-v2/liquidation-price.ts';
import { sideOf, tokensOfMarket } from '../../margin/rules/gmx-v2/market-state.ts';
import { closeOutcome } from '../../margin/rules/gmx-v2/price-impact.ts';
import { marketPrices } from '../../margin/rules/gmx-v2/venue-inputs.ts';
import { CRASH_ARCHIVE, TRUTH_ARCHIVE } from '../fixtures/gmx-v2/archives.ts';
import { readTimeline, type Timeline } from './gmx-v2-timeline.ts';
import { type OpenInterestCell, probeOf, readTruth } from './gmx-v2-truth-rows.ts';
import { Tally, type TruthRow } from './truth-rows.ts';

/**
 * The contracts' own answers against ours, from events alone, to the last unit and with no
 * tolerance. Each check is counted on every row; the counts are printed.
 */
const SETS = [
  { name: 'truth', archive: TRUTH_ARCHIVE, rows: 6218, probes: 706, refused: 0, markets: 375 },
  { name: 'crash', archive: CRASH_ARCHIVE, rows: 11_153, probes: 583, refused: 5, markets: 660 },
] as const;

/** A row's own state, prices and parameters, and what they come to. */
function situationOf(timeline: Timeline, row: TruthRow) {
  const block = row.number('blockNumber');
  const position = timeline.positions.of(row.text('positionKey')).at(block)!;
  const market = timeline.markets.of(position.market).at(block)!;
  const prices = timeline.pricesAt(row.text('priceSource') === 'next-block' ? block + 1 : block);
  const parameters = timeline.parametersAt(block);
  const timestamp = row.number('blockTimestamp');
  const tokens = tokensOfMarket(market);
  const priced = marketPrices(prices, tokens);
  return {
    where: `block ${block} ${row.text('phase')} ${position.positionKey}`,
    position: { ...position, pendingImpactAmount: position.pendingImpactAmount! },
    market,
    tokens,
    parameters,
    prices,
    priced,
    timestamp,
    accumulators: accrueFor(position, market, tokens, parameters, priced, timestamp),
    assessment: assess({ position, market, parameters, prices, timestamp }),
  };
}
type Situation = ReturnType<typeof situationOf>;

const STORED_AMOUNTS = [
  'sizeInUsd',
  'sizeInTokens',
  'collateralAmount',
  'pendingImpactAmount',
  'borrowingFactor',
  'fundingFeeAmountPerSize',
  'longTokenClaimableFundingAmountPerSize',
  'shortTokenClaimableFundingAmountPerSize',
] as const;
const STORED_TIMES = ['increasedAtTime', 'decreasedAtTime'] as const;

function compareStored(tally: Tally, row: TruthRow, { position, where }: Situation): void {
  for (const column of STORED_AMOUNTS) {
    tally.same(column, position[column], row.integer(column), where);
  }
  for (const column of STORED_TIMES) {
    tally.same(column, position[column], row.number(column), where);
  }
}

const ASSESSED: readonly (readonly [string, keyof GmxV2Assessment])[] = [
  ['basePnlUsd', 'unrealizedPnlUsd'],
  ['uncappedBasePnlUsd', 'uncappedPnlUsd'],
  ['borrowingFeeUsd', 'borrowFeeUsd'],
  ['borrowingFeeAmount', 'borrowFeeRaw'],
  ['fundingFeeAmount', 'fundingFeeRaw'],
  ['positionFeeAmount', 'positionFeeRaw'],
  ['totalCostAmount', 'totalCostRaw'],
  ['minCollateralUsd', 'minCollateralUsd'],
  ['minCollateralUsdForLeverage', 'minCollateralUsdForLeverage'],
];

function compareAssessed(tally: Tally, row: TruthRow, situation: Situation): void {
  const { assessment, accumulators, position, where } = situation;
  for (const [column, field] of ASSESSED) {
    tally.same(column, assessment[field] as bigint, row.integer(column), where);
  }
  if (assessment.unrealizedPnlUsd !== assessment.uncappedPnlUsd) tally.count('(pnl is capped)');
  tally.same(
    'latestFundingFeeAmountPerSize',
    accumulators.fundingFeePerSize,
    row.integer('latestFundingFeeAmountPerSize'),
    where,
  );
  const claimable = claimableFunding(position, accumulators);
  const claimedLong = row.integer('claimableLongTokenAmount');
  const claimedShort = row.integer('claimableShortTokenAmount');
  tally.same('claimableLongTokenAmount', claimable.longTokenRaw, claimedLong, where);
  tally.same('claimableShortTokenAmount', claimable.shortTokenRaw, claimedShort, where);
}

function compareClose(tally: Tally, row: TruthRow, situation: Situation): void {
  const { position, market, tokens, parameters, priced, accumulators, where } = situation;
  const close = closeOutcome(position, market, tokens, parameters, priced);
  const price = situation.assessment.collateralPrice.min;
  const fees = closeFees(position, accumulators, close.balanceWasImproved, parameters, price);
  const pairs: readonly (readonly [string, bigint])[] = [
    ['closePriceImpactUsd', close.closePriceImpactUsd],
    ['closeProportionalPendingImpactUsd', close.proportionalPendingImpactUsd],
    ['closeTotalImpactUsd', close.totalImpactUsd],
    ['closePriceImpactDiffUsd', close.priceImpactDiffUsd],
    ['closeExecutionPrice', close.executionPrice],
    ['positionFeeFactor', fees.positionFeeFactor],
  ];
  for (const [column, ours] of pairs) tally.same(column, ours, row.integer(column), where);
  const improved = row.flag('closeBalanceWasImproved');
  tally.same('closeBalanceWasImproved', close.balanceWasImproved, improved, where);
}

/** The view is asked on accumulators as last stored: given those, our test must say the same. */
function compareStaleView(tally: Tally, row: TruthRow, situation: Situation): void {
  const { position, market, where } = situation;
  const side = sideOf(position.isLong);
  const stored = {
    borrowingFactor: market.borrowingFactor[side],
    fundingFeePerSize: market.fundingPerSize[side][position.collateralToken] ?? 0n,
    claimableLongPerSize: 0n,
    claimableShortPerSize: 0n,
  };
  const requirement = requirementOf(position, situation.parameters);
  const inputs = { ...situation, accumulators: stored, requirement };
  const view = testLiquidation(inputs, situation.priced);
  const remaining = row.integer('remainingCollateralUsd');
  tally.same('view remainingCollateralUsd', view.remainingCollateralUsd, remaining, where);
  tally.same('view isLiquidatable', view.isLiquidatable, row.flag('isLiquidatable'), where);
  tally.same('view liquidationReason', view.reason, row.text('liquidationReason'), where);
  if (situation.assessment.isLiquidatable !== view.isLiquidatable) {
    tally.count('(the stale view misses a liquidation)');
  }
}

function compareProbe(tally: Tally, row: TruthRow, { assessment, where }: Situation): void {
  const probe = probeOf(row);
  if (probe === null) return;
  tally.count('(probed)');
  if (probe.kind === 'refused') {
    tally.count(`(probe refused: ${probe.error})`);
    return;
  }
  tally.same('probe liquidates', assessment.isLiquidatable, probe.kind === 'liquidates', where);
  if (probe.kind !== 'numbers') return;
  tally.same('probe remaining', assessment.equityUsd, probe.remaining, where);
  tally.same('probe minCollateralUsd', assessment.minCollateralUsd, probe.min, where);
  const minForLeverage = assessment.minCollateralUsdForLeverage;
  tally.same('probe minForLeverage', minForLeverage, probe.minForLeverage, where);
}

/** Not the contract's word but its test, re-run at the solved price on the same accrued state. */
function compareFlip(tally: Tally, situation: Situation): void {
  const { assessment, position, parameters, priced, where } = situation;
  const flip = assessment.liquidationPrice;
  if (flip === null) {
    tally.count('(no price liquidates)');
    return;
  }
  const inputs = { ...situation, requirement: requirementOf(position, parameters) };
  const liquidatableAt = (price: bigint) =>
    testLiquidation(inputs, pricesAt(price, inputs, priced)).isLiquidatable;
  const oneUnitSafer = flip + (position.isLong ? 1n : -1n);
  tally.same('liquidatable at the price', liquidatableAt(flip), true, where);
  tally.same('safe one unit from it', liquidatableAt(oneUnitSafer), false, where);
}

function compareMarket(tally: Tally, row: TruthRow, timeline: Timeline): void {
  const block = row.number('blockNumber');
  const market = timeline.markets.of(row.text('market').toLowerCase()).at(block)!;
  const where = `block ${block} ${row.text('phase')} market ${market.market}`;
  const tokens = tokensOfMarket(market);
  const parameters = timeline.parametersAt(block);
  const priced = marketPrices(
    timeline.pricesAt(row.text('phase') === 'pre-liquidation' ? block + 1 : block),
    tokens,
  );
  const timestamp = row.number('blockTimestamp');
  const { rate } = accrueFunding(market, tokens, parameters, priced, timestamp);
  const borrow = (side: 'long' | 'short') =>
    borrowingFactorPerSecond(market, side, tokens, parameters, priced);
  const pairs: readonly (readonly [string, bigint])[] = [
    ['borrowingFactorPerSecondForLongs', borrow('long')],
    ['borrowingFactorPerSecondForShorts', borrow('short')],
    ['fundingFactorPerSecond', rate.factorPerSecond],
    ['nextSavedFundingFactorPerSecond', rate.saved],
    ['poolAmountLong', market.poolAmount[tokens.long] ?? 0n],
    ['poolAmountShort', market.poolAmount[tokens.short] ?? 0n],
    ['positionImpactPoolAmount', market.impactPool],
    ['cumulativeBorrowingFactorLong', market.borrowingFactor.long],
    ['cumulativeBorrowingFactorShort', market.borrowingFactor.short],
  ];
  for (const [column, ours] of pairs) tally.same(column, ours, row.integer(column), where);
  tally.same('longsPayShorts', rate.longsPayShorts, row.flag('longsPayShorts'), where);
  const cells = Object.entries(row.cell('openInterest') as Record<string, OpenInterestCell>);
  for (const [key, cell] of cells) {
    const side = key.startsWith('long') ? 'long' : 'short';
    const token = key.endsWith(':USDC') ? tokens.short : tokens.long;
    const at = `${where} ${key}`;
    tally.same('usd', market.openInterestUsd[side][token] ?? 0n, BigInt(cell.usd), at);
    tally.same('tokens', market.openInterestBase[side][token] ?? 0n, BigInt(cell.tokens), at);
    const sum = BigInt(cell.collateralSum);
    tally.same('collateralSum', market.collateralSum[side][token] ?? 0n, sum, at);
  }
}

/** Every named check ran `rows` times and never differed; the report goes to the console. */
function expectExact(tally: Tally, title: string): void {
  process.stdout.write(`${title}\n${tally.report}\n`);
  expect(tally.differences).toEqual([]);
}

describe.each(SETS)('the GMX V2 contracts, asked about the $name archive', (set) => {
  let timeline: Timeline;
  let situations: readonly (readonly [TruthRow, Situation])[];
  beforeAll(async () => {
    timeline = await readTimeline(set.archive);
    const rows = readTruth(`${set.name}-positions`);
    situations = rows.map((row) => [row, situationOf(timeline, row)] as const);
  }, 120_000);

  it('hold every position as the fold does', () => {
    const tally = new Tally();
    for (const [row, situation] of situations) compareStored(tally, row, situation);
    expectExact(tally, `${set.name}: stored position, rows equal`);
    expect(tally.counts.get('pendingImpactAmount')).toBe(set.rows);
  });

  it('compute the same pnl, fees and thresholds to the last unit', () => {
    const tally = new Tally();
    for (const [row, situation] of situations) compareAssessed(tally, row, situation);
    expectExact(tally, `${set.name}: pnl and fees, rows equal`);
    expect(tally.counts.get('totalCostAmount')).toBe(set.rows);
  });

  it('compute the same price impact of a full close', () => {
    const tally = new Tally();
    for (const [row, situation] of situations) compareClose(tally, row, situation);
    expectExact(tally, `${set.name}: closing, rows equal`);
    expect(tally.counts.get('closeTotalImpactUsd')).toBe(set.rows);
  });

  it('give the same remaining collateral in the view that does not accrue', () => {
    const tally = new Tally();
    for (const [row, situation] of situations) compareStaleView(tally, row, situation);
    expectExact(tally, `${set.name}: view without accrual, rows equal`);
    expect(tally.counts.get('view remainingCollateralUsd')).toBe(set.rows);
  });

  it('refuse or allow a liquidation on the same numbers, accrued to the second', () => {
    const tally = new Tally();
    for (const [row, situation] of situations) compareProbe(tally, row, situation);
    expectExact(tally, `${set.name}: liquidation tried on the contract`);
    expect(tally.counts.get('(probed)')).toBe(set.probes);
    expect(tally.counts.get('probe liquidates')).toBe(set.probes - set.refused);
  });

  it('would flip exactly at the liquidation price we solve', () => {
    const tally = new Tally();
    for (const [, situation] of situations) compareFlip(tally, situation);
    expectExact(tally, `${set.name}: liquidation price put back`);
    expect(tally.counts.get('liquidatable at the price')).toBeGreaterThan(set.rows * 0.99);
  });

  it('hold pools, interest and rates of every market as the fold does', () => {
    const tally = new Tally();
    const rows = readTruth(`${set.name}-markets`);
    for (const row of rows) compareMarket(tally, row, timeline);
    expectExact(tally, `${set.name}: markets, rows equal`);
    expect(tally.counts.get('nextSavedFundingFactorPerSecond')).toBe(set.markets);
  });
});
