import type { ReferenceFact } from '../protocol-adapter.ts';
import { MAINNET_TOKENS } from './data/mainnet-tokens.ts';
import { DEPLOYMENTS } from './deployments.ts';

const SILENT_PARAMETERS =
  'maxLeverage, liquidationFeeUsd, marginFeeBasisPoints, fundingInterval, fundingRateFactor, ' +
  'stableFundingRateFactor, minProfitTime, minProfitBasisPoints, spreadBasisPoints';

/** What is known of GMX V1 on a public chain, and what follows from what is not. */
export function knownOn(chainId: number): readonly ReferenceFact[] {
  const deployment = DEPLOYMENTS.find((one) => one.chainId === chainId);
  if (!deployment) return [];
  const tokens = MAINNET_TOKENS.get(chainId) ?? [];
  const stable = tokens.filter((token) => token.isStable).length;
  return [
    {
      subject: `Vault ${deployment.vault}`,
      isKnown: true,
      text: `from block ${deployment.firstBlock}; prices from FastPriceEvents ${deployment.priceEvents}`,
    },
    {
      subject: 'markets and tokens',
      isKnown: true,
      text: `${tokens.length - stable} index tokens, ${stable} stable ones (list of 2025-07-21); tokens taken off before are unknown`,
    },
    {
      subject: 'risk parameters',
      isKnown: false,
      text: `${SILENT_PARAMETERS}: the Vault sets them without events, so margins are refused and fees are not told apart`,
    },
    {
      subject: 'price in force',
      isKnown: false,
      text: "the Vault's price is the keeper's bounded by Chainlink (VaultPriceFeed, FastPriceFeed), with spreads that no event states: only the keeper's price is kept",
    },
    {
      subject: 'liquidations for excess leverage',
      isKnown: true,
      text: `told from closes by sender, PositionRouter ${deployment.positionRouters.join(', ')} and OrderBook ${deployment.orderBooks.join(', ')}; a close by a contract account through Router itself would be taken for one`,
    },
  ];
}
