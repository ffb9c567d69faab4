import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDatabase } from '../../schema/clickhouse/connection.ts';
import type { Database } from '../../schema/clickhouse/database.ts';
import { indexedArchives } from '../indexed-archives.ts';
import { FROM_SOURCE, firstJsonLine, runCli, spawnCli, temporaryFolder } from './run-cli.ts';

const NAME = 'gmx-v2-crash-2023-08-17';
const ARCHIVE = `archives/${NAME}`;

interface Verified {
  ok: boolean;
  tables: Record<string, { rows: number; digest: string }>;
  findings: string[];
}

/** `sample`: ranges that are projected again. */
async function verify(data: string, sample = 0): Promise<Verified> {
  const result = await runCli(['verify', '--json', '--sample', String(sample), '--data', data]);
  expect(result.stderr).toBe('');
  return JSON.parse(result.stdout) as Verified;
}

describe('the bundled crash archive, indexed through the real client and engine', () => {
  let folder: Awaited<ReturnType<typeof indexedArchives>>;
  let clean: Verified;
  let database: Database;

  beforeAll(async () => {
    folder = await indexedArchives(NAME);
    clean = await verify(folder.path, 3);
    database = await openDatabase({ dataDir: folder.path });
  });

  afterAll(async () => {
    await database?.close();
    folder?.remove();
  });

  const one = async <T>(query: string): Promise<T> => {
    const [row] = await database.select<T>(query);
    return row as T;
  };

  it('keeps every promise that verify knows', () => {
    expect(clean.findings).toEqual([]);
    expect(clean.ok).toBe(true);
  });

  it('lands every block, transaction and log of the event emitter', async () => {
    expect(clean.tables['blocks']?.rows).toBe(3652);
    const { n } = await one<{ n: string }>('SELECT count() AS n FROM raw_logs');
    // 31,924 logs in the archive; the 5,399 that other contracts wrote are not asked for.
    expect(Number(n)).toBe(31_924 - 5_174 - 182 - 43);
    expect(clean.tables['dead_letters']?.rows).toBe(0);
  });

  it('counts 236 positions of 99 accounts, 68 of them open at the end', async () => {
    const counts = await one<Record<string, string>>(`
      SELECT uniqExact(position_key) AS positions, uniqExact(account) AS accounts FROM position_states`);
    expect(Number(counts['accounts'])).toBe(99);
    expect(Number(counts['positions'])).toBe(236);
    const open = await one<{ n: string }>(`
      SELECT count() AS n FROM (SELECT status FROM position_states
        ORDER BY block_number DESC, log_index DESC LIMIT 1 BY position_key) WHERE status = 'OPEN'`);
    expect(Number(open.n)).toBe(68);
  });

  it('finds 54 liquidations, 7 of them insolvent, 46 long, 2.77 million USD of size', async () => {
    const row = await one<Record<string, string>>(`
      SELECT count() AS n, countIf(is_insolvent) AS insolvent, countIf(is_long) AS longs,
        countIf(insolvent_step = 'pnl') AS pnl, countIf(insolvent_step = 'impact') AS impact,
        toFloat64(sum(size_usd)) / 1e30 AS size, countIf(liquidator = '') AS nameless,
        countIf(bad_debt_usd > 0) AS in_debt
      FROM liquidations WHERE cause = 'LIQUIDATION'`);
    expect(Number(row['n'])).toBe(54);
    expect(Number(row['insolvent'])).toBe(7);
    expect(Number(row['pnl'])).toBe(6);
    expect(Number(row['impact'])).toBe(1);
    expect(Number(row['longs'])).toBe(46);
    expect(Number(row['size'])).toBeCloseTo(2_770_000, -4);
    expect(Number(row['nameless'])).toBe(0);
    expect(Number(row['in_debt'])).toBe(7);
  });

  it('measures the observation lag of price transactions: p50 5 s, p95 18–19 s, max 40 s', async () => {
    const row = await one<{ n: string; q: number[] }>(`
      SELECT count() AS n, quantilesExactInclusive(0.5, 0.95, 1)(lag) AS q FROM (
        SELECT max(observation_lag_seconds) AS lag FROM oracle_updates
        WHERE block_number >= 437 GROUP BY transaction_hash)`);
    expect(Number(row.n)).toBe(1516);
    expect(row.q[0]).toBe(5);
    expect(row.q[1]).toBeGreaterThanOrEqual(18);
    expect(row.q[1]).toBeLessThanOrEqual(19);
    expect(row.q[2]).toBe(40);
  });

  it('rebuilds open interest from positions equal to the protocol’s counter, at every block', async () => {
    const row = await one<Record<string, string>>(`
      SELECT count() AS n, countIf(protocol_usd != positions_usd OR protocol_base != positions_base) AS off,
        max(protocol_usd) > 0 AS has_any FROM open_interest`);
    expect(Number(row['n'])).toBeGreaterThan(600);
    expect(Number(row['off'])).toBe(0);
    expect(Number(row['has_any'])).toBe(1);
  });

  it('ends in the same digests after a rebuild, and after a second index run', async () => {
    await database.close();
    const rebuilt = await runCli(['rebuild', '--data', folder.path]);
    expect(rebuilt.code, rebuilt.stderr).toBe(0);
    expect((await verify(folder.path)).tables).toEqual(clean.tables);
    const again = await runCli(['index', '--archive', ARCHIVE, '--data', folder.path]);
    expect(again.code, again.stderr).toBe(0);
    expect((await verify(folder.path)).tables).toEqual(clean.tables);
    database = await openDatabase({ dataDir: folder.path });
  });

  it('ends in the same digests when it is killed on the way and started again', async () => {
    const other = temporaryFolder('killed');
    try {
      const endings: (string | null)[] = [];
      // From the first batch on, as progress tells of it: how long a start takes depends on the machine.
      for (const afterMillis of [0, 300, 900]) {
        const child = spawnCli(['index', '--archive', ARCHIVE, '--data', other.path]);
        const ended = new Promise((done) => child.on('close', done));
        const begun = new Promise<void>((done) => {
          child.stderr?.on('data', (chunk: Buffer) => {
            if (/^block /m.test(chunk.toString())) done();
          });
        });
        await Promise.race([begun, ended]);
        await new Promise((done) => setTimeout(done, afterMillis));
        child.kill('SIGKILL');
        await ended;
        endings.push(child.signalCode);
      }
      // At the least the first kill must have come before the run was over.
      expect(endings[0]).toBe('SIGKILL');
      const result = await runCli(['index', '--archive', ARCHIVE, '--data', other.path]);
      expect(result.code, result.stderr).toBe(0);
      const verified = await verify(other.path, 3);
      expect(verified.findings).toEqual([]);
      expect(verified.tables).toEqual(clean.tables);
    } finally {
      other.remove();
    }
  });

  it('starts, serves the start page and a chart, and stops cleanly', async () => {
    await database.close();
    const flags = ['--data', folder.path, '--port', '0', '--json'];
    const child = spawnCli(['start', ...flags], {}, FROM_SOURCE);
    const ready = await firstJsonLine(child);
    const url = String(ready['url']);
    const page = await (await fetch(`${url}/`)).text();
    expect(page).toContain('synthetic traders');
    const chart = await fetch(`${url}/v1/charts/liquidation-heatmap.svg`);
    expect(chart.status).toBe(200);
    expect(await chart.text()).toContain('<svg');
    child.kill('SIGTERM');
    expect(await new Promise((done) => child.on('close', done))).toBe(0);
    database = await openDatabase({ dataDir: folder.path });
  });
});
