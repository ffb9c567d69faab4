import { readFileSync } from 'node:fs';
import { toEventSelector } from 'viem';
import { describe, expect, it } from 'vitest';
import { MAINNET_TOKENS } from '../../../../indexer/protocols/gmx-v1/data/mainnet-tokens.ts';
import { DEPLOYMENTS } from '../../../../indexer/protocols/gmx-v1/deployments.ts';
import * as v1 from '../../../../indexer/protocols/gmx-v1/events.ts';
import { gmxV1 } from '../../../../indexer/protocols/gmx-v1/index.ts';
import type { NormalizedBatch } from '../../../../indexer/protocols/protocol-adapter.ts';
import type { RawLogBatch } from '../../../../schema/raw-log.ts';
import { abiOf } from '../../../contracts/event-versions.contract.ts';
import {
  batchOf,
  type EncodedLog,
  encodeLog,
  transactionHash,
} from '../../../fixtures/encoded-logs.ts';

const VAULT = DEPLOYMENTS[0]!.vault;
const ROUTER = DEPLOYMENTS[0]!.positionRouters[0]!;
const ETH = '0x82af49447d8a07e3bd95bd0d56f35241523fbab1';
const KEY = `0x${'9e'.repeat(32)}`;
const OWNER = `0x${'11'.repeat(20)}`;
const KEEPER = `0x${'22'.repeat(20)}`;
const USD = 10n ** 30n;

function reader() {
  const found = gmxV1.readerFor({ chainId: 42161, chain: 'arbitrum', manifest: null });
  if (!found) throw new Error('no reader');
  return found;
}

const read = (logs: readonly EncodedLog[], sender = OWNER): NormalizedBatch =>
  reader().normalize(
    batchOf(42161, logs),
    sender === '' ? new Map() : new Map([1, 2].map((at) => [transactionHash(at), sender])),
  );

const named = { key: KEY, account: OWNER, collateralToken: ETH, indexToken: ETH, isLong: true };
const stored = {
  averagePrice: 2000n * USD,
  entryFundingRate: 5n,
  reserveAmount: 7n,
  realisedPnl: 0n,
};

const opening = (update: typeof v1.updatePositionV1 | typeof v1.updatePositionV2): EncodedLog[] => [
  encodeLog(VAULT, v1.collectMarginFees, { token: ETH, feeUsd: USD, feeTokens: 1n }),
  encodeLog(VAULT, v1.increasePosition, {
    ...named,
    collateralDelta: 101n * USD,
    sizeDelta: 1000n * USD,
    price: 2000n * USD,
    fee: USD,
  }),
  encodeLog(VAULT, update, {
    ...stored,
    key: KEY,
    size: 1000n * USD,
    collateral: 100n * USD,
    markPrice: 2000n * USD,
  }),
];

const closing = (): EncodedLog[] => {
  const where = { block: 1001, transaction: 2 };
  return [
    encodeLog(VAULT, v1.collectMarginFees, { token: ETH, feeUsd: USD, feeTokens: 1n }, where),
    encodeLog(VAULT, v1.updatePnl, { key: KEY, hasProfit: false, delta: 90n * USD }, where),
    encodeLog(
      VAULT,
      v1.decreasePosition,
      { ...named, collateralDelta: 0n, sizeDelta: 1000n * USD, price: 1820n * USD, fee: USD },
      where,
    ),
    encodeLog(
      VAULT,
      v1.closePosition,
      { ...stored, key: KEY, size: 1000n * USD, collateral: 0n },
      where,
    ),
  ];
};

const ordered = (): EncodedLog =>
  encodeLog(
    ROUTER,
    v1.executeDecreasePosition,
    {
      account: OWNER,
      path: [ETH],
      indexToken: ETH,
      collateralDelta: 0n,
      sizeDelta: 1000n * USD,
      isLong: true,
      receiver: OWNER,
      acceptablePrice: 0n,
      minOut: 0n,
      executionFee: 0n,
      blockGap: 1n,
      timeGap: 1n,
    },
    { block: 1001, transaction: 2 },
  );

