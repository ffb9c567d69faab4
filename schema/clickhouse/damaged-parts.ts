import { appendFileSync, existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { RetryableError } from '../errors.ts';
import type { Database } from './database.ts';
import { engineErrorType } from './engine-errors.ts';

/**
 * A part whose files are missing or of the wrong size is detached by the engine when it opens the
 * folder. Bytes that changed within a file show only when they are read (engine 26.7, tried with
 * every file of a part cut, emptied, deleted and overwritten).
 */
const DAMAGE_TYPES = new Set([
  'CHECKSUM_DOESNT_MATCH',
  'CANNOT_READ_ALL_DATA',
  'CANNOT_DECOMPRESS',
  'CORRUPTED_DATA',
  'UNKNOWN_CODEC',
  'TOO_LARGE_SIZE_COMPRESSED',
  'FILE_DOESNT_EXIST',
  'CANNOT_OPEN_FILE',
  'CANNOT_READ_FROM_FILE_DESCRIPTOR',
]);

/** Folder of a part, as messages name it: …/store/<3 digits>/<table's id>/<part>/<file>. */
const PART_FOLDER = /\/store\/[0-9a-f]{3}\/([0-9a-f-]{36}\/[A-Za-z0-9-]+_\d+_\d+_\d+(?:_\d+)?)\//;

/** A power failure loses at most what the system had not yet written: minutes, not hours. */
const RECENT_SECONDS = 15 * 60;
/** Checking reads the files: 300 MB a second on two busy cores. */
const RECENT_BYTES = 256 * 1024 * 1024;

/** Where a data folder remembers the damaged parts that queries have met. */
function noteFile(dataDir: string): string {
  return join(dataDir, 'damaged-parts');
}

export function hasNotedDamage(dataDir: string): boolean {
  return existsSync(noteFile(dataDir));
}

/**
 * An engine error that names a part whose files cannot be read, as one that says so, noted in the
 * data folder so that the next start finds it; any other error as it is.
 */
export function explainDamage(dataDir: string, error: unknown): unknown {
  const type = engineErrorType(error);
  if (type === undefined || !DAMAGE_TYPES.has(type) || !(error instanceof Error)) return error;
  const part = PART_FOLDER.exec(error.message)?.[1];
  if (part === undefined) return error;
  note(dataDir, part);
  return new RetryableError('A file of the store is damaged.', {
    facts: { folder: dataDir, part, fault: type },
    remedy:
      'Index again with the same command: at its start what cannot be read is set aside, and its blocks are landed or projected anew.',
    cause: error,
  });
}

/** Without the note the next start still looks at what was written last. */
function note(dataDir: string, part: string): void {
  try {
    appendFileSync(noteFile(dataDir), `${part}\n`);
  } catch {
    // The disk may be full or gone: the error at hand says more than this one.
  }
}

interface Part {
  readonly table: string;
  readonly name: string;
  /** <table's id>/<part> */
  readonly place: string;
}

/** See `Database.setAsideDamagedParts`; an embedded store's. */
export async function setAsideDamagedParts(
  database: Pick<Database, 'select' | 'command'>,
  dataDir: string,
): Promise<readonly string[]> {
  const file = noteFile(dataDir);
  const noted = existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean) : [];
  const parts = await partsToCheck(database, noted.length > 0);
  const setAside: string[] = [];
  for (const part of parts) {
    if (!noted.includes(part.place) && (await isSound(database, part))) continue;
    await database.command(`ALTER TABLE ${part.table} DETACH PART '${part.name}'`);
    setAside.push(`${part.table}/${part.name}`);
  }
  rmSync(file, { force: true });
  return setAside;
}

async function partsToCheck(database: Pick<Database, 'select'>, all: boolean): Promise<Part[]> {
  const bounds = all ? '' : `WHERE age <= ${RECENT_SECONDS} AND bytes_before < ${RECENT_BYTES}`;
  return database.select<Part>(
    `SELECT table, name, place FROM
     (
         SELECT
             table,
             name,
             arrayStringConcat(arraySlice(splitByChar('/', trimRight(path, '/')), -2), '/') AS place,
             dateDiff('second', modification_time, max(modification_time) OVER ()) AS age,
             sum(bytes_on_disk) OVER (ORDER BY modification_time DESC, path ASC
                 ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) - bytes_on_disk AS bytes_before
         FROM system.parts
         WHERE database = currentDatabase() AND active
     )
     ${bounds}
     ORDER BY table, name`,
  );
}

async function isSound(database: Pick<Database, 'select'>, part: Part): Promise<boolean> {
  const checked = await database.select<{ is_passed: number }>(
    `CHECK TABLE ${part.table} PART '${part.name}' SETTINGS check_query_single_value_result = 0`,
  );
  return checked.every((row) => row.is_passed === 1);
}
