import type { ChainReader } from '../../../../indexer/protocols/protocol-adapter.ts';
import * as events from '../../../../indexer/protocols/synthetix-bfp/events.ts';
import { synthetixBfp } from '../../../../indexer/protocols/synthetix-bfp/index.ts';
import type { ArchiveManifest } from '../../../../schema/archive-manifest.ts';
import { type EncodedLog, encodeLog } from '../../../fixtures/encoded-logs.ts';

/** Contracts, accounts and logs that the tests make up. */
export const PROXY = `0x${'bf'.repeat(20)}`;
export const SUSD = `0x${'5d'.repeat(20)}`;
export const WSTETH = `0x${'ee'.repeat(20)}`;
export const ALICE = `0x${'aa'.repeat(20)}`;
export const ETH_FEED = `0x${'fe'.repeat(32)}`;
export const WAD = 10n ** 18n;
export const USD = 10n ** 30n;
export const MARKET = 3n;
export const ACCOUNT = 17n;
export const KEY = `0x${(17).toString(16).padStart(32, '0')}${(3).toString(16).padStart(32, '0')}`;

export function manifestWith(section: Record<string, unknown> = {}): ArchiveManifest {
  return {
    name: 'bfp-made-up',
    chainId: 31337,
    chain: 'bfp-made-up',
    fromBlock: 1000,
    toBlock: 2000,
    description: 'Encoded for the tests.',
    provenance: 'Made by the tests.',
    synthetic: true,
    protocols: {
      'synthetix-bfp': {
        proxy: PROXY,
        usdToken: SUSD,
        markets: [{ id: '3', symbol: 'ETH', feed: { feedId: ETH_FEED, decimals: 8 } }],
        accounts: [{ id: '17', owner: ALICE }],
        ...section,
      },
    },
  };
}

export function newReader(manifest = manifestWith()): ChainReader {
  const reader = synthetixBfp.readerFor({ chainId: 31337, chain: 'bfp-made-up', manifest });
  if (!reader) throw new Error('no reader');
  return reader;
}

export interface Where {
  readonly block?: number;
  readonly transaction?: number;
  readonly timestamp?: number;
}

export function settled(
  order: {
    readonly sizeDelta: bigint;
    readonly price?: bigint;
    readonly pnl?: bigint;
    readonly funding?: bigint;
    readonly utilization?: bigint;
    readonly fees?: readonly [order: bigint, keeper: bigint];
    readonly debt?: bigint;
    readonly account?: bigint;
  },
  where?: Where,
): EncodedLog {
  return encodeLog(
    PROXY,
    events.orderSettled,
    {
      accountId: order.account ?? ACCOUNT,
      marketId: MARKET,
      settlementTime: 1_700_000_000n,
      sizeDelta: order.sizeDelta,
      orderFee: order.fees?.[0] ?? 0n,
      keeperFee: order.fees?.[1] ?? 0n,
      accruedFunding: order.funding ?? 0n,
      accruedUtilization: order.utilization ?? 0n,
      pnl: order.pnl ?? 0n,
      fillPrice: order.price ?? 2000n * WAD,
      accountDebt: order.debt ?? 0n,
    },
    where,
  );
}

export function liquidated(from: bigint, to: bigint, where?: Where): EncodedLog {
  return encodeLog(
    PROXY,
    events.positionLiquidated,
    {
      accountId: ACCOUNT,
      marketId: MARKET,
      sizeBeforeLiquidation: from,
      remainingSize: to,
      keeper: ALICE,
      flagger: ALICE,
      liqKeeperFee: 5n * WAD,
      liquidationPrice: 1500n * WAD,
    },
    where,
  );
}

export function funded(rate: bigint, where?: Where): EncodedLog {
  return encodeLog(
    PROXY,
    events.fundingRecomputed,
    { marketId: MARKET, skew: 7n, fundingRate: rate, fundingVelocity: 1n },
    where,
  );
}

export function deposited(
  value: bigint,
  fields: Where & { readonly from?: string; readonly token?: string } = {},
): EncodedLog {
  const { from = ALICE, token = SUSD, ...where } = fields;
  const args = { from, to: PROXY, value, collateralAddress: token };
  return encodeLog(PROXY, events.marginDeposit, args, where);
}
