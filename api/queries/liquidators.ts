import { z } from 'zod';
import { UsageError } from '../../schema/errors.ts';
import { MAX_LIQUIDATOR_ROWS } from '../limits.ts';
import type { Decimal, IntegerText, Provenance } from './answers.ts';
import { type Concentration, concentrationOf } from './liquidators-concentration.ts';
import {
  type PenaltyRecipient,
  paidToFlagger,
  paidToSender,
  penaltyRecipients,
} from './liquidators-payment.ts';
import type { SpeedScope } from './liquidators-speed.ts';
import { usdText } from './margin-point.ts';
import { idOfMarket, type MarketRef } from './market-ref.ts';
import { type NativePrice, NO_NATIVE_PRICE, readNativePrices, usdOfWei } from './native-price.ts';
import { makeProvenance } from './provenance.ts';
import { resolveBlock, type Snapshot, type Source } from './source-directory.ts';
import { count, flag, integer, loadQuery, type Reader, text } from './stored-query.ts';

const liquidatorsQuery = loadQuery(
  'liquidators',
  z.object({
    liquidation_venue: text,
    liquidation_market: text,
    position_key: text,
    liquidator: text,
    closed_size_usd: integer,
    penalty_usd: integer,
    liquidator_fee: text,
    flagger_fee: text,
    transaction_hash: text,
    block_number: count,
    log_index: count,
    target: text,
    has_cost: flag,
    gas_wei: integer,
  }),
);

const flaggersQuery = loadQuery(
  'liquidators-flaggers',
  z.object({ position_key: text, flagger: text, block_number: count }),
);

const failedQuery = loadQuery('liquidators-failed', z.object({ sender: text, failed: count }));

type Row = Awaited<ReturnType<typeof liquidatorsQuery.run>>[number];

const METHOD = 'liquidators';
const SENDERS = 'A liquidator is the sender of the transaction; several may belong to one owner.';
const NO_FAILED =
  'No failed transaction is indexed: the source hands on those that carry logs, and a reverted one carries none.';
const L1_FEES =
  'Gas is gas used × effective gas price; a data fee of a rollup that is not in it is left out.';
export interface LiquidatorsRequest {
  readonly source: Source;
  readonly market?: MarketRef | null | undefined;
  /** Half-open, unix seconds. */
  readonly from?: number | null | undefined;
  readonly to?: number | null | undefined;
  readonly atBlock?: number | null | undefined;
}

export interface Liquidator {
  readonly address: string;
  /** Liquidated at least once in the window, or flagged a position that was liquidated in it. */
  readonly count: number;
  readonly flagCount: number;
  readonly transactions: number;
  readonly closedSizeUsd: Decimal;
  readonly share: number;
  readonly penaltyUsd: Decimal;
  /** For liquidating and flagging; null where the venue's logs do not tell. */
  readonly paidUsd: Decimal | null;
  /** Of its liquidating transactions, each once; null where one of them is not indexed. */
  readonly gasWei: IntegerText | null;
  readonly gasUsd: Decimal | null;
  /** paid for liquidating − gas of liquidating. */
  readonly netUsd: Decimal | null;
  /** Liquidations that paid less than their transaction's gas; null where either is not known. */
  readonly unprofitableCount: number | null;
  readonly failedAttempts: number | null;
}

export interface Liquidators {
  readonly provenance: Provenance;
  readonly marketId: string | null;
  readonly count: number;
  /** Most closed notional first. */
  readonly liquidators: readonly Liquidator[];
  readonly byNotional: Concentration | null;
  readonly byCount: Concentration | null;
  readonly penaltyRecipients: readonly PenaltyRecipient[];
  readonly failedAttempts: number | null;
  /** Why failedAttempts is null; null where it is not. */
  readonly failedAttemptsNote: string | null;
  /** What `liquidatorSpeeds` needs to rank the same liquidations. */
  readonly scope: SpeedScope;
}

/** One liquidation with the money of its transaction. */
interface Costed {
  readonly row: Row;
  readonly paid: bigint | null;
  /** USD 1e30 of the whole transaction. */
  readonly gasUsd: bigint | null;
}

