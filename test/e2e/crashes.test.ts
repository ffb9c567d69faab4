import { expect, it } from 'vitest';
import { killedFollower } from '../chaos/scenarios.ts';
import { temporaryFolder } from './run-cli.ts';

// Hundreds of kills, of every command that writes: `npm run bench:crashes`.
it('has the rows of an undisturbed run after kills in the midst of reorgs', async () => {
  const folder = temporaryFolder('crashes');
  try {
    const report = await killedFollower(
      { archive: 'archives/gmx-v2-crash-2023-08-17', toBlock: 640, folder: folder.path },
      { finalityDepth: 60, startBlock: 400, stride: 30, pauseMillis: 400, reorgShare: 0.35 },
      { kills: 4, seed: 11, earliestMillis: 900, latestMillis: 4_000 },
    );
    expect(report.differing).toEqual([]);
    expect(report.rows).toBeGreaterThan(2_000);
    expect(report.reorgs).toBeGreaterThan(2);
    expect(report.kills).toBeGreaterThan(1);
  } finally {
    folder.remove();
  }
}, 300_000);
