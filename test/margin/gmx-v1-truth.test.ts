import { beforeAll, describe, expect, it } from 'vitest';
import { gmxV1 } from '../../indexer/protocols/gmx-v1/index.ts';
import { assess } from '../../margin/rules/gmx-v1/assess.ts';
import { nextFundingRate } from '../../margin/rules/gmx-v1/funding.ts';
import {
  minProfitBasisPoints,
  requirementOf,
  validateLiquidation,
  vaultDelta,
  worsePrice,
} from '../../margin/rules/gmx-v1/liquidation.ts';
import { type GmxV1Market, poolOf } from '../../margin/rules/gmx-v1/market-state.ts';
import type { GmxV1Position } from '../../margin/rules/gmx-v1/position-state.ts';
import { gmxV1Rules } from '../../margin/rules/gmx-v1/rules.ts';
import { feedPrice, parameter, vaultPrice } from '../../margin/rules/gmx-v1/venue-inputs.ts';
import type { PositionEvent } from '../../schema/events/position.ts';
import { readTruthFile, rowsByBlock, Tally, type TruthRow } from './truth-rows.ts';
import { replayVenue, type World } from './venue-replay.ts';

type VaultWorld = World<GmxV1Position, GmxV1Market>;

const ROWS = readTruthFile('test/fixtures/gmx-v1-truth/positions.jsonl.gz');

/** The Vault's numbers of one row, from our fold and our arithmetic. */
function compare(tally: Tally, row: TruthRow, world: VaultWorld): void {
  const key = row.text('positionKey');
  const where = `block ${row.text('blockNumber')} ${key}`;
  const position = world.positions.get(key);
  const market = position && world.markets.get(position.indexToken);
  if (!position || !market) {
    tally.same('known', false, true, where);
    return;
  }
  const same = (name: string, ours: bigint) => tally.same(name, ours, row.integer(name), where);
  same('size', position.size);
  same('collateral', position.collateral);
  same('averagePrice', position.averagePrice);
  same('entryFundingRate', position.entryFundingRate);
  same('reserveAmount', position.reserveAmount);
  same('lastIncreasedTime', BigInt(position.lastIncreasedTime));
  const sign = row.flag('realisedPnlIsNonNegative') ? 1n : -1n;
  tally.same('realisedPnl', position.realisedPnl, sign * row.integer('realisedPnlAbs'), where);
  compareJudgement(tally, row, { position, market, world, where });
}

function compareJudgement(
  tally: Tally,
  row: TruthRow,
  now: {
    readonly position: GmxV1Position;
    readonly market: GmxV1Market;
    readonly world: VaultWorld;
    readonly where: string;
  },
): void {
  const { position, market, world, where } = now;
  const { parameters } = world;
  const time = row.number('blockTimestamp');
  const same = (name: string, ours: bigint) => tally.same(name, ours, row.integer(name), where);
  const spread = parameter(parameters, position.indexToken, 'spreadBasisPoints');
  const price = vaultPrice(feedPrice(world.prices, position.indexToken), spread);
  same('indexPriceMin', price.min);
  same('indexPriceMax', price.max);
  const pool = poolOf(market, position.collateralToken);
  same('cumulativeFundingRate', pool.cumulativeFundingRate);
  same('nextFundingRate', nextFundingRate(pool, position.collateralToken, parameters, time) ?? -1n);
  const least = minProfitBasisPoints(position, parameters, time);
  const delta = vaultDelta(position, worsePrice(position.isLong, price), least);
  same('delta', delta.delta);
  tally.same('hasProfit', delta.hasProfit, row.flag('hasProfit'), where);
  // The view takes the rate as stored; a liquidation accrues first.
  const asStored = requirementOf(position, parameters, pool.cumulativeFundingRate, time);
  same('fundingFee', asStored.fundingFee);
  same('positionFee', asStored.positionFee);
  const test = validateLiquidation(position, delta, asStored, true);
  same('liquidationState', BigInt(test.state));
  same('marginFees', test.marginFees);
  const asTrade = validateLiquidation(position, delta, asStored, false);
  tally.same(
    'validateLiquidationRaise',
    asTrade.reason,
    row.text('validateLiquidationRaise'),
    where,
  );
  compareProbe(tally, row, now);
}

/** `liquidatePosition` as asked of the contract: it goes through exactly where our rules say so. */
function compareProbe(
  tally: Tally,
  row: TruthRow,
  { position, market, world, where }: Parameters<typeof compareJudgement>[2],
): void {
  const assessment = assess({
    position,
    market,
    parameters: world.parameters,
    prices: world.prices,
    timestamp: row.number('blockTimestamp'),
  });
  const { equityUsd, collateralUsd, unrealizedPnlUsd, priceImpactUsd, totalCostUsd } = assessment;
  const sum = collateralUsd + unrealizedPnlUsd + priceImpactUsd - totalCostUsd;
  tally.same('(identity)', equityUsd, sum, where);
  if (row.cell('probe') === null) return;
  const liquidates = row.text('probe') === 'liquidates';
  tally.same('probe', assessment.isLiquidatable, liquidates, where);
}

describe('GMX V1 rules against the Vault', () => {
  const tally = new Tally();
  const liquidations: { event: PositionEvent; state: number }[] = [];

  beforeAll(async () => {
    const rowsAt = rowsByBlock(ROWS);
    await replayVenue({
      archive: 'archives/gmx-v1-crash-scenario',
      adapters: [gmxV1],
      rules: gmxV1Rules,
      blocks: new Set(rowsAt.keys()),
      onPosition: (event, position, world) => {
        if (event.type !== 'PositionLiquidated') return;
        const { liquidationState: state } = assess({
          position,
          market: world.markets.get(event.market)!,
          parameters: world.parameters,
          prices: world.prices,
          timestamp: event.blockTimestamp,
        });
        liquidations.push({ event, state });
      },
      onBlock: (block, world) => {
        for (const row of rowsAt.get(block) ?? []) compare(tally, row, world);
      },
    });
  });

  it('equals the Vault to the last unit on every row', () => {
    process.stdout.write(`GMX V1 positions\n${tally.report}\n`);
    expect(tally.differences).toEqual([]);
    expect(ROWS).toHaveLength(10_572);
    for (const column of ['size', 'delta', 'marginFees', 'liquidationState', 'nextFundingRate']) {
      expect(tally.counts.get(column)).toBe(10_572);
    }
    expect(tally.counts.get('probe')).toBe(5_611);
  });

  it('finds every realized liquidation liquidatable, in the state that the Vault acted on', () => {
    const subtypes = liquidations.map(({ event, state }) => {
      return [event.details['liquidationSubtype'], state] as const;
    });
    const count = (subtype: string, state: number) =>
      subtypes.filter(([one, other]) => one === subtype && other === state).length;
    expect(liquidations).toHaveLength(107);
    expect(count('margin', 1)).toBe(26);
    expect(count('max_leverage', 2)).toBe(81);
  });
});
