import { describe, expect, it } from 'vitest';
import { migrationStatements } from '../../../schema/clickhouse/migrate.ts';
import { splitStatements } from '../../../schema/clickhouse/split-statements.ts';
import { runCli, temporaryFolder } from '../../e2e/run-cli.ts';

describe('bulkhead migrate', () => {
  it('prints the statements for one server and for a cluster, and touches no store', async () => {
    const [single, cluster] = await Promise.all([
      runCli(['migrate', '--print'], { CLICKHOUSE_DATABASE: 'store' }),
      runCli(['migrate', '--print', '--cluster', 'main'], { CLICKHOUSE_DATABASE: 'store' }),
    ]);
    expect([single.code, cluster.code], single.stderr + cluster.stderr).toEqual([0, 0]);
    expect(splitStatements(single.stdout)).toEqual([
      'CREATE DATABASE IF NOT EXISTS store',
      ...migrationStatements(),
    ]);
    const statements = splitStatements(cluster.stdout);
    const copied = statements.filter((statement) => statement.startsWith('INSERT INTO'));
    const exchanged = statements.filter((statement) => statement.startsWith('EXCHANGE TABLES'));
    expect(copied.length).toBe(exchanged.length);
    // An index is only where the rows are.
    const indexed = statements.filter((statement) =>
      /ALTER TABLE .* (?:ADD|MATERIALIZE) INDEX /s.test(statement),
    );
    expect(statements.length + 2 * copied.length + indexed.length).toBe(
      1 + 2 * migrationStatements().length,
    );
    for (const statement of statements) {
      if (!copied.includes(statement)) expect(statement).toContain(" ON CLUSTER 'main'");
    }
  });

  it('makes the tables of a store', async () => {
    const folder = temporaryFolder('migrate');
    const made = await runCli(['migrate', '--data', folder.path]);
    expect(made, made.stderr).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('bulkhead'),
    });
    folder.remove();
  });

  it('refuses to make tables on a cluster that it has no address of', async () => {
    expect((await runCli(['migrate', '--cluster', 'main'])).code).toBe(2);
    expect((await runCli(['migrate', '--print', '--cluster', 'a b'])).code).toBe(2);
  });
});
