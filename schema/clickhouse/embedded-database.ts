import { rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type ClickHouseSettings, createClient } from '@clickhouse/client';
import { drainPending } from 'chdb';
import { type ChdbConnection, createChdbConnection } from 'chdb/connection';
import { OperatorError } from '../errors.ts';
import { explainDamage, hasNotedDamage, setAsideDamagedParts } from './damaged-parts.ts';
import { engineFolder, openingError, prepareDataFolder } from './data-folder.ts';
import type { CheckedInsert, Database, QueryParameters, RowSource } from './database.ts';
import { finishDeletions } from './embedded-deletions.ts';
import { withExplainedErrors } from './engine-errors.ts';
import { encodeRows, type InsertColumn, type InsertRow } from './json-rows.ts';
import {
  exactNumberSettings,
  readAll,
  settingsClause,
  whereChecked,
  writeSettings,
} from './query-settings.ts';

export interface EmbeddedOptions {
  readonly dataDir: string;
  readonly database?: string | undefined;
  /** Refuse to open below this many free bytes on the folder's disk. */
  readonly minimumFreeBytes?: number | undefined;
}

type ClientConnection = NonNullable<NonNullable<Parameters<typeof createClient>[0]>['connection']>;

/** Connections of this process by folder: several may share one engine (they queue separately). */
const openByFolder = new Map<string, number>();

/** Counts files of rows: two connections of a process may write at once. */
let rowFiles = 0;

/**
 * Opens the embedded engine over a folder. Calls on one connection run one after another inside the
 * engine; a process that reads while it writes opens a second connection on the same folder.
 * @throws OperatorError when the folder is in use, cannot be written, or its disk is nearly full.
 */
export async function openEmbedded(options: EmbeddedOptions): Promise<Database> {
  const name = options.database ?? 'bulkhead';
  prepareDataFolder(options.dataDir, options.minimumFreeBytes);
  const folder = engineFolder(options.dataDir);
  const connection = connect(options.dataDir, folder);
  const database = new EmbeddedDatabase(connection, name, options.dataDir);
  openByFolder.set(folder, (openByFolder.get(folder) ?? 0) + 1);
  try {
    // Atomic: refreshable views need it, and DROP/EXCHANGE are atomic in it.
    await database.command(`CREATE DATABASE IF NOT EXISTS ${name} ENGINE = Atomic`);
    await database.command(`USE ${name}`);
    const settings = Object.entries({ ...exactNumberSettings, ...writeSettings });
    // Once for the session: settings sent with a query would stick to the session anyway.
    await database.command(`SET ${settings.map(([key, value]) => `${key} = ${value}`).join(', ')}`);
    await database.setAsideNotedParts();
    return database;
  } catch (error) {
    await database.close();
    throw error;
  }
}

function connect(dataDir: string, folder: string): ChdbConnection {
  const other = [...openByFolder.keys()].find((open) => open !== folder);
  if (other !== undefined) {
    throw new OperatorError('This process already works on another data folder.', {
      facts: { folder, open: other },
      remedy: 'Close that one first: the embedded engine holds one folder a process.',
    });
  }
  try {
    return createChdbConnection({ path: folder });
  } catch (error) {
    throw openingError(dataDir, error);
  }
}

class EmbeddedDatabase implements Database {
  readonly kind = 'embedded';
  readonly name: string;
  readonly client: Database['client'];
  readonly #connection: ChdbConnection;
  readonly #dataDir: string;
  readonly #setAside: string[] = [];
  /** The look at the files that is under way, or done. */
  #checking: Promise<void> | null = null;
  #isOpen = true;

  constructor(connection: ChdbConnection, name: string, dataDir: string) {
    this.#connection = connection;
    this.#dataDir = dataDir;
    this.name = name;
    // chdb declares the same interface from another copy of the client's types (private fields differ).
    this.client = createClient({ connection: connection as unknown as ClientConnection });
  }

