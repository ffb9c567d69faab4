import { beforeAll, describe, expect, it } from 'vitest';
import { chainlink } from '../../indexer/protocols/chainlink/index.ts';
import { synthetixV2 } from '../../indexer/protocols/synthetix-v2/index.ts';
import { assess, type SynthetixV2Assessment } from '../../margin/rules/synthetix-v2/assess.ts';
import { fundingAt, unrecordedFunding } from '../../margin/rules/synthetix-v2/funding.ts';
import type { SynthetixV2Market } from '../../margin/rules/synthetix-v2/market-state.ts';
import type { SynthetixV2Position } from '../../margin/rules/synthetix-v2/position-state.ts';
import { synthetixV2Rules } from '../../margin/rules/synthetix-v2/rules.ts';
import { indexPriceOf } from '../../margin/rules/synthetix-v2/venue-inputs.ts';
import type { DomainEvent } from '../../schema/events/domain-event.ts';
import type { FeeEvent, OrderEvent, PositionEvent } from '../../schema/events/position.ts';
import { readTruthFile, rowsByBlock, Tally, type TruthRow } from './truth-rows.ts';
import { replayVenue, type World } from './venue-replay.ts';

const ARCHIVE = 'archives/synthetix-v2-crash-2023-08-17';
const TRUTH = 'test/fixtures/synthetix-v2-truth';

type SynthetixWorld = World<SynthetixV2Position, SynthetixV2Market>;

/** A liquidation, judged as the transaction found it, at the price that its log names. */
interface Liquidation {
  readonly event: PositionEvent;
  readonly before: SynthetixV2Position;
  readonly assessment: SynthetixV2Assessment;
  readonly fees: readonly FeeEvent[];
}

const keyOf = (row: TruthRow) => `${row.text('market')}${row.text('account').slice(2)}`;

/** Column of the contract's answer → ours. */
const ANSWERS: readonly (readonly [string, keyof SynthetixV2Assessment])[] = [
  ['accruedFunding', 'accruedFunding'],
  ['remainingMargin', 'remainingMargin'],
  ['accessibleMargin', 'accessibleMargin'],
  ['liquidationMargin', 'liquidationMargin'],
  ['liquidationPrice', 'approxLiquidationPrice'],
];

function comparePosition(tally: Tally, row: TruthRow, world: SynthetixWorld): void {
  const where = `block ${row.text('blockNumber')} ${keyOf(row)}`;
  const position = world.positions.get(keyOf(row));
  const same = (name: string, ours: bigint | boolean) =>
    tally.same(name, ours, typeof ours === 'boolean' ? row.flag(name) : row.integer(name), where);
  if (row.integer('size') === 0n) {
    tally.same('no position', position?.size ?? 0n, 0n, where);
    return;
  }
  const market = world.markets.get(row.text('market'));
  if (!position || !market) {
    tally.same('known', false, true, where);
    return;
  }
  same('size', position.size);
  same('margin', position.margin);
  same('lastPrice', position.lastPrice);
  same('lastFundingIndex', position.fundingIndex);
  const assessment = assess({
    position,
    market,
    parameters: world.parameters,
    prices: world.prices,
    timestamp: row.number('blockTimestamp'),
  });
  for (const [column, field] of ANSWERS) same(column, assessment[field] as bigint);
  same('canLiquidate', assessment.isLiquidatable);
  // The view of that name answers 0 until the position can be flagged.
  same('liquidationFee', assessment.isLiquidatable ? assessment.liquidationFee : 0n);
  const { range, unit } = indexPriceOf(market, world.prices);
  same('assetPrice', range.min * unit);
  same('notionalValue', (position.size * range.min * unit) / 10n ** 18n);
  tally.same(
    'profitLoss',
    assessment.unrealizedPnlUsd,
    row.integer('profitLoss') * 10n ** 12n,
    where,
  );
  const { equityUsd, collateralUsd, unrealizedPnlUsd, priceImpactUsd, totalCostUsd } = assessment;
  tally.same(
    '(identity)',
    equityUsd,
    collateralUsd + unrealizedPnlUsd + priceImpactUsd - totalCostUsd,
    where,
  );
}

function compareMarket(tally: Tally, row: TruthRow, world: SynthetixWorld): void {
  const market = world.markets.get(row.text('market'));
  const where = `block ${row.text('blockNumber')}`;
  if (!market) {
    tally.same('market known', false, true, where);
    return;
  }
  const funding = fundingAt(market, world.parameters, row.number('blockTimestamp'));
  const { range, unit } = indexPriceOf(market, world.prices);
  const same = (name: string, ours: bigint) => tally.same(name, ours, row.integer(name), where);
  same('fundingSequenceLatest', funding.entry);
  same('currentFundingRate', funding.rate);
  same('currentFundingVelocity', funding.velocity);
  same('unrecordedFunding', unrecordedFunding(funding, range.min * unit));
  same('marketSkew', market.skew ?? 0n);
  const open = [...world.positions.values()].filter(
    (one) => one.market === market.market && one.size !== 0n,
  );
  const sum = (isLong: boolean) =>
    open.reduce((all, { size }) => (size > 0n === isLong ? all + size : all), 0n);
  tally.same('longSize', sum(true), row.integer('longSize'), where);
  tally.same('shortSize', -sum(false), row.integer('shortSize'), where);
}

