import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDatabase } from '../../schema/clickhouse/connection.ts';
import type { Database } from '../../schema/clickhouse/database.ts';
import { runCli, temporaryFolder } from './run-cli.ts';

const ARCHIVE = 'archives/gmx-v1-crash-scenario';

describe('the GMX V1 archive: liquidations for margin and for leverage', () => {
  const folder = temporaryFolder('gmx-v1');
  let database: Database;

  beforeAll(async () => {
    const result = await runCli(['index', '--archive', ARCHIVE, '--data', folder.path]);
    expect(result.code, result.stderr).toBe(0);
    database = await openDatabase({ dataDir: folder.path });
  });
  afterAll(async () => {
    await database?.close();
    folder.remove();
  });

  it('reads every log', async () => {
    const [letters] = await database.select<{ n: string }>('SELECT count() AS n FROM dead_letters');
    expect(letters?.n).toBe('0');
  });

  // The Vault was asked about 238 of them: one opens in block 162 and is closed in 168, between two questions.
  it('follows 239 positions, 66 of them open at the end', async () => {
    const [row] = await database.select<Record<string, string>>(`
      SELECT uniqExact(position_key) AS positions, countIf(status = 'OPEN') AS open FROM (
        SELECT position_key, status FROM position_states
        ORDER BY block_number DESC, log_index DESC, sub_index DESC LIMIT 1 BY position_key)`);
    expect(row).toEqual({ positions: '239', open: '66' });
  });

  it('tells 26 liquidations for margin from 81 for leverage, which have no event of their own', async () => {
    const rows = await database.select<Record<string, string>>(`
      SELECT JSONExtractString(details, 'liquidationSubtype') AS subtype, count() AS n,
        countIf(liquidator = account) AS by_owner, countIf(penalty_usd > 0) AS fined
      FROM liquidations WHERE cause = 'LIQUIDATION' GROUP BY subtype ORDER BY subtype`);
    expect(rows).toEqual([
      { subtype: 'margin', n: '26', by_owner: '0', fined: '26' },
      { subtype: 'max_leverage', n: '81', by_owner: '0', fined: '0' },
    ]);
  });

  it('counts as bad debt what a late liquidation lost beyond the collateral', async () => {
    const rows = await database.select<Record<string, string>>(`
      SELECT insolvent_step AS step, countIf(bad_debt_usd > 0) AS with_debt, count() AS n,
        countIf(bad_debt_usd + before.collateral_raw != -realized_pnl_usd) AS off
      FROM (SELECT *, liquidations.collateral_raw AS collateral_before FROM liquidations) AS before
      WHERE is_insolvent GROUP BY step`);
    expect(rows).toEqual([
      { step: 'pnl', with_debt: expect.any(String), n: expect.any(String), off: '0' },
    ]);
    expect(Number(rows[0]?.['n'])).toBeGreaterThan(0);
    expect(rows[0]?.['with_debt']).toBe(rows[0]?.['n']);
  });
});
