import type { Command } from 'commander';
import { UsageError } from '../../../schema/errors.ts';

interface MigrateFlags {
  readonly print?: boolean;
  readonly cluster?: string;
  readonly data?: string;
}

export function registerMigrate(program: Command): void {
  program
    .command('migrate')
    .description(
      'Make the tables, or bring them up to date; every command that indexes does so too',
    )
    .option('--print', 'print the statements instead, for a server or a cluster')
    .option('--cluster <name>', 'with --print: for this cluster (default CLICKHOUSE_CLUSTER)')
    .option('--data <dir>', 'data folder of the embedded engine (default .bulkhead)')
    .action(async (flags: MigrateFlags) => {
      if (flags.print) {
        process.stdout.write(`${await printedMigrations(flags.cluster)}\n`);
        return;
      }
      if (flags.cluster !== undefined) {
        throw new UsageError('--cluster goes with --print.', {
          remedy: 'Set CLICKHOUSE_URL and CLICKHOUSE_CLUSTER to make tables on a cluster.',
        });
      }
      const { withSession } = await import('../command-session.ts');
      await withSession(flags, async ({ database }) => {
        process.stdout.write(`The tables of ${database.name} are up to date.\n`);
      });
    });
}

/** All statements as one script. @throws UsageError on a bad name of a cluster. */
async function printedMigrations(named: string | undefined): Promise<string> {
  const { readSettings } = await import('../../../schema/settings.ts');
  const { assertClusterName } = await import('../../../schema/clickhouse/cluster.ts');
  const { migrationStatements } = await import('../../../schema/clickhouse/migrate.ts');
  const { renderStatement } = await import('../../../schema/clickhouse/render.ts');
  const { clickhouseCluster, clickhouseDatabase: database } = readSettings(process.env);
  const cluster = named ?? clickhouseCluster;
  const statements = [`CREATE DATABASE IF NOT EXISTS ${database}`, ...migrationStatements()];
  if (cluster !== undefined) assertClusterName(cluster);
  const rendered =
    cluster === undefined
      ? statements
      : statements.flatMap((statement) => renderStatement(statement, { cluster, database }));
  return rendered.map((statement) => `${statement};\n`).join('\n');
}
