import type { ReferenceFact } from '../protocol-adapter.ts';
import { DEPLOYMENTS } from './contracts.ts';

/** What is known and what is missing, for `bulkhead doctor`. */
export function referenceFacts(chainId: number): readonly ReferenceFact[] {
  const deployment = DEPLOYMENTS.find((candidate) => candidate.chainId === chainId);
  if (!deployment) return [];
  const contracts = deployment.contracts.map(({ role, address, source }) => ({
    subject: `${role} ${address}`,
    isKnown: true,
    text: source,
  }));
  return [...contracts, ...FACTS];
}

const FACTS: readonly ReferenceFact[] = [
  {
    subject: 'liqThreshold',
    isKnown: true,
    text: '85 % of the collateral lost, from what the published builds of PairInfos set (2024-02-25, 2025-01-10); LiqThresholdUpdated overrules it. The public source says 90 and is older.',
  },
  {
    subject: 'pairs',
    isKnown: true,
    text: 'Names come from PairAdded and PairDataUpdated: no list of the venue’s own is public.',
  },
  {
    subject: 'first blocks',
    isKnown: false,
    text: 'No source states when the contracts were deployed: the chain is read from block 0.',
  },
  {
    subject: 'rollover between two trades of a pair',
    isKnown: false,
    text: 'It grows by block with the utilization of the whole vault, which no event states: an assessment counts it up to the pair’s last stored accumulator, so equity may be too high by what grew since.',
  },
  {
    subject: 'funding fees of the 2026 contracts',
    isKnown: false,
    text: 'The SDK of 2026 subtracts one; neither source nor event form is public, so it is not counted. Logs of unknown forms are dead letters that name their topic.',
  },
  {
    subject: 'observation time of prices',
    isKnown: false,
    text: 'PriceReceived has none; Pyth’s PriceFeedUpdate of the same transaction has its publish time.',
  },
];
