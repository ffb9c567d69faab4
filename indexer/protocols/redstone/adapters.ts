/**
 * RedStone's multi-feed adapters of a public chain: redstone-finance/redstone-oracles-monorepo
 * b9dea4ff41715340cf1a299c4ed421e1ec1908bf (2026-08-22),
 * packages/relayer-remote-config/main/relayer-manifests-multi-feed/*.json (`adapterContract`). It states
 * no first blocks, and no adapters that were replaced before.
 */
export const ADAPTERS: readonly {
  readonly chainId: number;
  readonly chain: string;
  readonly adapters: readonly string[];
}[] = [
  {
    chainId: 1,
    chain: 'ethereum',
    adapters: [
      '0xd72a6ba4a87ddb33e801b3f1c7750b2d0911fc6c',
      '0x5232974bcd5a3ffe41478736bb8b0e760130c800',
    ],
  },
  {
    chainId: 10,
    chain: 'optimism',
    adapters: ['0x70773ffce3903a99c9ed7ac48e110c3540d8cc3c'],
  },
  {
    chainId: 56,
    chain: 'bsc',
    adapters: [
      '0x97c19d3ae8e4d74e25ef3aff3a277fb614ed76d4',
      '0x29d295409d5a20b2c851df18054d32a442791346',
    ],
  },
  { chainId: 137, chain: 'polygon', adapters: ['0xcdc943eb780b66d4fecb019b041413a5a5188791'] },
  {
    chainId: 4326,
    chain: 'megaeth',
    adapters: [
      '0x57677bdc4f24d5c08ddce87e06670c26a00cac0b',
      '0x5ed849a45b4608952161f45483f4b95bcea7f8f0',
      '0x897a33a0af45b3ba097bd6045187d622252e6acd',
    ],
  },
  { chainId: 5000, chain: 'mantle', adapters: ['0xd9a66ff1d660ad943f48e9c606d09ea672f312e8'] },
  { chainId: 8453, chain: 'base', adapters: ['0xb81131b6368b3f0a83af09db4e39ac23da96c2db'] },
  { chainId: 42161, chain: 'arbitrum', adapters: ['0x89e60b56efd70a1d4fbbae947bc33cae41e37a72'] },
  { chainId: 43114, chain: 'avalanche', adapters: ['0x3587a73aa02519335a8a6053a97657bece0bc2cc'] },
  { chainId: 59144, chain: 'linea', adapters: ['0x5c4c8d6f6bf79b718f3e8399aabdfed01cb7e48f'] },
  { chainId: 534352, chain: 'scroll', adapters: ['0x4aaf2844c5420bf979d5bc2cf883ef02db07e590'] },
];