/**
 * Who liquidates, who is paid for it, and what it leaves (analytics G1–G3, G5).
 * @throws UsageError on an unknown block, or above MAX_LIQUIDATOR_ROWS liquidations.
 */
export async function liquidators(
  { reader }: Snapshot,
  request: LiquidatorsRequest,
): Promise<Liquidators> {
  const { source, market } = request;
  const asOf = await resolveBlock(reader, source, request.atBlock);
  const from = request.from ?? 0;
  const to = request.to ?? Number.MAX_SAFE_INTEGER;
  const scope = { chainId: source.chainId, block: asOf.block };
  const rows = await liquidatorsQuery.run(reader, {
    ...scope,
    market: market?.market ?? '',
    venue: market?.venue ?? '',
    fromTime: from,
    toTime: to,
    limit: MAX_LIQUIDATOR_ROWS + 1,
  });
  if (rows.length > MAX_LIQUIDATOR_ROWS) {
    throw new UsageError('That window holds too many liquidations.', {
      facts: { limit: MAX_LIQUIDATOR_ROWS },
      remedy: 'Narrow from and to.',
    });
  }
  const [prices, flaggers, failed] = await Promise.all([
    readNativePrices(
      reader,
      source,
      rows.map((row) => row.block_number),
    ),
    readFlaggers(reader, scope, rows),
    readFailed(reader, scope, rows),
  ]);
  const costed = rows.map((row) => costOf(row, prices));
  const found = sumBySender(costed, flaggers, failed);
  const counts = found.filter((one) => one.count > 0);
  return {
    provenance: makeProvenance({
      source,
      query: METHOD,
      parameters: { market: market ? idOfMarket(market) : null, from, to },
      asOf,
      basis: 'DERIVED',
      method: METHOD,
      version: '1',
      caveats: [
        SENDERS,
        L1_FEES,
        ...(prices === null ? [NO_NATIVE_PRICE] : []),
        ...(failed === null ? [NO_FAILED] : []),
      ],
    }),
    marketId: market ? idOfMarket(market) : null,
    count: rows.length,
    liquidators: found,
    byNotional: concentrationOf([...notionals(rows).values()]),
    byCount: concentrationOf(counts.map((one) => BigInt(one.count))),
    penaltyRecipients: penaltyRecipients([...new Set(rows.map((row) => row.liquidation_venue))]),
    failedAttempts: failed === null ? null : [...failed.values()].reduce((sum, n) => sum + n, 0),
    failedAttemptsNote: failed === null ? NO_FAILED : null,
    scope: { markets: marketsOf(source, rows), from, to, block: asOf.block },
  };
}

function marketsOf(source: Source, rows: readonly Row[]): MarketRef[] {
  const markets = rows.map(({ liquidation_venue: venue, liquidation_market: market }) => ({
    source,
    venue,
    market,
  }));
  return [...new Map(markets.map((one) => [idOfMarket(one), one])).values()];
}

function notionals(rows: readonly Row[]): Map<string, bigint> {
  const sums = new Map<string, bigint>();
  for (const row of rows) {
    sums.set(row.liquidator, (sums.get(row.liquidator) ?? 0n) + row.closed_size_usd);
  }
  return sums;
}

function costOf(row: Row, priceAt: NativePrice | null): Costed {
  const price = priceAt?.(row.block_number) ?? null;
  return {
    row,
    paid: paidToSender(row.liquidation_venue, { liquidatorFee: row.liquidator_fee }),
    gasUsd: price === null || !row.has_cost ? null : usdOfWei(row.gas_wei, price),
  };
}

interface Flag {
  readonly flagger: string;
  readonly paid: bigint | null;
}

/** Who flagged each of the liquidated positions last before its end, with its fee. */
async function readFlaggers(
  reader: Reader,
  scope: { readonly chainId: number; readonly block: number },
  rows: readonly Row[],
): Promise<Flag[]> {
  if (rows.length === 0) return [];
  const keys = [...new Set(rows.map((row) => row.position_key))];
  const flags = await flaggersQuery.run(reader, { ...scope, keys });
  return rows.flatMap((row) => {
    const last = flags.findLast(
      (one) => one.position_key === row.position_key && one.block_number <= row.block_number,
    );
    const paid = paidToFlagger(row.liquidation_venue, { flaggerFee: row.flagger_fee });
    return last ? [{ flagger: last.flagger, paid }] : [];
  });
}

