import type { ReferenceFact } from '../protocol-adapter.ts';
import { DEPLOYMENTS } from './contracts.ts';
import { PUBLISHED_PAIRS } from './pairs.ts';

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
    subject: 'pairs',
    isKnown: true,
    text: `${PUBLISHED_PAIRS.length} of May 2025 (0xOstium/ostium-python-sdk@6e65aef:README.md); later ones from PairAdded`,
  },
  {
    subject: 'liqMarginThresholdP',
    isKnown: true,
    text: 'Every value since version 1.2.3 has an event (LiqMarginThresholdPUpdated).',
  },
  {
    subject: 'maxLeverage',
    isKnown: false,
    text: 'Known for pairs that PairMaxLeverageUpdated named. 0 there means the limit of the pair’s group, which no event states (groupMaxLeverage of a manifest): without it a margin of that pair is an error.',
  },
  {
    subject: 'rollover',
    isKnown: true,
    text: 'Grows by block at a rate that has events: exact at a block; where only a time is given it ends at the pair’s last stored accumulator.',
  },
  {
    subject: 'funding between two trades of a pair',
    isKnown: false,
    text: 'Follows the open interest by a curve whose state no event states: an assessment counts it up to the pair’s last stored accumulator, so equity is off by what grew since.',
  },
  {
    subject: 'contracts after about 2025-10',
    isKnown: false,
    text: 'Their source is not public. Forms seen on chain are read; others become dead letters that name their topic. The rules are those of version 1.2.4.',
  },
  {
    subject: 'observation time of prices',
    isKnown: false,
    text: 'PriceReceived has none. The price was valid at the time PriceRequested asks for (requestedAt of the order).',
  },
  {
    subject: 'first blocks',
    isKnown: false,
    text: 'No source states when the contracts were deployed: the chain is read from block 0.',
  },
];
