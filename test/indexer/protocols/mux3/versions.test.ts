import type { AbiEvent } from 'viem';
import { describe } from 'vitest';
import * as declared from '../../../../indexer/protocols/mux3/events.ts';
import { mux3 } from '../../../../indexer/protocols/mux3/index.ts';
import { describeEventVersions } from '../../../contracts/event-versions.contract.ts';

const { IGNORED_EVENTS, ...read } = declared;
const events: readonly AbiEvent[] = [...Object.values(read), ...IGNORED_EVENTS];

describe('mux3', () => {
  describeEventVersions({
    adapter: mux3,
    context: { chainId: 42161, chain: 'arbitrum', manifest: null },
    addressOf: () => '0x85c8f4a67f4f9ad7b38e875c8fede7f4c878bfac',
    events,
    ownsContracts: true,
  });
});
