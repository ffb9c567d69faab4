import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CheckReport, Finding } from '../../indexer/audit/findings.ts';
import { openDatabase } from '../../schema/clickhouse/connection.ts';
import { indexedArchives } from '../indexed-archives.ts';
import { runCli } from './run-cli.ts';

const RECORDED = 'gmx-v2-arbitrum-recorded';
const SYNTHETIX = 'synthetix-v2-crash-2023-08-17';

interface Verified {
  readonly ok: boolean;
  readonly tables?: Record<string, { rows: number; digest: string }>;
  readonly findings: readonly Finding[];
  readonly checks: readonly CheckReport[];
  readonly chains: readonly {
    readonly chainId: number;
    readonly chain: string;
    readonly ok: boolean;
    readonly seed: number;
    readonly tables: Record<string, { rows: number; digest: string }>;
  }[];
}

describe('bulkhead verify over a store of two chains', () => {
  let folder: Awaited<ReturnType<typeof indexedArchives>>;
  const verify = (...flags: string[]) => runCli(['verify', '--data', folder.path, ...flags]);

  beforeAll(async () => {
    folder = await indexedArchives(RECORDED, SYNTHETIX);
  });
  afterAll(() => folder?.remove());

  it('proves both against their archives, and says so in a table for a person', async () => {
    const { code, stdout, stderr } = await verify('--full');
    expect(code, stdout + stderr).toBe(0);
    expect(stdout).toMatch(/^Everything adds up\./);
    expect(stdout).toContain('arbitrum (chain id 42161)');
    expect(stdout).toContain('local-synthetix-perps-v2 (chain id 31337)');
    expect(stdout.match(/✓/g)).toHaveLength(16);
    expect(stdout).toContain('the archive synthetix-v2-crash-2023-08-17 counts 5,173 logs');
    expect(stdout).toMatch(/raw_logs +248 {2}[0-9a-f]{32}/);
  });

  it('gives both as JSON, each with its seed and tables', async () => {
    const { code, stdout, stderr } = await verify('--json');
    expect(code, stderr).toBe(0);
    const verified = JSON.parse(stdout) as Verified;
    expect(verified).toMatchObject({ ok: true, findings: [] });
    expect(verified.tables).toBeUndefined();
    expect(verified.chains.map(({ chainId }) => chainId)).toEqual([31_337, 42_161]);
    expect(verified.chains.every(({ seed }) => Number.isSafeInteger(seed))).toBe(true);
    expect(verified.checks).toHaveLength(16);
  });

  it('audits one chain against the archive that is named, by the seed that is given', async () => {
    const flags = ['--chain-id', '42161', '--archive', `archives/${RECORDED}`, '--seed', '7'];
    const { code, stdout, stderr } = await verify('--json', ...flags);
    expect(code, stderr).toBe(0);
    const verified = JSON.parse(stdout) as Verified;
    expect(verified.tables?.['raw_logs']?.rows).toBe(248);
    expect(verified.chains).toEqual([expect.objectContaining({ chainId: 42_161, seed: 7 })]);
    expect(verified.chains[0]?.tables).toEqual(verified.tables);
    expect(verified.checks.find(({ name }) => name === 'source')?.status).toBe('ok');
  });

  it.each([
    [['--chain-id', '5'], /does not hold that chain/],
    [['--archive', 'archives/gmx-v1-crash-scenario'], /does not hold the chain of that source/],
  ])('refuses %j as wrong use', async (flags, words) => {
    const { code, stderr } = await verify(...flags);
    expect(stderr).toMatch(words);
    expect(code).toBe(2);
  });

  it('says what is off, what to do, and exits with 1', async () => {
    const database = await openDatabase({ dataDir: folder.path });
    await database.deleteRows(
      'raw_logs',
      'chain_id = 31337 AND block_number = (SELECT max(block_number) FROM raw_logs WHERE chain_id = 31337)',
      {},
    );
    await database.close();
    const human = await verify('--sample', '0');
    expect(human.code).toBe(1);
    expect(human.stdout).toMatch(/^Not everything adds up\./);
    expect(human.stdout).toMatch(/✗ commits: raw_logs, blocks 0 to 2,127: \d+ rows? missing/);
    expect(human.stdout).toMatch(
      /✗ source: raw_logs, blocks 2,126 to 2,127: .*\n {6}→ Stop the indexer/,
    );
    expect(human.stderr).toContain('does not keep its promises');
  });
});