/** Failed transactions by liquidator; null where no failed transaction of the chain is indexed. */
async function readFailed(
  reader: Reader,
  scope: { readonly chainId: number; readonly block: number },
  rows: readonly Row[],
): Promise<ReadonlyMap<string, number> | null> {
  const found = await failedQuery.run(reader, {
    ...scope,
    senders: [...new Set(rows.map((row) => row.liquidator))],
    targets: [...new Set(rows.map((row) => row.target))],
  });
  const indexed = found.find(({ sender }) => sender === '')?.failed ?? 0;
  if (indexed === 0) return null;
  return new Map(
    found.filter(({ sender }) => sender !== '').map((one) => [one.sender, one.failed]),
  );
}

function sumBySender(
  costed: readonly Costed[],
  flags: readonly Flag[],
  failed: ReadonlyMap<string, number> | null,
): Liquidator[] {
  const total = costed.reduce((sum, { row }) => sum + row.closed_size_usd, 0n);
  const addresses = new Set([
    ...costed.map(({ row }) => row.liquidator),
    ...flags.map(({ flagger }) => flagger),
  ]);
  return [...addresses]
    .map((address) => {
      const own = costed.filter(({ row }) => row.liquidator === address);
      const flagged = flags.filter(({ flagger }) => flagger === address);
      const size = own.reduce((sum, { row }) => sum + row.closed_size_usd, 0n);
      const share = total === 0n ? 0 : Number(size) / Number(total);
      return { size, liquidator: toLiquidator(address, own, flagged, { size, share, failed }) };
    })
    .sort((a, b) => Number(b.size > a.size) - Number(b.size < a.size) || compare(a, b))
    .map(({ liquidator }) => liquidator);
}

function compare(
  a: { readonly liquidator: Liquidator },
  b: { readonly liquidator: Liquidator },
): number {
  return a.liquidator.address < b.liquidator.address ? -1 : 1;
}

function toLiquidator(
  address: string,
  own: readonly Costed[],
  flagged: readonly Flag[],
  of: {
    readonly size: bigint;
    readonly share: number;
    readonly failed: ReadonlyMap<string, number> | null;
  },
): Liquidator {
  const transactions = new Map(own.map((one) => [one.row.transaction_hash, one]));
  const each = [...transactions.values()];
  const paid = sumOrNull(own.map((one) => one.paid));
  const flagPaid = sumOrNull(flagged.map((one) => one.paid));
  const gasUsd = sumOrNull(each.map((one) => one.gasUsd));
  const gasWei = sumOrNull(each.map(({ row }) => (row.has_cost ? row.gas_wei : null)));
  return {
    address,
    count: own.length,
    flagCount: flagged.length,
    transactions: transactions.size,
    closedSizeUsd: usdText(of.size),
    share: of.share,
    penaltyUsd: usdText(own.reduce((sum, { row }) => sum + row.penalty_usd, 0n)),
    paidUsd: paid === null || flagPaid === null ? null : usdText(paid + flagPaid),
    gasWei: gasWei?.toString() ?? null,
    gasUsd: gasUsd === null ? null : usdText(gasUsd),
    netUsd: paid === null || gasUsd === null ? null : usdText(paid - gasUsd),
    unprofitableCount: unprofitable(own),
    failedAttempts: of.failed === null ? null : (of.failed.get(address) ?? 0),
  };
}

/** A transaction with several liquidations counts its gas against each: a bound from above. */
function unprofitable(own: readonly Costed[]): number | null {
  let n = 0;
  for (const { paid, gasUsd } of own) {
    if (paid === null || gasUsd === null) return null;
    if (paid < gasUsd) n += 1;
  }
  return n;
}

function sumOrNull(values: readonly (bigint | null)[]): bigint | null {
  let sum = 0n;
  for (const value of values) {
    if (value === null) return null;
    sum += value;
  }
  return sum;
}
