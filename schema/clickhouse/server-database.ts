import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { ClickHouseLogLevel, type ClickHouseSettings, createClient } from '@clickhouse/client';
import { OperatorError, RetryableError, UsageError } from '../errors.ts';
import type { CheckedInsert, Database, QueryParameters } from './database.ts';
import { ServerAwayError, withExplainedErrors } from './engine-errors.ts';
import { encodeRows, type InsertColumn, type InsertRow } from './json-rows.ts';
import { asRunningWrite, END_WRITES, lateWrites } from './late-writes.ts';
import { exactNumberSettings, readAll, whereChecked, writeSettings } from './query-settings.ts';
import { assertWholeAnswer, EXCEPTION_TAG_HEADER, rowsOfAnswer } from './server-answers.ts';
import { tryAgain } from './try-again.ts';

export interface ServerOptions {
  /** http(s)://host:port; a user and password in it are used and taken out. */
  readonly url: string;
  readonly user?: string | undefined;
  readonly password?: string | undefined;
  readonly database?: string | undefined;
  readonly timeouts?: ServerTimeouts | undefined;
  /** Cluster of the server's `remote_servers` over which the tables are spread (`openDatabase`). */
  readonly cluster?: string | undefined;
  /** For every statement of the connection. */
  readonly settings?: ClickHouseSettings | undefined;
}

/** How long a server may be silent, ms. Progress of a query is no silence. */
export interface ServerTimeouts {
  readonly read: number;
  /** Deletions and merges that were asked for report no progress. */
  readonly write: number;
}

const DEFAULT_TIMEOUTS: ServerTimeouts = { read: 60_000, write: 300_000 };
const PROGRESS_INTERVAL_MS = 10_000;
/** A progress line is a header of 0.2 kB: room for more than a day of them. */
const MOST_HEADER_BYTES = 4 * 1024 * 1024;

/**
 * Connects to a ClickHouse server and makes the database when it is not there.
 * @throws UsageError when the URL is none; OperatorError when the server cannot be reached or refuses us.
 */
export async function openServer(options: ServerOptions): Promise<Database> {
  const name = options.database ?? 'bulkhead';
  const access = readAccess(options);
  const timeouts = options.timeouts ?? DEFAULT_TIMEOUTS;
  const setup = new ServerDatabase(access, 'default', timeouts);
  try {
    const found = await setup.select('SELECT 1 FROM system.databases WHERE name = {name:String}', {
      name,
    });
    if (found.length === 0) await setup.command(`CREATE DATABASE IF NOT EXISTS ${name}`);
  } catch (error) {
    // At a start nobody waits for a server to come back: a person should look.
    if (!(error instanceof RetryableError)) throw error;
    throw new OperatorError('The ClickHouse server cannot be reached.', {
      facts: error.facts,
      ...(error.remedy === undefined ? {} : { remedy: error.remedy }),
      cause: error.cause,
    });
  } finally {
    await setup.close();
  }
  return new ServerDatabase(access, name, timeouts, options.settings);
}

interface ServerAccess {
  readonly url: string;
  readonly username: string;
  readonly password: string;
}

function readAccess(options: ServerOptions): ServerAccess {
  const url = URL.canParse(options.url) ? new URL(options.url) : null;
  if (!url || !/^https?:$/.test(url.protocol)) {
    throw new UsageError('CLICKHOUSE_URL is not an http or https address.', {
      // Only the scheme is quoted: the rest may hold a password.
      facts: { scheme: url?.protocol ?? 'none' },
      remedy: 'Give something like http://localhost:8123.',
    });
  }
  const username = options.user ?? (decodeURIComponent(url.username) || 'default');
  const password = options.password ?? decodeURIComponent(url.password);
  url.username = '';
  url.password = '';
  url.search = '';
  return { url: url.href, username, password };
}

