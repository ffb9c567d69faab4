import { describe } from 'vitest';
import * as events from '../../../../indexer/protocols/gmx-v1/events.ts';
import { gmxV1 } from '../../../../indexer/protocols/gmx-v1/index.ts';
import { gmxV1Rules } from '../../../../margin/rules/gmx-v1/rules.ts';
import type { VenueRules } from '../../../../margin/venue-rules.ts';
import { describeEventVersions } from '../../../contracts/event-versions.contract.ts';
import { describeProtocolAdapter } from '../../../contracts/protocol-adapter.contract.ts';

const ARBITRUM = { chainId: 42161, chain: 'arbitrum', manifest: null };
const VAULT = '0x489ee077994b6658eafa855c308275ead8097c4a';
const ELSEWHERE: Readonly<Record<string, string>> = {
  PriceUpdate: '0x4530b7de1958270a2376be192a24175d795e1b07',
  SetPrice: '0x73fe72c9caa0faf0e488570d5898984783e728df',
  ExecuteDecreasePosition: '0xb87a436b93ffe9d75c5cfa7bacfff96430b09868',
  ExecuteDecreaseOrder: '0x09f77e8a13de9a35a7231028187e9fd5db8a2acb',
};

describe('gmx-v1', () => {
  describeProtocolAdapter(gmxV1, ['archives/gmx-v1-crash-scenario'], gmxV1Rules as VenueRules);
  describeEventVersions({
    adapter: gmxV1,
    context: ARBITRUM,
    addressOf: (event) => ELSEWHERE[event.name] ?? VAULT,
    events: events.gmxV1Events,
    ownsContracts: true,
  });
});
