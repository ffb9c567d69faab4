import { appendFileSync, cpSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openDatabase } from '../../../schema/clickhouse/connection.ts';
import type { Database } from '../../../schema/clickhouse/database.ts';
import { migrate } from '../../../schema/clickhouse/migrate.ts';
import { OperatorError } from '../../../schema/errors.ts';

const ours = fileURLToPath(new URL('../../../schema/clickhouse/migrations', import.meta.url));

describe('migrate', () => {
  let folder: string;
  let files: string;
  let database: Database;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'bulkhead-migrate-'));
    files = join(folder, 'migrations');
    cpSync(ours, files, { recursive: true });
    database = await openDatabase({ dataDir: join(folder, 'data') });
  });
  afterEach(async () => {
    await database.close();
    rmSync(folder, { recursive: true });
  });

  const tables = async () =>
    (
      await database.select<{ name: string }>(
        'SELECT name FROM system.tables WHERE database = currentDatabase() ORDER BY name',
      )
    ).map((row) => row.name);

  it('applies each file once, in order', async () => {
    const applied = await migrate(database, files);
    expect(applied.slice(0, 2)).toEqual(['0001_raw_evidence.sql', '0002_domain_events.sql']);
    expect(await tables()).toEqual(expect.arrayContaining(['raw_logs', 'position_intervals']));
    expect(await migrate(database, files)).toEqual([]);
  });

  it('applies only what is new', async () => {
    const { length } = await migrate(database, files);
    const name = `${String(length + 1).padStart(4, '0')}_more.sql`;
    writeFileSync(
      join(files, name),
      "-- it's; new\nCREATE TABLE IF NOT EXISTS more (a Int8) ENGINE = Memory;",
    );
    expect(await migrate(database, files)).toEqual([name]);
    expect(await tables()).toContain('more');
  });

  it('refuses a file that was changed after it was applied', async () => {
    await migrate(database, files);
    appendFileSync(join(files, '0001_raw_evidence.sql'), ' ');
    await expect(migrate(database, files)).rejects.toBeInstanceOf(OperatorError);
  });

  it('refuses a renamed or missing file, a hole in the numbers and a newer store', async () => {
    const applied = await migrate(database, files);
    const first = join(files, '0001_raw_evidence.sql');
    renameSync(first, join(files, '0001_other.sql'));
    await expect(migrate(database, files)).rejects.toThrow(/has been changed/);
    renameSync(join(files, '0001_other.sql'), join(folder, 'kept.sql'));
    await expect(migrate(database, files)).rejects.toThrow(/not numbered/);
    renameSync(join(folder, 'kept.sql'), first);
    rmSync(join(files, applied.at(-1) ?? ''));
    await expect(migrate(database, files)).rejects.toThrow(/newer version/);
  });

  it('goes on after a migration that stopped half way', async () => {
    const second = join(files, '0002_domain_events.sql');
    const whole = join(folder, 'whole.sql');
    cpSync(second, whole);
    appendFileSync(second, '\nCREATE TABLE broken (a NoSuchType) ENGINE = Memory;');
    await expect(migrate(database, files)).rejects.toThrow(/NoSuchType/);
    expect(await tables()).toContain('position_events');
    cpSync(whole, second);
    expect(await migrate(database, files)).toContain('0002_domain_events.sql');
    expect(await tables()).toContain('commits');
  });
});
