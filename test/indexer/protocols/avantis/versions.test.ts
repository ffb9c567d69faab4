import type { AbiEvent } from 'viem';
import { toEventSelector } from 'viem';
import { describe, expect, it } from 'vitest';
import * as declared from '../../../../indexer/protocols/avantis/events.ts';
import { ignoredEvents } from '../../../../indexer/protocols/avantis/ignored-events.ts';
import { avantis } from '../../../../indexer/protocols/avantis/index.ts';
import { abiOf, describeEventVersions } from '../../../contracts/event-versions.contract.ts';

const known: readonly AbiEvent[] = [...Object.values(declared), ...ignoredEvents];

describeEventVersions({
  adapter: avantis,
  context: { chainId: 8453, chain: 'base', manifest: null },
  addressOf: () => '0x0c16ff40065cc3ab4bc55b60e447504afb9c7970',
  events: known,
  ownsContracts: true,
});

describe('avantis: declared events', () => {
  it.each(abiOf('avantis'))('has the version of $name that the reference ABI has', (event) => {
    const indexed = event.inputs.filter((input) => input.indexed).length;
    const same = known.filter(
      (one) =>
        toEventSelector(one) === toEventSelector(event) &&
        one.inputs.filter((input) => input.indexed).length === indexed,
    );
    expect(same).toHaveLength(1);
  });
});
