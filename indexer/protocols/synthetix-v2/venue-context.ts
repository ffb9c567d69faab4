import type { Details } from '../../../schema/events/place.ts';
import { type ContractLog, type ContractTransaction, siblings } from '../abi/contract-logs.ts';
import { magnitude, valueUsd } from './amounts.ts';
import type { Deployment } from './contracts.ts';
import { fundingRecomputed } from './events.ts';
import type { LastPositions, StoredPosition } from './last-positions.ts';
import type { SynthetixMarket } from './optimism-markets.ts';
import { checkWidths } from './stored-widths.ts';

/** What the handlers of one chain share. */
export interface VenueContext {
  readonly deployment: Deployment;
  readonly marketByAddress: ReadonlyMap<string, SynthetixMarket>;
  /** By `keyBytes32`. */
  readonly marketByKey: ReadonlyMap<string, SynthetixMarket>;
  readonly positions: LastPositions;
}

/**
 * The contracts know one position for each market and account: its key is the market's address
 * followed by the account's, 0x and 80 hex digits.
 */
export function positionKeyOf(market: string, account: string): string {
  return `${market}${account.slice(2)}`;
}

/** Decimals of the prices in our events: the feed's; all 18 where the feed is not known. */
export function priceDecimalsOf(context: VenueContext, market: string): number {
  return context.marketByAddress.get(market)?.aggregatorDecimals ?? 18;
}

/**
 * The entry of the funding sequence that a position is stored with: recomputed in its transaction,
 * or the entry it already had (flagging returns an old order's deposit without a new entry).
 */
export function fundingEntryAt(
  { transaction, address }: ContractLog,
  index: bigint,
  before: StoredPosition | null,
): bigint | null {
  const recomputed = recomputations(transaction, address).find((log) => log.args.index === index);
  if (recomputed) return recomputed.args.funding;
  return before?.fundingIndex === index ? before.fundingEntry : null;
}

/** The last entry recomputed in the transaction before the log; null where there is none. */
export function latestFundingEntry({ transaction, address, place }: ContractLog): bigint | null {
  const earlier = recomputations(transaction, address).filter(
    (log) => log.place.logIndex < place.logIndex,
  );
  return earlier.at(-1)?.args.funding ?? null;
}

function recomputations(transaction: ContractTransaction, address: string) {
  const ours = siblings(transaction, fundingRecomputed).filter((log) => log.address === address);
  for (const { args } of ours) checkWidths(args);
  return ours;
}

type Argument = string | number | bigint | boolean | null | undefined;

/** What a log said under its own names: integers as decimal text; null and absent are left out. */
export function detailsOf(values: Readonly<Record<string, Argument>>): Details {
  const details: Record<string, string | boolean> = {};
  for (const [name, value] of Object.entries(values)) {
    if (value === null || value === undefined) continue;
    details[name] = typeof value === 'boolean' ? value : String(value);
  }
  return details;
}

/** `tradeValueUsd`: size traded × price of the trade, USD 1e30, without sign; none of no trade. */
export function tradeValue(sizeDelta: bigint, price: bigint): Details {
  if (sizeDelta === 0n) return {};
  return { tradeValueUsd: valueUsd(magnitude(sizeDelta), price).toString() };
}