  async select<T>(
    query: string,
    parameters: QueryParameters = {},
    settings: ClickHouseSettings = {},
  ): Promise<T[]> {
    return this.#run(async () => {
      const result = await this.client.query({
        // As a clause: the connection would turn them into SET statements, which outlive the query.
        query: `${query}\n${settingsClause(settings)}`,
        query_params: { ...parameters },
        format: 'JSONEachRow',
      });
      return (await result.json()) as T[];
    });
  }

  async selectBytes(query: string, parameters: QueryParameters = {}): Promise<Buffer> {
    return this.#run(async () => {
      const result = await this.client.exec({ query, query_params: { ...parameters } });
      return readAll(result.stream);
    });
  }

  async command(query: string, parameters: QueryParameters = {}): Promise<void> {
    await this.#run(() => this.client.command({ query, query_params: { ...parameters } }));
  }

  async deleteRows(table: string, condition: string, parameters: QueryParameters): Promise<void> {
    await this.command(
      `DELETE FROM ${table} WHERE ${condition} SETTINGS lightweight_deletes_sync = 0`,
      parameters,
    );
    await this.#run(() => finishDeletions(this.client, table));
  }

  /** Nothing of an ended process runs on: the engine ended with it. */
  async endWrites(_label: string): Promise<void> {}

  async setAsideDamagedParts(): Promise<readonly string[]> {
    const before = this.#checking;
    await before;
    // Once: later parts are our own, and what a query meets is noted. Chains that begin side by side
    // wait for the same look: no part can be set aside twice.
    if (this.#checking === before && (!before || hasNotedDamage(this.#dataDir))) {
      const checking = this.#setAsideNow();
      this.#checking = checking;
      checking.catch(() => {
        if (this.#checking === checking) this.#checking = null;
      });
    }
    await this.#checking;
    return this.#setAside.splice(0);
  }

  /** What queries of earlier runs have met goes before the first query of this one. */
  async setAsideNotedParts(): Promise<void> {
    if (hasNotedDamage(this.#dataDir)) await this.#setAsideNow();
  }

  async #setAsideNow(): Promise<void> {
    this.#setAside.push(...(await setAsideDamagedParts(this, this.#dataDir)));
  }

  /**
   * By the connection's raw insert. Measured on 50,000 position events (0.9 kB a row; encoding and
   * inserting together, µs of CPU a row, two cores in use by others): raw JSONCompactEachRow 16–21,
   * raw TabSeparated 18–22, a TSV file and INSERT ... SELECT 30, client.insert JSONCompactEachRow 21,
   * client.insert JSONEachRow 30. Syncing to disk adds 2 ms an insert.
   */
  async insertRows(
    table: string,
    columns: readonly InsertColumn[],
    rows: readonly InsertRow[],
  ): Promise<void> {
    const values = await encodeRows(columns, rows);
    const names = columns.map((column) => column.name);
    await this.#run(() =>
      this.#connection.chdb.rawInsert({
        table,
        columns: names,
        values,
        format: 'JSONCompactEachRow',
      }),
    );
  }

  async insertChecked(insert: CheckedInsert): Promise<void> {
    await this.#withFile(insert.source, (path) =>
      this.command(
        `INSERT INTO ${insert.table} (${insert.columns.join(', ')})
         SELECT ${insert.expressions.join(', ')}
         FROM file({sourceFile:String}, '${insert.source.format}', {sourceStructure:String})
         ${whereChecked(insert)}`,
        { ...insert.parameters, sourceFile: path, sourceStructure: insert.structure },
      ),
    );
  }

  async close(): Promise<void> {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    await this.client.close();
    const folder = engineFolder(this.#dataDir);
    const remaining = (openByFolder.get(folder) ?? 1) - 1;
    if (remaining > 0) openByFolder.set(folder, remaining);
    else {
      openByFolder.delete(folder);
      // Until then the engine still holds the folder (another process, or we, may want one now).
      await drainPending();
    }
  }

  /** Rows in memory go by a file beside the engine's folder: the engine can only read them there. */
  async #withFile(source: RowSource, use: (path: string) => Promise<void>): Promise<void> {
    if (source.format === 'Parquet') return use(source.path);
    const path = join(resolve(this.#dataDir), `rows-${process.pid}-${++rowFiles}.tmp`);
    try {
      await this.#run(() => writeFile(path, source.bytes));
      await use(path);
    } finally {
      await rm(path, { force: true });
    }
  }

  #run<T>(call: () => Promise<T>): Promise<T> {
    return withExplainedErrors({ folder: this.#dataDir }, async () => {
      try {
        return await call();
      } catch (error) {
        throw explainDamage(this.#dataDir, error);
      }
    });
  }
}
