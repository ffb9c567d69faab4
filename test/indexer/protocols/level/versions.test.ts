import type { AbiEvent } from 'viem';
import { describe } from 'vitest';
import * as declared from '../../../../indexer/protocols/level/events.ts';
import { level } from '../../../../indexer/protocols/level/index.ts';
import { describeEventVersions } from '../../../contracts/event-versions.contract.ts';

const POOL = `0x${'a1'.repeat(20)}`;
const { IGNORED_EVENTS, ...read } = declared;
const events: readonly AbiEvent[] = [...Object.values(read), ...IGNORED_EVENTS];

describe('level', () => {
  describeEventVersions({
    adapter: level,
    context: {
      chainId: 56,
      chain: 'level-made-up',
      manifest: {
        name: 'level-made-up',
        chainId: 56,
        chain: 'level-made-up',
        fromBlock: 0,
        toBlock: 1_000_000,
        description: 'Encoded for the tests.',
        provenance: 'Made by the tests.',
        synthetic: true,
        protocols: { level: { pool: POOL } },
      },
    },
    addressOf: () => POOL,
    events,
    ownsContracts: true,
  });
});
