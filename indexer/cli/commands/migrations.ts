import type { Command } from 'commander';
import { assertClusterName } from '../../../schema/clickhouse/cluster.ts';
import { migrationStatements } from '../../../schema/clickhouse/migrate.ts';
import { renderStatement } from '../../../schema/clickhouse/render.ts';
import { readSettings } from '../../../schema/settings.ts';

interface MigrateFlags {
  readonly cluster?: string;
}

export function registerMigrate(program: Command): void {
  program
    .command('migrate')
    .description('Print the statements that make the tables, for a server or a cluster')
    .requiredOption('--print', 'print them; every other command applies them by itself')
    .option('--cluster <name>', 'as a cluster of that name needs them (default CLICKHOUSE_CLUSTER)')
    .action((flags: MigrateFlags) => {
      const settings = readSettings(process.env);
      const cluster = flags.cluster ?? settings.clickhouseCluster;
      process.stdout.write(`${printedMigrations(settings.clickhouseDatabase, cluster)}\n`);
    });
}

/** All statements as one script. @throws UsageError on a bad name of a cluster. */
function printedMigrations(database: string, cluster: string | undefined): string {
  const statements = [`CREATE DATABASE IF NOT EXISTS ${database}`, ...migrationStatements()];
  if (cluster !== undefined) assertClusterName(cluster);
  const rendered =
    cluster === undefined
      ? statements
      : statements.flatMap((statement) => renderStatement(statement, { cluster, database }));
  return rendered.map((statement) => `${statement};\n`).join('\n');
}
