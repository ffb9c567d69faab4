import type { AbiEvent } from 'viem';
import { synthetixV2 } from '../../../../indexer/protocols/synthetix-v2/index.ts';
import { synthetixV2Rules } from '../../../../margin/rules/synthetix-v2/rules.ts';
import type { VenueRules } from '../../../../margin/venue-rules.ts';
import { abiOf, describeEventVersions } from '../../../contracts/event-versions.contract.ts';
import { describeProtocolAdapter } from '../../../contracts/protocol-adapter.contract.ts';

describeProtocolAdapter(
  synthetixV2,
  ['archives/synthetix-v2-crash-2023-08-17'],
  synthetixV2Rules as VenueRules,
);

const MARKET = '0x2b3bb4c683bfc5239b029131eef3b1d214478d93';
const SETTINGS = '0x649f44cac3276557d03223dbf6395af65b11c11c';

describeEventVersions({
  adapter: synthetixV2,
  context: { chainId: 10, chain: 'optimism', manifest: null },
  events: abiOf('synthetix-perps-v2'),
  addressOf: ({ name }: AbiEvent) => (name.endsWith('Updated') ? SETTINGS : MARKET),
  ownsContracts: true,
});
