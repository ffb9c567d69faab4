import { parseAbiItem } from 'viem/utils';

/*
 * chronicleprotocol/scribe 12ff06ca, src/IScribe.sol and src/IScribeOptimistic.sol. `val` has 18
 * decimals; `age` is the time of the signed value. What the contract stores as age is the block's time.
 */
export const poked = parseAbiItem('event Poked(address indexed caller, uint128 val, uint32 age)');

/** Accepted on one signature; a challenge may still drop it. */
export const opPoked = parseAbiItem(
  'event OpPoked(address indexed caller, address indexed opFeed, (bytes32 signature, address commitment, bytes feedIds) schnorrData, (uint128 val, uint32 age) pokeData)',
);
