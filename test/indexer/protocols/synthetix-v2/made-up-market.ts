import { synthetixV2 } from '../../../../indexer/protocols/synthetix-v2/index.ts';
import type { DomainEvent } from '../../../../schema/events/domain-event.ts';
import { batchOf, type EncodedLog } from '../../../fixtures/encoded-logs.ts';

/** sETHPERP on Optimism; its feed has 8 decimals. */
export const MARKET = '0x2b3bb4c683bfc5239b029131eef3b1d214478d93';
export const SETTINGS = '0x649f44cac3276557d03223dbf6395af65b11c11c';
export const MANAGER = '0xdb89f3fc45a707dd49781495f77f8ae69bf5ca6e';
export const ACCOUNT = `0x${'ab'.repeat(20)}`;
export const KEEPER = `0x${'cd'.repeat(20)}`;
export const POSITION = `${MARKET}${ACCOUNT.slice(2)}`;
export const UNIT = 10n ** 18n;
export const USD = 10n ** 30n;

/** Text as the contracts hold it: ASCII in a bytes32, padded with zeros. */
export function bytes32(text: string): `0x${string}` {
  return `0x${Buffer.from(text, 'ascii').toString('hex').padEnd(64, '0')}`;
}

export const NO_TRACKING = bytes32('');

/** What a fresh reader of Optimism makes of the logs, and why it refused others. */
export function read(logs: readonly EncodedLog[]): {
  readonly events: readonly DomainEvent[];
  readonly refused: readonly string[];
} {
  const reader = synthetixV2.readerFor({ chainId: 10, chain: 'optimism', manifest: null });
  if (!reader) throw new Error('no reader');
  const { events, deadLetters } = reader.normalize(batchOf(10, logs), new Map());
  return { events, refused: deadLetters.map(({ reason }) => reason) };
}

/** The same, of logs that must all be readable. */
export function eventsOf(logs: readonly EncodedLog[]): readonly DomainEvent[] {
  const { events, refused } = read(logs);
  if (refused.length > 0) throw new Error(refused.join('; '));
  return events;
}
