import type { AbiEvent } from 'viem';
import { describe } from 'vitest';
import * as declared from '../../../../indexer/protocols/synthetix-bfp/events.ts';
import { synthetixBfp } from '../../../../indexer/protocols/synthetix-bfp/index.ts';
import { describeEventVersions } from '../../../contracts/event-versions.contract.ts';
import { manifestWith, PROXY } from './made-up-market.ts';

const { IGNORED_EVENTS, ...read } = declared;
const events: readonly AbiEvent[] = [...Object.values(read), ...IGNORED_EVENTS];

describe('synthetix-bfp', () => {
  describeEventVersions({
    adapter: synthetixBfp,
    context: { chainId: 31337, chain: 'bfp-made-up', manifest: manifestWith() },
    addressOf: () => PROXY,
    events,
    ownsContracts: true,
  });
});
