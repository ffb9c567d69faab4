/** Who gets a share of what a liquidation takes, by the venue's contracts. */
export interface PenaltyRecipient {
  readonly venue: string;
  readonly recipient: string;
  /** Whether it is whoever sends the liquidating (or flagging) transaction. */
  readonly isSender: boolean;
  readonly description: string;
}

/** From the venues' contracts; a venue that is not listed has logs that name no recipient we read. */
const RECIPIENTS: readonly PenaltyRecipient[] = [
  {
    venue: 'gmx-v2',
    recipient: 'POOL',
    isSender: false,
    description:
      'The liquidation fee goes to the pool and the fee receiver. Liquidating is reserved to keepers with a role; the order’s execution fee is 0, so the keeper earns nothing in the transaction.',
  },
  {
    venue: 'gmx-v1',
    recipient: 'FEE_RECEIVER',
    isSender: false,
    description:
      'The liquidation fee goes to the receiver that the caller names. Liquidating is reserved to liquidators with a role; whether the receiver is the sender is in no log of it.',
  },
  {
    venue: 'synthetix-v2',
    recipient: 'FLAGGER',
    isSender: true,
    description: 'flaggerFee: a share of the notional within bounds, for whoever flags first.',
  },
  {
    venue: 'synthetix-v2',
    recipient: 'LIQUIDATOR',
    isSender: true,
    description:
      'liquidatorFee: a fixed sum for whoever liquidates the flagged position; nothing for a forced liquidation by the owner of the market or an endorsed keeper.',
  },
  {
    venue: 'synthetix-v2',
    recipient: 'STAKERS',
    isSender: false,
    description: 'stakersFee: what is left of the margin.',
  },
];

export function penaltyRecipients(venues: readonly string[]): PenaltyRecipient[] {
  return RECIPIENTS.filter(({ venue }) => venues.includes(venue));
}

/** sUSD has 18 decimals: USD 1e30 = sUSD × 10^12. */
const SUSD_TO_USD = 1_000_000_000_000n;

/**
 * What the logs of a liquidation say that its sender was paid in the transaction, USD 1e30; null where
 * they do not tell.
 */
export function paidToSender(
  venue: string,
  fees: { readonly liquidatorFee: string },
): bigint | null {
  if (venue === 'gmx-v2') return 0n;
  if (venue !== 'synthetix-v2' || !/^\d+$/.test(fees.liquidatorFee)) return null;
  return BigInt(fees.liquidatorFee) * SUSD_TO_USD;
}

/** What its flagger gets, once the position is liquidated. */
export function paidToFlagger(venue: string, fees: { readonly flaggerFee: string }): bigint | null {
  if (venue !== 'synthetix-v2' || !/^\d+$/.test(fees.flaggerFee)) return null;
  return BigInt(fees.flaggerFee) * SUSD_TO_USD;
}
