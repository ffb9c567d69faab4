import type { Pair } from './market-events.ts';

/**
 * Pairs of the mainnet as of May 2025: 0xOstium/ostium-python-sdk@6e65aef:README.md, "List of available
 * pairs (Mainnet)". Later pairs come from PairAdded.
 */
const NAMES: readonly (readonly [from: string, to: string])[] = [
  ['BTC', 'USD'],
  ['ETH', 'USD'],
  ['EUR', 'USD'],
  ['GBP', 'USD'],
  ['USD', 'JPY'],
  ['XAU', 'USD'],
  ['HG', 'USD'],
  ['CL', 'USD'],
  ['XAG', 'USD'],
  ['SOL', 'USD'],
  ['SPX', 'USD'],
  ['DJI', 'USD'],
  ['NDX', 'USD'],
  ['NIK', 'JPY'],
  ['FTSE', 'GBP'],
  ['DAX', 'EUR'],
  ['USD', 'CAD'],
  ['USD', 'MXN'],
  ['NVDA', 'USD'],
  ['GOOG', 'USD'],
  ['AMZN', 'USD'],
  ['META', 'USD'],
  ['TSLA', 'USD'],
  ['AAPL', 'USD'],
  ['MSFT', 'USD'],
];

export const PUBLISHED_PAIRS: readonly Pair[] = NAMES.map(([from, to], index) => ({
  index,
  from,
  to,
}));
