/** What the Vault keeps of one collateral token, whatever the index: amounts in its base units. */
export interface CollateralPool {
  /** cumulativeFundingRates, 1e6 = 100 %. */
  readonly cumulativeFundingRate: bigint;
  /** Unix seconds of the last accrual, not yet rounded down to an interval; null = never used. */
  readonly accruedAt: number | null;
  readonly poolAmount: bigint;
  readonly reservedAmount: bigint;
  /**
   * False once a logged rate differs from the one that our amounts give: they do not go back to the
   * Vault's beginning, so that no rate can be projected from them.
   */
  readonly isComplete: boolean;
}

export const UNUSED_POOL: CollateralPool = {
  cumulativeFundingRate: 0n,
  accruedAt: null,
  poolAmount: 0n,
  reservedAmount: 0n,
  isComplete: true,
};
