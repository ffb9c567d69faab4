import type { AbiEvent } from 'viem';
import { parseAbiItem, toEventSelector } from 'viem';
import { describe, expect, it } from 'vitest';
import otherEvents from '../../../../indexer/protocols/gtrade/data/other-events.json' with {
  type: 'json',
};
import * as executions from '../../../../indexer/protocols/gtrade/execution-events.ts';
import * as fees from '../../../../indexer/protocols/gtrade/fee-events.ts';
import { gtrade } from '../../../../indexer/protocols/gtrade/index.ts';
import * as markets from '../../../../indexer/protocols/gtrade/market-events.ts';
import * as oracles from '../../../../indexer/protocols/gtrade/oracle-events.ts';
import * as orders from '../../../../indexer/protocols/gtrade/order-events.ts';
import * as trades from '../../../../indexer/protocols/gtrade/trade-events.ts';
import { abiOf, describeEventVersions } from '../../../contracts/event-versions.contract.ts';

const DIAMOND = '0xff162c694eaa571f685030649814282ea457f169';
const key = (event: AbiEvent) =>
  `${toEventSelector(event)}/${event.inputs.filter((input) => input.indexed).length}`;
const read = [trades, executions, fees, oracles, markets, orders]
  .flatMap((events) => Object.values(events))
  .flat() as AbiEvent[];
const published = abiOf('gains', 'gains-alt-indexing');
const all = new Map(
  [...published, ...read].map((event) => [event.name + JSON.stringify(event.inputs), event]),
);

describeEventVersions({
  adapter: gtrade,
  context: { chainId: 42161, chain: 'arbitrum', manifest: null },
  addressOf: () => DIAMOND,
  events: [...all.values()],
  ownsContracts: true,
});

describe('the events of the diamond', () => {
  it('are written as the published ABIs have them', () => {
    const known = new Set(read.map(key));
    expect(published.length).toBe(53);
    expect(published.filter((event) => !known.has(key(event)))).toEqual([]);
  });

  it('differ by topic and number of topics from those that are ignored', () => {
    const ignored = otherEvents.events.map((text) => key(parseAbiItem(text) as AbiEvent));
    const ours = [...new Set(read.map(key))];
    expect(new Set([...ignored, ...ours]).size).toBe(ignored.length + ours.length);
    expect(ignored).toHaveLength(164);
  });
});