function judgeLiquidation(
  event: PositionEvent,
  before: SynthetixV2Position,
  world: SynthetixWorld,
  transaction: readonly DomainEvent[],
): Liquidation {
  const market = world.markets.get(event.market)!;
  return {
    event,
    before,
    // Funding was recomputed, and the skew moved, by the same transaction.
    assessment: assess({
      position: before,
      market,
      parameters: world.parameters,
      prices: world.prices,
      timestamp: event.blockTimestamp,
    }),
    fees: transaction.filter((one) => one.kind === 'fee'),
  };
}

/** Whether the rules let a position be flagged at the moment it was. */
function judgeFlag(event: OrderEvent, world: SynthetixWorld): boolean {
  const { isLiquidatable } = assess({
    position: world.positions.get(event.orderKey)!,
    market: world.markets.get(event.market)!,
    parameters: world.parameters,
    prices: world.prices,
    timestamp: event.blockTimestamp,
  });
  return isLiquidatable;
}

describe('Synthetix Perps V2 rules against the contracts', () => {
  const positions = new Tally();
  const markets = new Tally();
  const liquidations: Liquidation[] = [];
  const flags: boolean[] = [];
  const rows = readTruthFile(`${TRUTH}/truth.jsonl.gz`);
  const marketRows = readTruthFile(`${TRUTH}/market_truth.jsonl.gz`);

  beforeAll(async () => {
    const rowsAt = rowsByBlock(rows);
    const marketRowsAt = rowsByBlock(marketRows);
    await replayVenue({
      archive: ARCHIVE,
      adapters: [synthetixV2, chainlink],
      rules: synthetixV2Rules,
      blocks: new Set(rowsAt.keys()),
      onPosition: (event, before, world, transaction) => {
        if (event.type !== 'PositionLiquidated') return;
        liquidations.push(judgeLiquidation(event, before, world, transaction));
      },
      onOrder: (event, world) => {
        if (event.type === 'PositionFlagged') flags.push(judgeFlag(event, world));
      },
      onBlock: (block, world) => {
        for (const row of rowsAt.get(block) ?? []) comparePosition(positions, row, world);
        for (const row of marketRowsAt.get(block) ?? []) compareMarket(markets, row, world);
      },
    });
  });

  it('equals every answer of the views, to the last digit, on every row', () => {
    process.stdout.write(`Synthetix positions\n${positions.report}\n`);
    expect(positions.differences).toEqual([]);
    const open = rows.filter((row) => row.integer('size') !== 0n).length;
    expect([rows.length, open]).toEqual([11_118, 10_465]);
    for (const column of ['size', 'canLiquidate', 'remainingMargin', 'liquidationPrice']) {
      expect(positions.counts.get(column)).toBe(open);
    }
  });

  it('equals the funding, the skew and the sizes of every market row', () => {
    process.stdout.write(`Synthetix markets\n${markets.report}\n`);
    expect(markets.differences).toEqual([]);
    expect(markets.counts.get('unrecordedFunding')).toBe(394);
    expect(markets.counts.get('marketSkew')).toBe(394);
  });

  it('allows every flag at the moment it was set', () => {
    expect(flags).toHaveLength(87);
    expect(flags.every((isAllowed) => isAllowed)).toBe(true);
  });

  it('closes the loop at every liquidation: equity is what the three fees paid out', () => {
    const known = readTruthFile(`${TRUTH}/liquidations.jsonl.gz`);
    expect(liquidations).toHaveLength(known.length);
    const tally = new Tally();
    known.forEach((row, index) => {
      const { event, before, assessment, fees } = liquidations[index]!;
      const where = `block ${row.text('blockNumber')}`;
      tally.same('block', event.blockNumber, row.number('blockNumber'), where);
      tally.same('size', before.size, row.integer('size'), where);
      const signed =
        before.margin + assessment.unrealizedPnlUsd / 10n ** 12n + assessment.accruedFunding;
      tally.same('equity', signed, row.integer('equitySigned'), where);
      const paid = ['flaggerFee', 'liquidatorFee', 'stakersFee'].reduce(
        (sum, name) => sum + row.integer(name),
        0n,
      );
      const charged = fees.find((fee) => fee.type === 'FeesCharged')?.liquidationFeeRaw;
      tally.same('penalty', charged ?? -1n, paid * 10n ** 12n, where);
      if (row.integer('stakersFee') > 0n) tally.same('loop closes', signed, paid, where);
      else {
        const unpaid = fees.find((fee) => fee.type === 'InsolventClosed')?.remainingCostUsd ?? 0n;
        tally.same('bad debt', unpaid, (paid - signed) * 10n ** 12n, where);
      }
    });
    process.stdout.write(`Synthetix liquidations\n${tally.report}\n`);
    expect(tally.differences).toEqual([]);
    expect(tally.counts.get('loop closes')).toBe(59);
    expect(tally.counts.get('bad debt')).toBe(28);
  });
});
