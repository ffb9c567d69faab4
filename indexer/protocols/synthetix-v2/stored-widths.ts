import { DecodeError } from '../abi/decode-error.ts';

/**
 * Events declare 256 bits for what the contracts store in 128 (contracts/PerpsV2MarketState.sol): a
 * wider value is none of theirs, and would leave the range of our own columns. Unix seconds and
 * indexes fit in 40 and 64 bits. Any argument not named here has no arithmetic done on it.
 */
const WIDTHS: Readonly<Record<string, number>> = {
  margin: 128,
  size: 128,
  tradeSize: 128,
  lastPrice: 128,
  fee: 128,
  skew: 128,
  price: 128,
  flaggerFee: 128,
  liquidatorFee: 128,
  stakersFee: 128,
  marginDelta: 128,
  funding: 128,
  fundingRate: 128,
  sizeDelta: 128,
  timestamp: 40,
  intentionTime: 40,
};

/** @throws DecodeError naming the argument that is too wide. */
export function checkWidths(args: unknown): void {
  for (const [name, value] of Object.entries(args as Readonly<Record<string, unknown>>)) {
    const bits = WIDTHS[name];
    if (bits === undefined || typeof value !== 'bigint') continue;
    if (value >= 2n ** BigInt(bits) || value < -(2n ** BigInt(bits - 1))) {
      throw new DecodeError(`${name} is wider than ${bits} bits`);
    }
  }
}
