import { describe, expect, it } from 'vitest';
import { gmxV2 } from '../../../../indexer/protocols/gmx-v2/index.ts';
import { gmxMarkets } from '../../../../indexer/protocols/gmx-v2/markets.ts';
import { parameterSnapshot } from '../../../../indexer/protocols/gmx-v2/parameter-snapshot.ts';
import { baseKeyOf, parameterName } from '../../../../indexer/protocols/gmx-v2/parameters.ts';
import { parameterKey } from '../../../../margin/inputs.ts';
import type { ArchiveManifest } from '../../../../schema/archive-manifest.ts';
import type { ParameterChange } from '../../../../schema/events/parameter.ts';
import { CRASH_ARCHIVE, RECORDED_ARCHIVE } from '../../../fixtures/gmx-v2/archives.ts';
import { readArchiveLogs, readArchiveManifest } from '../../../fixtures/read-archive.ts';

const ARBITRUM = { chainId: 42161, chain: 'arbitrum' };
const COMMITTED_AT = Date.UTC(2026, 2, 13, 15, 48, 46) / 1000;
const SNAPSHOT_BLOCK = 495_239_365;
const ETH = '0x70d95587d40a2caf56bd97485ab3eec10bee6336'; // WETH-USDC
const BTC = '0x47c031236e19d024b42f8ae6780e44a573170703'; // WBTC.e-USDC
const ONE = 10n ** 30n;

function changesOf(manifest: ArchiveManifest | null, chain = ARBITRUM): ParameterChange[] {
  const reader = gmxV2.readerFor({ ...chain, manifest });
  return (reader?.initialEvents() ?? []).filter((event) => event.kind === 'parameter');
}

const values = new Map(
  changesOf(null).map(({ market, name, value }) => [parameterKey(market, name), value]),
);
const valueIn = (market: string, name: string) => values.get(parameterKey(market, name));

/** Names that the keys of the venue's DataStore can have. */
function isKnownName(name: string): boolean {
  const word = (value: string) => value.padStart(64, '0');
  const suffixes = /(Long|Short|Positive|Negative|BalanceImproved|BalanceNotImproved)$/;
  const bare = name.replace(suffixes, '');
  const key = (camel: string) => camel.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();
  const market = word(ETH.slice(2));
  const flags = ['', word('0'), word('1')];
  const direct = [bare, name].flatMap((camel) =>
    ['', ...flags.map((flag) => market + flag)].map((data) => ({ base: key(camel), data })),
  );
  const pnl = flags.map((flag) => ({
    base: 'MAX_PNL_FACTOR',
    data: baseKeyOf(key(bare)).slice(2) + market + flag,
  }));
  return [...direct, ...pnl].some(
    ({ base, data }) => parameterName(baseKeyOf(base), `0x${data}`).name === name,
  );
}

