import { describe, expect, it } from 'vitest';
import { decodeEventLog } from '../../../../indexer/protocols/gmx-v2/decode.ts';
import { decodeByViem } from '../../../fixtures/gmx-v2/event-log-abi.ts';
import { readArchiveLogs, readArchiveManifest } from '../../../fixtures/read-archive.ts';

const ARCHIVES = ['archives/gmx-v2-crash-2023-08-17'];

describe('decodeEventLog', () => {
  it.each(ARCHIVES)('agrees with viem on every log of the emitter in %s', async (dir) => {
    const emitter = readArchiveManifest(dir).protocols['gmx-v2']?.eventEmitter;
    const batch = await readArchiveLogs(dir);
    let compared = 0;
    for (let row = 0; row < batch.length; row++) {
      if (batch.address[row] !== emitter) continue;
      const topics = batch.topics[row]!;
      const data = batch.data[row]!;
      expect(decodeEventLog(topics, data), `log ${row}`).toEqual(decodeByViem(topics, data));
      compared++;
    }
    expect(compared).toBeGreaterThan(1000);
  });
});