describe('the events of GMX V1', () => {
  it('have the topics of the published ABI, both forms of UpdatePosition among them', () => {
    const known = new Set<string>(v1.gmxV1Events.map((event) => toEventSelector(event)));
    const published = abiOf('gmx-v1').map((event) => toEventSelector(event));
    expect(published.length).toBeGreaterThanOrEqual(10);
    expect(published.filter((topic) => !known.has(topic))).toEqual([]);
    expect(toEventSelector(v1.updatePositionV1)).toMatch(/^0x25e8a331/);
    expect(toEventSelector(v1.updatePositionV2)).toMatch(/^0x20853733/);
  });

  it.each([v1.updatePositionV1, v1.updatePositionV2])(
    'open a position in either form',
    (update) => {
      const { events, deadLetters } = read(opening(update));
      expect(deadLetters).toEqual([]);
      expect(events).toMatchObject([
        { kind: 'fee', type: 'FeesCharged', positionFeeRaw: USD, borrowFeeRaw: 0n },
        {
          kind: 'position',
          type: 'PositionOpened',
          market: ETH,
          sizeUsd: 1000n * USD,
          sizeBase: 5n * 10n ** 17n,
          collateralRaw: 100n * USD,
          collateralDeltaRaw: 100n * USD,
          details: { averagePrice: String(2000n * USD), entryFundingRate: '5' },
        },
      ]);
    },
  );

  it.each([
    ['its owner', OWNER, false, 'PositionClosed', 'OWNER'],
    ['an order of its owner', KEEPER, true, 'PositionClosed', 'ORDER'],
    ['somebody without an order', KEEPER, false, 'PositionLiquidated', 'LIQUIDATOR'],
    ['nobody we know', '', false, 'PositionClosed', 'UNKNOWN'],
  ])('say of a close by %s what it is', (_who, sender, isOrdered, type, closedBy) => {
    const logs = [...opening(v1.updatePositionV1), ...closing(), ...(isOrdered ? [ordered()] : [])];
    const { events, deadLetters } = read(logs, sender);
    expect(deadLetters).toEqual([]);
    expect(events.at(-1)).toMatchObject({
      type,
      sizeUsd: 0n,
      sizeDeltaUsd: -1000n * USD,
      collateralDeltaRaw: -100n * USD,
      realizedPnlUsd: -90n * USD,
      details: { closedBy },
    });
    const details = events.at(-1)?.kind === 'position' ? events.at(-1) : null;
    const subtype = (details as { details: Record<string, unknown> }).details['liquidationSubtype'];
    expect(subtype).toBe(closedBy === 'LIQUIDATOR' ? 'max_leverage' : undefined);
  });

  it('book a loss beyond the collateral as debt when the Vault liquidates', () => {
    const where = { block: 1001, transaction: 2 };
    const { events } = read([
      ...opening(v1.updatePositionV1),
      encodeLog(VAULT, v1.collectMarginFees, { token: ETH, feeUsd: USD, feeTokens: 1n }, where),
      encodeLog(
        VAULT,
        v1.liquidatePosition,
        {
          ...named,
          size: 1000n * USD,
          collateral: 100n * USD,
          reserveAmount: 7n,
          realisedPnl: 0n,
          markPrice: 1700n * USD,
        },
        where,
      ),
    ]);
    expect(events.slice(-2)).toMatchObject([
      { type: 'PositionLiquidated', realizedPnlUsd: -150n * USD, collateralDeltaRaw: -100n * USD },
      { type: 'InsolventClosed', remainingCostUsd: 50n * USD, step: 'pnl', orderKey: KEY },
    ]);
  });

  it('leave a change without its outcome to the dead letters', () => {
    const { deadLetters } = read(opening(v1.updatePositionV1).slice(0, 2));
    expect(deadLetters.map(({ reason }) => reason)).toEqual([
      expect.stringContaining('without the position'),
    ]);
  });
});

interface Receipt {
  readonly transactionHash: string;
  readonly from: string;
  readonly blockNumber: number;
  readonly blockTimestamp: number;
  readonly transactionIndex: number;
  readonly logs: readonly { address: string; topics: string[]; data: string; logIndex: number }[];
}

describe('real transactions on Arbitrum', () => {
  const path = 'test/fixtures/gmx-v1/arbitrum-receipts.json';
  const receipts = (JSON.parse(readFileSync(path, 'utf8')) as Receipt[]).sort(
    (a, b) => a.blockNumber - b.blockNumber,
  );
  const rows = receipts.flatMap((receipt) => receipt.logs.map((log) => ({ receipt, log })));
  const batch: RawLogBatch = {
    chainId: 42161,
    length: rows.length,
    blockNumber: Float64Array.from(rows, ({ receipt }) => receipt.blockNumber),
    blockTimestamp: Float64Array.from(rows, ({ receipt }) => receipt.blockTimestamp),
    logIndex: Uint32Array.from(rows, ({ log }) => log.logIndex),
    transactionIndex: Uint32Array.from(rows, ({ receipt }) => receipt.transactionIndex),
    transactionHash: rows.map(({ receipt }) => receipt.transactionHash),
    address: rows.map(({ log }) => log.address),
    topics: rows.map(({ log }) => log.topics),
    data: rows.map(({ log }) => Buffer.from(log.data.slice(2), 'hex')),
  };
  const senders = new Map(receipts.map((one) => [one.transactionHash, one.from]));
  const { events, deadLetters } = reader().normalize(batch, senders);

  it('are read without a dead letter', () => {
    expect(deadLetters).toEqual([]);
    expect(events.filter((event) => event.kind === 'oracle')).toHaveLength(4);
  });

  it('close the short that its owner asked to close, at the profit that is known', () => {
    const [closed] = events.filter((event) => event.kind === 'position');
    expect(closed).toMatchObject({
      type: 'PositionClosed',
      market: ETH,
      isLong: false,
      details: { closedBy: 'ORDER', collateralBefore: 'unknown' },
    });
    expect(Number(closed!.realizedPnlUsd / 10n ** 26n) / 10_000).toBeCloseTo(17.746, 3);
    expect(closed!.executionPrice / 10n ** 28n).toBe(254_769n);
  });
});

describe('what is known of GMX V1', () => {
  it('lists the tokens of both chains, and says that parameters are not known', () => {
    expect([...MAINNET_TOKENS.values()].map((tokens) => tokens.length)).toEqual([10, 7]);
    for (const chainId of [42161, 43114]) {
      const facts = gmxV1.knownOn(chainId);
      expect(facts.find(({ subject }) => subject === 'risk parameters')?.isKnown).toBe(false);
    }
    expect(gmxV1.knownOn(1)).toEqual([]);
  });
});
