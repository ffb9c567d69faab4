import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { OperatorError } from '../errors.ts';
import type { Database } from './database.ts';
import { splitStatements } from './split-statements.ts';

const OUR_MIGRATIONS = fileURLToPath(new URL('./migrations', import.meta.url));

const MIGRATIONS_TABLE = `CREATE TABLE IF NOT EXISTS migrations
(
    number UInt32,
    name String,
    checksum String, -- SHA-256 of the raw file
    applied_at DateTime64(3, 'UTC')
)
ENGINE = MergeTree
ORDER BY number
SETTINGS non_replicated_deduplication_window = 0, fsync_after_insert = 1, fsync_part_directory = 1`;

interface Migration {
  readonly number: number;
  /** File name. */
  readonly name: string;
  /** SHA-256 of the raw file, hex. */
  readonly checksum: string;
  readonly sql: string;
}

/**
 * Does work while no other process does such work on the same database; the work asks `confirm` before
 * each step, which throws when that has ended.
 */
export type Exclusively = (work: (confirm: () => Promise<void>) => Promise<void>) => Promise<void>;

/** The migration that makes `writer_leases`, by which processes keep out of each other's way. */
const FIRST_WITH_LEASES = 6;

interface AppliedMigration {
  readonly number: number;
  readonly name: string;
  readonly checksum: string;
}

/** Files `NNNN_snake_case.sql` of a folder, in order. @throws OperatorError when the numbers have a hole or a double. */
function readMigrations(folder: string): Migration[] {
  const names = readdirSync(folder)
    .filter((name) => name.endsWith('.sql'))
    .sort();
  return names.map((name, index) => {
    const number = Number(/^(\d{4})_[a-z0-9_]+\.sql$/.exec(name)?.[1] ?? Number.NaN);
    if (number !== index + 1) {
      throw new OperatorError(
        'The migration files are not numbered 0001, 0002, ... without holes.',
        {
          facts: { folder, file: name, expected: String(index + 1).padStart(4, '0') },
          remedy: 'Restore the files of this version of Bulkhead.',
        },
      );
    }
    const raw = readFileSync(join(folder, name));
    const checksum = createHash('sha256').update(raw).digest('hex');
    return { number, name, checksum, sql: raw.toString('utf8') };
  });
}

/** Every statement of the migrations, in order: as written, for one server. */
export function migrationStatements(folder = OUR_MIGRATIONS): readonly string[] {
  return [
    MIGRATIONS_TABLE,
    ...readMigrations(folder).flatMap((migration) => splitStatements(migration.sql)),
  ];
}

/** @throws OperatorError when what was applied is not a prefix of the files. */
function assertUnchanged(files: readonly Migration[], applied: readonly AppliedMigration[]): void {
  for (const done of applied) {
    const file = files[done.number - 1];
    if (!file) {
      throw new OperatorError('The database was made by a newer version of Bulkhead.', {
        facts: { migration: done.name, newestKnown: files.at(-1)?.name ?? 'none' },
        remedy: 'Update Bulkhead, or choose another store (--data or CLICKHOUSE_DATABASE).',
      });
    }
    if (file.name !== done.name || file.checksum !== done.checksum) {
      throw new OperatorError('A migration that was already applied has been changed.', {
        facts: {
          applied: `${done.name} ${done.checksum.slice(0, 12)}`,
          file: `${file.name} ${file.checksum.slice(0, 12)}`,
        },
        remedy:
          'Restore the file and put the change into a new migration; or start a new store (--data or CLICKHOUSE_DATABASE).',
      });
    }
  }
}

/** Number, name and checksum of what was applied. */
function appliedMigrations(database: Database): Promise<AppliedMigration[]> {
  return database.select<AppliedMigration>(
    // Two processes that start at once may both record a migration: the same row twice.
    'SELECT DISTINCT number, name, checksum FROM migrations ORDER BY number',
  );
}

/**
 * Brings the tables up to date; returns the names of the migrations it applied. Safe to repeat:
 * ClickHouse has no transactional DDL, so each statement is written to be repeatable and a
 * migration is recorded after its last statement.
 * @param exclusively how to be the only one that migrates, where several processes reach the
 *   database: migrations that move rows are not to be run twice at a time
 * @throws OperatorError when an applied file was changed, renamed or is missing.
 */
export async function migrate(
  database: Database,
  folder = OUR_MIGRATIONS,
  exclusively: Exclusively = (work) => work(async () => {}),
): Promise<string[]> {
  const files = readMigrations(folder);
  await database.command(MIGRATIONS_TABLE);
  const applied = await appliedMigrations(database);
  assertUnchanged(files, applied);
  const pending = files.slice(applied.length);
  const done: string[] = [];
  for (const file of pending.filter(({ number }) => number <= FIRST_WITH_LEASES)) {
    await apply(database, file, async () => {});
    done.push(file.name);
  }
  const others = pending.filter(({ number }) => number > FIRST_WITH_LEASES);
  if (others.length === 0) return done;
  await exclusively(async (confirm) => {
    // What another process has done while this one waited for it.
    const { length } = await appliedMigrations(database);
    for (const file of others.filter(({ number }) => number > length)) {
      await apply(database, file, confirm);
      done.push(file.name);
    }
  });
  return done;
}

async function apply(
  database: Database,
  file: Migration,
  confirm: () => Promise<void>,
): Promise<void> {
  for (const statement of splitStatements(file.sql)) {
    await confirm();
    await database.command(statement);
  }
  await database.command(
    `INSERT INTO migrations (number, name, checksum, applied_at)
     SELECT {number:UInt32}, {name:String}, {checksum:String}, now64(3, 'UTC')`,
    { number: file.number, name: file.name, checksum: file.checksum },
  );
}
