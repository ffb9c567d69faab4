import type { AbiEvent } from 'viem';
import { toEventSelector } from 'viem';
import { describe, expect, it } from 'vitest';
import * as declared from '../../../../indexer/protocols/ostium/events.ts';
import { ignoredEvents } from '../../../../indexer/protocols/ostium/ignored-events.ts';
import { ostium } from '../../../../indexer/protocols/ostium/index.ts';
import * as orderEvents from '../../../../indexer/protocols/ostium/order-events.ts';
import { abiOf, describeEventVersions } from '../../../contracts/event-versions.contract.ts';

const known: readonly AbiEvent[] = [
  ...Object.values(declared),
  ...Object.values(orderEvents),
  ...ignoredEvents,
];

describeEventVersions({
  adapter: ostium,
  context: { chainId: 42161, chain: 'arbitrum', manifest: null },
  addressOf: () => '0x7720fc8c8680bf4a1af99d44c6c265a74e9742a9',
  events: known,
  ownsContracts: true,
});

describe('ostium: declared events', () => {
  it.each(abiOf('ostium'))('has the version of $name that the reference ABI has', (event) => {
    const indexed = event.inputs.filter((input) => input.indexed).length;
    const same = known.filter(
      (one) =>
        toEventSelector(one) === toEventSelector(event) &&
        one.inputs.filter((input) => input.indexed).length === indexed,
    );
    expect(same).toHaveLength(1);
  });
});
