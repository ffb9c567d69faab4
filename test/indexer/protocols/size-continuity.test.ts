import { describe, expect, it } from 'vitest';
import { gmxV1 } from '../../../indexer/protocols/gmx-v1/index.ts';
import { gmxV2 } from '../../../indexer/protocols/gmx-v2/index.ts';
import type { ProtocolAdapter } from '../../../indexer/protocols/protocol-adapter.ts';
import { synthetixV2 } from '../../../indexer/protocols/synthetix-v2/index.ts';
import type { PositionEvent } from '../../../schema/events/position.ts';
import {
  readArchiveLogs,
  readArchiveManifest,
  readArchiveSenders,
} from '../../fixtures/read-archive.ts';

async function positionEventsOf(adapter: ProtocolAdapter, dir: string): Promise<PositionEvent[]> {
  const manifest = readArchiveManifest(dir);
  const { chainId, chain } = manifest;
  const reader = adapter.readerFor({ chainId, chain, manifest });
  if (!reader) throw new Error(`no reader for ${dir}`);
  const batch = await readArchiveLogs(dir);
  const { events } = reader.normalize(batch, await readArchiveSenders(dir));
  return events.filter((event) => event.kind === 'position');
}

const NOTHING = { sizeUsd: 0n, sizeBase: 0n, collateralRaw: 0n };

/** Archives that hold every position from its first event on, and how many position events they hold. */
const WHOLE_LIVES = [
  ['archives/synthetix-v2-crash-2023-08-17', synthetixV2, 966],
  ['archives/gmx-v1-crash-scenario', gmxV1, 1083],
  ['archives/gmx-v2-crash-2023-08-17', gmxV2, 839],
] as const;

describe.each(WHOLE_LIVES)('position events of %s', (dir, adapter, count) => {
  it('lead from state to state by their deltas', async () => {
    const events = await positionEventsOf(adapter, dir);
    const last = new Map<string, typeof NOTHING>();
    const broken: object[] = [];
    for (const event of events) {
      const { positionKey, sizeUsd, sizeBase, collateralRaw } = event;
      const before = last.get(positionKey) ?? NOTHING;
      const reached = {
        sizeUsd: before.sizeUsd + event.sizeDeltaUsd,
        sizeBase: before.sizeBase + event.sizeDeltaBase,
        collateralRaw: before.collateralRaw + event.collateralDeltaRaw,
      };
      const after = { sizeUsd, sizeBase, collateralRaw };
      for (const name of ['sizeUsd', 'sizeBase', 'collateralRaw'] as const) {
        if (reached[name] === after[name]) continue;
        const { type, blockNumber } = event;
        broken.push({ name, type, blockNumber, reached: reached[name], after: after[name] });
      }
      last.set(positionKey, after);
    }
    expect(broken).toEqual([]);
    expect(events).toHaveLength(count);
  });
});
