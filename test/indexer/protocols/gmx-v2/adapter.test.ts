import { gmxV2 } from '../../../../indexer/protocols/gmx-v2/index.ts';
import { describeProtocolAdapter } from '../../../contracts/protocol-adapter.contract.ts';
import { GMX_V2_ARCHIVES } from '../../../fixtures/gmx-v2/archives.ts';

describeProtocolAdapter(gmxV2, GMX_V2_ARCHIVES);
