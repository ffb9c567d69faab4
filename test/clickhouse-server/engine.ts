import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Session } from 'chdb';
import type { HttpQuery } from './http-query.ts';

export interface EngineAnswer {
  readonly bytes: Uint8Array;
  readonly format: string;
  readonly readRows: number;
  readonly readBytes: number;
  readonly writtenRows: number;
  readonly elapsedSeconds: number;
}

/** Text formats that the engine takes as raw bytes behind an INSERT. */
const RAW_FORMATS = [
  'JSONEachRow',
  'JSONCompactEachRow',
  'CSV',
  'CSVWithNames',
  'TabSeparated',
  'TSV',
  'TabSeparatedWithNames',
  'TSVWithNames',
] as const;

/**
 * The embedded engine as the HTTP interface uses it: each query in a session of its own (1.4 ms),
 * so that settings, parameters and the current database end with the query, as on a server.
 *
 * Done by the engine: everything about SQL, one statement a call included (formatQuery parses with
 * the server's own rule and words), `readonly`, parameters (as SET param_x). Done by us: an INSERT
 * with a body of rows goes through the engine's raw insert, and `input('structure') ... FORMAT F`
 * becomes `file()` over the body, kept in a temporary file: the engine reads no input stream.
 * KILL QUERY ... SYNC, which never returns in the engine, becomes ASYNC and waiting; the query ids of
 * requests, which the engine does not take, stand in their log_comment.
 */
export class Engine {
  readonly #folder: string;
  readonly #scratch = mkdtempSync(join(tmpdir(), 'bulkhead-server-'));
  /** Holds the folder between queries. */
  readonly #keeper: Session;
  #running = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(folder: string) {
    mkdirSync(folder, { recursive: true });
    this.#folder = folder;
    this.#keeper = new Session(folder);
  }

  /** @throws Error with the engine's text, `Code: N. DB::Exception: ... (NAME)`. */
  async run(query: HttpQuery): Promise<EngineAnswer> {
    await this.#enter();
    const session = new Session(this.#folder);
    try {
      await prepare(session, query);
      const kill = /^\s*KILL\s+QUERY\s+WHERE\s+([\s\S]*?)\s+SYNC\s*$/i.exec(query.sql)?.[1];
      if (kill !== undefined) return await killQueries(session, kill);
      return await (query.data === null
        ? select(session, query.sql, query.defaultFormat)
        : this.#insert(session, query.sql, query.data));
    } finally {
      session.close();
      this.#leave();
    }
  }

  close(): void {
    this.#keeper.close();
    rmSync(this.#scratch, { recursive: true, force: true });
  }

  async #insert(session: Session, sql: string, data: Buffer): Promise<EngineAnswer> {
    const target =
      /^\s*INSERT\s+INTO\s+(?:TABLE\s+)?([\w.]+)\s*(?:\(([^)]*)\))?\s*FORMAT\s+(\w+)\s*$/i.exec(
        sql,
      );
    if (target) return insertRows(session, { sql, data, target });
    const format = /\bFORMAT\s+(\w+)\s*$/i.exec(sql)?.[1];
    if (format === undefined || !/\binput\s*\(/i.test(sql)) {
      throw new Error(
        'Code: 48. DB::Exception: The test server cannot give a body to this statement. (NOT_IMPLEMENTED)',
      );
    }
    const file = join(this.#scratch, randomUUID());
    writeFileSync(file, data);
    try {
      const overFile = sql
        .replace(/\bFORMAT\s+\w+\s*$/i, '')
        .replace(/\binput\s*\(/i, `file('${file}', '${format}', `);
      return await select(session, overFile, 'TabSeparated');
    } finally {
      rmSync(file);
    }
  }

  /** The engine's thread pool is Node's (four threads): one is left for everything else. */
  async #enter(): Promise<void> {
    if (this.#running >= 3) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#running++;
  }

  #leave(): void {
    const next = this.#waiting.shift();
    if (next) next();
    else this.#running--;
  }
}

/** Database, settings and parameters; refuses more than one statement. */
async function prepare(session: Session, query: HttpQuery): Promise<void> {
  const assignments = [
    `log_comment = ${quoted(query.queryId)}`,
    ...[...query.settings].map(([name, value]) => `${plainName(name)} = ${quoted(value)}`),
    ...[...query.parameters].map(([name, value]) => `param_${plainName(name)} = ${quoted(value)}`),
    // As a server does for GET: settings may be changed, data not.
    ...(query.isReadOnly ? ['readonly = 2'] : []),
  ];
  const statements = [
    ...(query.database === '' ? [] : [`USE ${quotedName(query.database)}`]),
    `SELECT formatQuerySingleLine(${quoted(query.sql)}) FORMAT Null`,
    `SET ${assignments.join(', ')}`,
  ];
  // The engine itself takes several at once.
  await session.queryAsync(statements.join('; '));
}

async function select(session: Session, sql: string, defaultFormat: string): Promise<EngineAnswer> {
  const result = await session.queryAsync(sql, { format: defaultFormat });
  return {
    bytes: result.bytes(),
    format: /\bFORMAT\s+(\w+)\s*;?\s*$/i.exec(sql)?.[1] ?? defaultFormat,
    readRows: result.rowsRead,
    readBytes: result.bytesRead,
    writtenRows: 0,
    elapsedSeconds: result.elapsed,
  };
}

async function killQueries(session: Session, condition: string): Promise<EngineAnswer> {
  const where = condition.replace(/\bquery_id\b/g, "Settings['log_comment']");
  const answer = await select(session, `KILL QUERY WHERE ${where} ASYNC`, 'TabSeparated');
  const running = `SELECT 1 FROM system.processes WHERE (${where}) AND query NOT ILIKE '%system.processes%' LIMIT 1`;
  while ((await select(session, running, 'TabSeparated')).bytes.length > 0) await sleep(20);
  return answer;
}

async function insertRows(
  session: Session,
  insert: { sql: string; data: Buffer; target: RegExpExecArray },
): Promise<EngineAnswer> {
  const [, table = '', names, formatName] = insert.target;
  const format = RAW_FORMATS.find((known) => known === formatName);
  if (format === undefined) {
    throw new Error(
      `Code: 48. DB::Exception: The test server takes no rows as ${formatName}. (NOT_IMPLEMENTED)`,
    );
  }
  const columns = names?.split(',').map((name) => name.trim().replaceAll('`', ''));
  const done = await session.insert({
    table,
    values: insert.data,
    format,
    ...(columns ? { columns } : {}),
  });
  return {
    bytes: new Uint8Array(0),
    format,
    readRows: 0,
    readBytes: insert.data.length,
    writtenRows: done.rowsWritten,
    elapsedSeconds: done.elapsed,
  };
}

function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}

function quotedName(name: string): string {
  return `\`${name.replaceAll('\\', '\\\\').replaceAll('`', '\\`')}\``;
}

function plainName(name: string): string {
  if (/^\w+$/.test(name)) return name;
  throw new Error(`Code: 115. DB::Exception: Unknown setting '${name}'. (UNKNOWN_SETTING)`);
}
