/** Where the classes of notional begin, in whole USD, unless somebody asks for others; the first begins at 0. */
export const SIZE_CLASS_BOUNDS_USD = [1_000, 10_000, 100_000, 1_000_000, 10_000_000] as const;
