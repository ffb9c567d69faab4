import { beforeAll, describe, expect, it } from 'vitest';
import { synthetixV2 } from '../../../../indexer/protocols/synthetix-v2/index.ts';
import { parameterKey } from '../../../../margin/inputs.ts';
import { synthetixV2Rules } from '../../../../margin/rules/synthetix-v2/rules.ts';
import { replayVenue } from '../../../margin/venue-replay.ts';

const ETH = '0xfd471836031dc5108809d173a067e8486b9047a3';
const BTC = '0xc351628eb244ec633d5f21fbd6621e1a683b1181';
const GLOBAL = '';

/** What the scenario set while it traded, as its own configuration lists it; 18 decimals. */
const CHANGES: readonly (readonly [number, string, string, bigint, bigint])[] = [
  // block, market, parameter, before, after
  [603, ETH, 'maxFundingVelocity', 9_000_000_000_000_000_000n, 18_000_000_000_000_000_000n],
  [837, ETH, 'liquidationBufferRatio', 7_500_000_000_000_000n, 10_000_000_000_000_000n],
  [948, BTC, 'skewScale', 50_000n * 10n ** 18n, 40_000n * 10n ** 18n],
  [1217, GLOBAL, 'liquidationFeeRatio', 3_500_000_000_000_000n, 4_000_000_000_000_000n],
  [1301, ETH, 'liquidationPremiumMultiplier', 1_562_500_000_000_000_000n, 25n * 10n ** 17n],
  [1311, BTC, 'liquidationPremiumMultiplier', 1_562_500_000_000_000_000n, 50n * 10n ** 17n],
  [1699, ETH, 'maxLiquidationDelta', 601_000_000_000_000n, 1_000_000_000_000_000n],
  [1700, ETH, 'maxPD', 1_202_000_000_000_000n, 2_000_000_000_000_000n],
  [1871, GLOBAL, 'keeperLiquidationFee', 2n * 10n ** 18n, 3n * 10n ** 18n],
  [1872, GLOBAL, 'minKeeperFee', 2n * 10n ** 18n, 3n * 10n ** 18n],
  [1916, ETH, 'maxLeverage', 50n * 10n ** 18n, 40n * 10n ** 18n],
  [1937, BTC, 'takerFeeOffchainDelayedOrder', 600_000_000_000_000n, 800_000_000_000_000n],
  [1988, BTC, 'maxFundingVelocity', 9_000_000_000_000_000_000n, 36_000_000_000_000_000_000n],
];
const FIRST_TRADE = 398;
const LAST_BLOCK = 2127;

describe('the parameters of the Synthetix Perps V2 archive', () => {
  /** The values in force after each block, by block. */
  const inForce = new Map<number, ReadonlyMap<string, bigint>>();

  beforeAll(async () => {
    const asked = CHANGES.flatMap(([block]) => [block - 1, block]);
    const blocks = new Set([...asked, FIRST_TRADE, LAST_BLOCK]);
    await replayVenue({
      archive: 'archives/synthetix-v2-crash-2023-08-17',
      adapters: [synthetixV2],
      rules: synthetixV2Rules,
      blocks,
      onBlock: (block, { parameters }) => {
        if (blocks.has(block)) inForce.set(block, new Map(parameters));
      },
    });
  });

  it.each(CHANGES)('hold from block %i on: %s %s', (block, market, name, before, after) => {
    const key = parameterKey(market, name);
    expect(inForce.get(block - 1)?.get(key)).toBe(before);
    expect(inForce.get(block)?.get(key)).toBe(after);
    expect(inForce.get(LAST_BLOCK)?.get(key)).toBe(after);
  });

  it('change at no other time: from the first trade to the end these 13 differ', () => {
    const first = inForce.get(FIRST_TRADE)!;
    const last = inForce.get(LAST_BLOCK)!;
    const differing = [...last].filter(([key, value]) => first.get(key) !== value);
    expect(differing.map(([key]) => key).sort()).toEqual(
      CHANGES.map(([, market, name]) => parameterKey(market, name)).sort(),
    );
    expect(last.size).toBe(first.size);
  });
});