/** Done a second time, it changes nothing more. Comments may stand before it. */
const REPEATABLE_COMMAND =
  /^(?:\s|--.*\n)*(?:CREATE\s[^(]*?\bIF\s+NOT\s+EXISTS\b|DROP\s[^(]*?\bIF\s+EXISTS\b|KILL\s+QUERY\b)/i;

/** Seconds beyond the time bound of a query that its answer may take on the way. */
const ABORT_AFTER_S = 5;

function connect(
  access: ServerAccess,
  name: string,
  silenceMillis: number,
  settings: ClickHouseSettings,
): Database['client'] {
  return createClient({
    url: access.url,
    username: access.username,
    password: access.password,
    database: name,
    application: 'bulkhead',
    request_timeout: silenceMillis,
    max_response_headers_size: MOST_HEADER_BYTES,
    // Decoding holds up the timers that would close idle sockets: their age is looked at instead.
    keep_alive: { enabled: true, idle_socket_ttl: 2_500, eagerly_destroy_stale_sockets: true },
    // Its faults are thrown and explained; the client would print them a second time.
    log: { level: ClickHouseLogLevel.OFF },
    clickhouse_settings: {
      ...exactNumberSettings,
      ...writeSettings,
      ...settings,
      wait_end_of_query: 1,
      send_progress_in_http_headers: 1,
      http_headers_progress_interval_ms: String(PROGRESS_INTERVAL_MS),
    },
    // Long lists of parameters go into the body: proxies refuse long addresses.
    use_multipart_params_auto: true,
  });
}

/**
 * Reads change nothing: they are tried again for about a second and a half. A write is only when it
 * surely did not begin, or is one that may be done twice; otherwise its caller opens the store anew
 * and finds out.
 */
class ServerDatabase implements Database {
  readonly kind = 'server';
  readonly name: string;
  readonly client: Database['client'];
  readonly #reader: Database['client'];
  readonly #url: string;
  #isOpen = true;

  constructor(
    access: ServerAccess,
    name: string,
    timeouts: ServerTimeouts,
    settings: ClickHouseSettings = {},
  ) {
    this.name = name;
    this.#url = access.url;
    this.client = connect(access, name, timeouts.write, settings);
    this.#reader = connect(access, name, timeouts.read, settings);
  }

  async select<T>(
    query: string,
    parameters: QueryParameters = {},
    settings: ClickHouseSettings = {},
  ): Promise<T[]> {
    // A server that bounds a query ends it itself; one that hangs would hold the socket for minutes.
    const bound = Number(settings.max_execution_time ?? 0);
    const signal = bound > 0 ? AbortSignal.timeout((bound + ABORT_AFTER_S) * 1000) : undefined;
    try {
      return await this.#read(async () => {
        const result = await this.#reader.query({
          query,
          query_params: { ...parameters },
          clickhouse_settings: settings,
          format: 'JSONEachRow',
          ...(signal && { abort_signal: signal }),
        });
        const text = await result.text();
        return rowsOfAnswer<T>(text, exceptionTag(result.response_headers));
      });
    } catch (error) {
      if (!signal?.aborted) throw error;
      throw new ServerAwayError('The ClickHouse server did not answer in time.', {
        facts: { server: this.#url, seconds: bound + ABORT_AFTER_S },
        remedy: 'Check whether the server hangs.',
        cause: error,
      });
    }
  }

  async selectBytes(query: string, parameters: QueryParameters = {}): Promise<Buffer> {
    return this.#read(async () => {
      const result = await this.#reader.exec({ query, query_params: { ...parameters } });
      const bytes = await readAll(result.stream);
      assertWholeAnswer(bytes, exceptionTag(result.response_headers));
      return bytes;
    });
  }

  async command(query: string, parameters: QueryParameters = {}): Promise<void> {
    await this.#write(
      () => this.client.command({ query, query_params: { ...parameters } }),
      REPEATABLE_COMMAND.test(query),
    );
  }

  async deleteRows(
    table: string,
    condition: string,
    parameters: QueryParameters,
    label?: string,
  ): Promise<void> {
    await this.#write(() =>
      asRunningWrite(this.name, label, (id) =>
        this.client.command({
          query: `DELETE FROM ${table} WHERE ${condition}`,
          query_params: { ...parameters },
          ...id,
        }),
      ),
    );
  }

  async endWrites(label: string): Promise<void> {
    await this.command(END_WRITES, lateWrites(this.name, label));
  }

  async setAsideDamagedParts(): Promise<readonly string[]> {
    return [];
  }

  async insertRows(
    table: string,
    columns: readonly InsertColumn[],
    rows: readonly InsertRow[],
    label?: string,
  ): Promise<void> {
    const values = await encodeRows(columns, rows);
    await this.#stream(
      `INSERT INTO ${table} (${columns.map(({ name }) => name).join(', ')}) FORMAT JSONCompactEachRow`,
      {},
      () => Readable.from([values], { objectMode: false }),
      label,
    );
  }

  async insertChecked(insert: CheckedInsert, label?: string): Promise<void> {
    const structure = insert.structure.replaceAll("'", "\\'");
    await this.#stream(
      `INSERT INTO ${insert.table} (${insert.columns.join(', ')})
       SELECT ${insert.expressions.join(', ')} FROM input('${structure}')
       ${whereChecked(insert)} FORMAT ${insert.source.format}`,
      insert.parameters,
      () =>
        insert.source.format === 'Parquet'
          ? createReadStream(insert.source.path)
          : Readable.from([insert.source.bytes], { objectMode: false }),
      label,
    );
  }

  /** Calls that still run end with an error: what they did is for the next opening to find out. */
  async close(): Promise<void> {
    this.#isOpen = false;
    await Promise.all([this.client.close(), this.#reader.close()]);
  }

  async #stream(
    query: string,
    parameters: QueryParameters,
    open: () => Readable,
    label: string | undefined,
  ): Promise<void> {
    await this.#write(() =>
      asRunningWrite(this.name, label, async (id) => {
        const answer = await this.client.exec({
          query,
          query_params: { ...parameters },
          values: open(),
          ...id,
        });
        await readAll(answer.stream);
      }),
    );
  }

  #read<T>(call: () => Promise<T>): Promise<T> {
    return tryAgain(
      () => this.#run(call),
      () => this.#isOpen,
    );
  }

  #write<T>(call: () => Promise<T>, mayHappenTwice = false): Promise<T> {
    return tryAgain(
      () => this.#run(call),
      (error) => this.#isOpen && (mayHappenTwice || error.isSurelyUndone),
    );
  }

  #run<T>(call: () => Promise<T>): Promise<T> {
    return withExplainedErrors({ server: this.#url }, call);
  }
}

function exceptionTag(headers: Readonly<Record<string, unknown>>): string | undefined {
  const tag = headers[EXCEPTION_TAG_HEADER];
  return typeof tag === 'string' ? tag : undefined;
}
