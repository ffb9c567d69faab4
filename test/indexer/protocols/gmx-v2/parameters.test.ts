import { encodeAbiParameters } from 'viem';
import { describe, expect, it } from 'vitest';
import { gmxV2 } from '../../../../indexer/protocols/gmx-v2/index.ts';
import { baseKeyOf, parameterName } from '../../../../indexer/protocols/gmx-v2/parameters.ts';
import { parameterKey } from '../../../../margin/inputs.ts';
import type { ParameterChange } from '../../../../schema/events/parameter.ts';
import { CRASH_ARCHIVE, TRUTH_ARCHIVE } from '../../../fixtures/gmx-v2/archives.ts';
import {
  gmxV2Section,
  readArchiveLogs,
  readArchiveManifest,
} from '../../../fixtures/read-archive.ts';

const MARKET = '0x28b77f5759010d35913196cabd4afec8403f53be';
const encode = (types: readonly string[], values: readonly unknown[]) =>
  encodeAbiParameters(
    types.map((type) => ({ type })),
    values,
  );
const name = (key: string, types: readonly string[] = [], values: readonly unknown[] = []) =>
  parameterName(baseKeyOf(key), types.length === 0 ? '0x' : encode(types, values));

describe('parameterName', () => {
  it('derives base keys as the contracts do', () => {
    expect(baseKeyOf('MIN_COLLATERAL_USD')).toBe(
      '0x6497f0f2c47edc68f06ede1c06d3475f939eb1a8341362460277bcd8ee7419f4',
    );
    expect(baseKeyOf('USE_OPEN_INTEREST_IN_TOKENS_FOR_BALANCE')).toBe(
      '0x75a3957e02e4119004dc68ed9253860288ddffa3fa2751cb5855a7eb30175c8e',
    );
  });

  it('names market, side, sign, balance and PnL factor type', () => {
    const [address, bool] = ['address', 'bool'];
    expect(name('MIN_COLLATERAL_USD')).toEqual({ market: '', name: 'minCollateralUsd' });
    expect(name('FUNDING_FACTOR', [address], [MARKET])).toEqual({
      market: MARKET,
      name: 'fundingFactor',
    });
    expect(name('BORROWING_FACTOR', [address, bool], [MARKET, true]).name).toBe(
      'borrowingFactorLong',
    );
    expect(name('POSITION_IMPACT_FACTOR', [address, bool], [MARKET, false]).name).toBe(
      'positionImpactFactorNegative',
    );
    expect(name('POSITION_FEE_FACTOR', [address, bool], [MARKET, true]).name).toBe(
      'positionFeeFactorBalanceImproved',
    );
    const traders = baseKeyOf('MAX_PNL_FACTOR_FOR_TRADERS');
    expect(name('MAX_PNL_FACTOR', ['bytes32', address, bool], [traders, MARKET, false])).toEqual({
      market: MARKET,
      name: 'maxPnlFactorForTradersShort',
    });
  });

  it('keeps two tokens of one parameter apart', () => {
    expect(name('DATA_STREAM_SPREAD_REDUCTION_FACTOR', ['address'], [MARKET])).toEqual({
      market: '',
      name: `dataStreamSpreadReductionFactor:${MARKET}`,
    });
  });

  it('keeps the base key as name where the key or its layout is unknown', () => {
    const key = baseKeyOf('NOBODY_KNOWS_THIS');
    expect(parameterName(key, encode(['address'], [MARKET]))).toEqual({ market: '', name: key });
    const fee = baseKeyOf('POSITION_FEE_FACTOR');
    expect(parameterName(fee, encode(['address'], [MARKET])).name).toBe(fee);
    expect(parameterName(fee, encode(['address', 'uint256'], [MARKET, 2n])).name).toBe(fee);
    expect(name('MAX_PNL_FACTOR', ['bytes32', 'address', 'bool'], [key, MARKET, true]).name).toBe(
      baseKeyOf('MAX_PNL_FACTOR'),
    );
  });
});

describe.each([CRASH_ARCHIVE, TRUTH_ARCHIVE])('parameters of %s', (dir) => {
  it('SetUint logs under our names give the values the DataStore had at asOfBlock', async () => {
    const manifest = readArchiveManifest(dir);
    const initial = gmxV2Section(dir).initialParameters!;
    const reader = gmxV2.readerFor({ ...manifest, manifest })!;
    const isChange = (event: { kind: string }): event is ParameterChange =>
      event.kind === 'parameter';
    const fromLogs = new Map<string, bigint | null>();
    for (const change of reader.normalize(await readArchiveLogs(dir)).events.filter(isChange)) {
      if (change.blockNumber > initial.asOfBlock) continue;
      expect(change.name, 'every key of the archive has a name').not.toMatch(/^0x/);
      fromLogs.set(parameterKey(change.market, change.name), change.value);
    }
    // written past Config, without a log: the manifest lists them
    const silent = initial['withoutSetUintEvent'] as { name: string; data: string }[];
    const unlogged = new Set(
      silent.map(({ name: key, data }) => {
        const named = parameterName(baseKeyOf(key), data);
        return parameterKey(named.market, named.name);
      }),
    );
    const manifestValues = reader.initialEvents().filter(isChange);
    let compared = 0;
    for (const { market, name: parameter, value } of manifestValues) {
      const key = parameterKey(market, parameter);
      if (!fromLogs.has(key) || unlogged.has(key)) continue;
      expect(fromLogs.get(key), key).toBe(value);
      compared++;
    }
    expect(manifestValues).toHaveLength(11 + 3 * 58);
    expect(compared).toBeGreaterThan(100);
  });

  it('manifest values come after every log of their block and before the next block', async () => {
    const manifest = readArchiveManifest(dir);
    const asOf = gmxV2Section(dir).initialParameters!.asOfBlock;
    const batch = await readArchiveLogs(dir);
    const reader = gmxV2.readerFor({ ...manifest, manifest })!;
    const lastLog = Math.max(...batch.logIndex);
    for (const event of reader.initialEvents()) {
      expect(event.blockNumber).toBe(asOf);
      expect(event.logIndex).toBeGreaterThan(lastLog);
    }
  });
});
