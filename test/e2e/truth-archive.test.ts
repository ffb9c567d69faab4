import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDatabase } from '../../schema/clickhouse/connection.ts';
import type { Database } from '../../schema/clickhouse/database.ts';
import { runCli, temporaryFolder } from './run-cli.ts';

const ARCHIVE = 'test/fixtures/gmx-v2/truth-archive';

describe('the truth archive: three markets, bad debt and auto-deleveraging', () => {
  const folder = temporaryFolder('truth');
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

  it('tells 67 liquidations, 32 of them insolvent, from 10 auto-deleveragings', async () => {
    const rows = await database.select<Record<string, string>>(`
      SELECT cause, count() AS n, countIf(is_insolvent) AS insolvent, countIf(is_long) AS longs
      FROM liquidations GROUP BY cause ORDER BY cause`);
    expect(rows).toEqual([
      { cause: 'ADL', n: '10', insolvent: '0', longs: expect.any(String) },
      { cause: 'LIQUIDATION', n: '67', insolvent: '32', longs: '40' },
    ]);
  });

  it('ends with 49 positions open and open interest that adds up', async () => {
    const [open] = await database.select<{ n: string }>(`
      SELECT count() AS n FROM (SELECT status FROM position_states
        ORDER BY block_number DESC, log_index DESC LIMIT 1 BY position_key) WHERE status = 'OPEN'`);
    expect(open?.n).toBe('49');
    const [off] = await database.select<{ n: string }>(`
      SELECT count() AS n FROM open_interest
      WHERE protocol_usd != positions_usd OR protocol_base != positions_base`);
    expect(off?.n).toBe('0');
  });

  it('names the step at which each insolvent close stopped', async () => {
    const rows = await database.select<{ step: string; n: string }>(`
      SELECT insolvent_step AS step, count() AS n FROM liquidations
      WHERE is_insolvent GROUP BY step ORDER BY step`);
    expect(rows).toEqual([
      { step: 'fees', n: '3' },
      { step: 'impact', n: '1' },
      { step: 'pnl', n: '28' },
    ]);
  });
});