describe('published parameters of Arbitrum', () => {
  it('are 8 values of the venue and 55 of each of 109 listed perpetual markets', () => {
    const byMarket = new Map<string, Set<string>>();
    for (const { market, name } of changesOf(null)) {
      byMarket.set(market, (byMarket.get(market) ?? new Set()).add(name));
    }
    expect(byMarket.get('')?.size).toBe(8);
    byMarket.delete('');
    expect(byMarket.size).toBe(109);
    const listed = new Map(gmxMarkets(42161, null).map((market) => [market.address, market]));
    for (const [market, names] of byMarket) {
      expect(names.size, market).toBe(55);
      expect(listed.get(market)?.indexToken, market).toMatch(/^0x(?!0{40})/);
    }
    expect(changesOf(null)).toHaveLength(8 + 109 * 55);
  });

  it('have names that events would give', () => {
    const names = new Set(changesOf(null).map(({ name }) => name));
    expect(names.size).toBe(63);
    expect([...names].filter((name) => !isKnownName(name))).toEqual([]);
    expect(isKnownName('minCollateralFactorForNobodyLong')).toBe(false);
  });

  it('are those of the configuration: Ethereum, stated by the market itself', () => {
    expect(valueIn(ETH, 'minCollateralFactorForLiquidation')).toBe((ONE * 5n) / 1000n); // "0.5%"
    expect(valueIn(ETH, 'reserveFactorLong')).toBe((ONE * 275n) / 100n);
    expect(valueIn(ETH, 'openInterestReserveFactorShort')).toBe((ONE * 270n) / 100n);
    expect(valueIn(ETH, 'positionImpactFactorNegative')).toBe(9n * 10n ** 19n); // "9e-11"
    expect(valueIn(ETH, 'positionImpactFactorPositive')).toBe(3n * 10n ** 19n);
    expect(valueIn(ETH, 'maxOpenInterestLong')).toBe(110_000_000n * ONE);
    expect(valueIn(ETH, 'minPositionImpactPoolAmount')).toBe(1627n * 10n ** 18n);
  });

  it('are those of the configuration: Bitcoin, from the base it spreads', () => {
    expect(valueIn(BTC, 'positionFeeFactorBalanceImproved')).toBe((ONE * 4n) / 10_000n); // "0.04%"
    expect(valueIn(BTC, 'positionFeeFactorBalanceNotImproved')).toBe((ONE * 6n) / 10_000n);
    expect(valueIn(BTC, 'liquidationFeeFactor')).toBe((ONE * 2n) / 1000n); // "0.20%"
    expect(valueIn(BTC, 'maxPositionImpactFactorForLiquidations')).toBe(0n);
    expect(valueIn(BTC, 'maxPnlFactorForTradersLong')).toBe((ONE * 9n) / 10n);
    // 45% a year, by the configuration's own integer division
    expect(valueIn(BTC, 'baseBorrowingFactorLong')).toBe((ONE * 45n) / 100n / 31_536_000n);
    expect(valueIn(BTC, 'fundingIncreaseFactorPerSecond')).toBe(
      (ONE * 75n) / 100n / 31_536_000n / 10_800n,
    );
    expect(valueIn(BTC, 'maxLendableImpactFactor')).toBeUndefined();
  });

  it('are those of the configuration: the whole venue', () => {
    expect(valueIn('', 'minCollateralUsd')).toBe(ONE);
    expect(valueIn('', 'minPositionSizeUsd')).toBe(ONE);
    expect(valueIn('', 'positionFeeReceiverFactor')).toBe((ONE * 37n) / 100n);
    expect(valueIn('', 'skipBorrowingFeeForSmallerSide')).toBe(1n);
  });

  it('hold from a recorded block that is later than the configuration, and say SNAPSHOT', async () => {
    const { blockNumber, blockTimestamp } = await readArchiveLogs(RECORDED_ARCHIVE);
    const later = blockNumber.filter((_, row) => blockTimestamp[row]! >= COMMITTED_AT);
    expect(Math.min(...later)).toBe(SNAPSHOT_BLOCK);
    for (const change of changesOf(null)) {
      expect([change.source, change.blockNumber, change.logIndex]).toEqual([
        'SNAPSHOT',
        SNAPSHOT_BLOCK,
        2 ** 31,
      ]);
    }
  });

  it('reach an archive of the public chain, never before the block or the archive', () => {
    const recorded = readArchiveManifest(RECORDED_ARCHIVE);
    const places = (manifest: ArchiveManifest) =>
      new Set(changesOf(manifest).map(({ blockNumber }) => blockNumber));
    expect(places(recorded)).toEqual(new Set([SNAPSHOT_BLOCK]));
    expect(places({ ...recorded, fromBlock: 495_700_000 })).toEqual(new Set([495_700_000]));
  });

  it('are not given to a chain that states its own, to another chain, or to a borrowed chain id', () => {
    const crash = readArchiveManifest(CRASH_ARCHIVE);
    const own = changesOf(crash, crash);
    expect(new Set(own.map(({ source }) => source))).toEqual(new Set(['MANIFEST']));
    expect(changesOf(null, { chainId: 43114, chain: 'avalanche' })).toEqual([]);
    expect(parameterSnapshot(43114)).toBeNull();
    expect(parameterSnapshot(null)).toBeNull();
    const recorded = readArchiveManifest(RECORDED_ARCHIVE);
    const borrowed = { chainId: 42161, chain: 'local' };
    expect(changesOf({ ...recorded, ...borrowed }, borrowed)).toEqual([]);
  });
});
