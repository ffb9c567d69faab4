import { keccak256, stringToHex } from 'viem';
import { describe, expect, it } from 'vitest';
import * as declared from '../../../../indexer/protocols/mux3/events.ts';
import { mux3 } from '../../../../indexer/protocols/mux3/index.ts';
import type { ChainReader } from '../../../../indexer/protocols/protocol-adapter.ts';
import type { DomainEvent } from '../../../../schema/events/domain-event.ts';
import { batchOf, type EncodedLog, encodeLog } from '../../../fixtures/encoded-logs.ts';
import {
  EMITTER,
  ETH_LONG,
  ETH_ORACLE,
  MUX3,
  OWNER,
  opened,
  POOL_A,
  PROVIDER,
  priceSet,
  SINGLE,
  USDC,
  WAD,
  WETH,
} from './made-up-account.ts';

function newReader(): ChainReader {
  const reader = mux3.readerFor({ chainId: 42161, chain: 'arbitrum', manifest: null });
  if (!reader) throw new Error('no reader');
  return reader;
}

function read(logs: readonly EncodedLog[], reader = newReader()): readonly DomainEvent[] {
  const { events, deadLetters } = reader.normalize(batchOf(42161, logs));
  expect(deadLetters).toEqual([]);
  return events;
}

describe('other logs of MUX3', () => {
  it('become prices with their own time, parameters, listings and accumulators', () => {
    const hash = (name: string) => keccak256(stringToHex(name));
    const word = (value: bigint) => `0x${value.toString(16).padStart(64, '0')}`;
    const config = (key: string, value: string) =>
      encodeLog(MUX3, declared.setMarketConfig, { marketId: ETH_LONG, key, value });
    const made = read([
      priceSet(ETH_ORACLE, 2000n * WAD),
      encodeLog(MUX3, declared.addCollateralToken, { token: USDC, decimals: 6, isStable: true }),
      encodeLog(MUX3, declared.createMarket, {
        marketId: ETH_LONG,
        symbol: 'LETH',
        isLong: true,
        backedPools: [POOL_A],
      }),
      config(hash('MM_ORACLE_ID'), ETH_ORACLE),
      config(hash('MM_MAINTENANCE_MARGIN_RATE'), word(5n * 10n ** 15n)),
      config(hash('MM_NEW_THING'), word(1n)),
      encodeLog(EMITTER, declared.updateMarketBorrowing, {
        pool: POOL_A,
        marketId: ETH_LONG,
        feeRateApy: 1n,
        cumulatedBorrowingPerUsd: 77n,
      }),
      encodeLog(EMITTER, declared.poolOpenPosition, {
        pool: POOL_A,
        marketId: ETH_LONG,
        size: 1n,
        averageEntryPrice: 2n,
        totalSize: 3n,
      }),
      opened({ size: WAD, newSizes: [WAD], collateral: [[WETH, WAD]] }),
    ]);
    expect(made[0]).toMatchObject({
      type: 'OracleUpdated',
      token: ETH_ORACLE,
      provider: PROVIDER,
      priceDecimals: 18,
      observedAt: 1_699_999_998,
      timeIsBlockTime: false,
      delivery: 'PULL',
    });
    const parameters = made.flatMap((event) =>
      event.kind === 'parameter' ? [[event.market, event.name, event.value]] : [],
    );
    expect(parameters).toEqual([
      ['', `collateralDecimals:${USDC}`, 6n],
      ['', `collateralIsStable:${USDC}`, 1n],
      [ETH_LONG, 'oracleId', null],
      [ETH_LONG, 'maintenanceMarginRate', 5n * 10n ** 15n],
      [ETH_LONG, hash('MM_NEW_THING'), null],
    ]);
    const listings = made.filter((event) => event.type === 'MarketListed');
    expect(listings).toMatchObject([
      { market: ETH_LONG, isLong: true, details: { symbol: 'LETH', isFromCreation: true } },
      { market: ETH_LONG, details: { indexToken: ETH_ORACLE } },
    ]);
    expect(made.find(({ type }) => type === 'BorrowingFactorAccrued')).toMatchObject({
      market: ETH_LONG,
      token: POOL_A,
      value: 77n,
    });
    expect(made.find(({ type }) => type === 'OpenInterestBaseChanged')).toMatchObject({
      isLong: true,
      delta: 1n,
      value: 3n,
    });
  });

  it('are dead letters where the state behind them is missing or the topic unknown', () => {
    const deposit = encodeLog(MUX3, declared.deposit, {
      owner: OWNER,
      positionId: SINGLE,
      collateralToken: USDC,
      collateralAmount: 5n,
    });
    const unknown = { ...deposit, topics: [`0x${'77'.repeat(32)}`] };
    const { events, deadLetters } = newReader().normalize(batchOf(42161, [deposit, unknown]));
    expect(events).toEqual([]);
    expect(deadLetters.map(({ reason }) => reason)).toEqual([
      'Deposit without the DepositWithdrawFinish behind it',
      expect.stringContaining('77'.repeat(32)),
    ]);
  });
});

describe('where MUX3 is read', () => {
  it('is Arbitrum, from the block of its deployment, and archives that name it', () => {
    const reader = newReader();
    expect(reader.firstBlock).toBe(302_779_865);
    expect(reader.selections).toEqual([{ addresses: [MUX3, EMITTER], topics: [] }]);
    expect(mux3.readerFor({ chainId: 42161, chain: 'local', manifest: null })).toBeNull();
    expect(mux3.knownOn(42161).length).toBeGreaterThan(2);
    expect(mux3.knownOn(1)).toEqual([]);
  });

  it('starts with what a manifest says of an archive that begins later', () => {
    const manifest = {
      name: 'mux3-made-up',
      chainId: 42161,
      chain: 'mux3-made-up',
      fromBlock: 500,
      toBlock: 600,
      description: '',
      provenance: '',
      synthetic: true,
      protocols: {
        mux3: {
          mux3: MUX3,
          markets: [{ id: ETH_LONG, symbol: 'LETH', isLong: true, oracleId: ETH_ORACLE }],
          collateralTokens: [{ address: USDC, symbol: 'USDC', decimals: 6, isStable: true }],
          pools: [{ address: POOL_A, collateralToken: USDC }],
          initialParameters: {
            asOfBlock: 499,
            markets: { [ETH_LONG]: { maintenanceMarginRate: '5' } },
            maxPnlRates: { [POOL_A]: { [ETH_LONG]: '9' } },
          },
        },
      },
    };
    const reader = mux3.readerFor({ chainId: 42161, chain: 'mux3-made-up', manifest });
    const initial = reader?.initialEvents() ?? [];
    expect(initial.map(({ type }) => type)).toEqual([
      'ParameterChanged',
      'ParameterChanged',
      'CollateralSumChanged',
      'ParameterChanged',
      'MarketListed',
      'ParameterChanged',
      'ParameterChanged',
    ]);
    expect(initial.every(({ blockNumber }) => blockNumber === 499)).toBe(true);
    const places = initial.map(({ logIndex, subIndex }) => `${logIndex}:${subIndex}`);
    expect(new Set(places).size).toBe(7);
  });
});
