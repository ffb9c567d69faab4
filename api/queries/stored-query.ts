import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import type { Database } from '../../schema/clickhouse/database.ts';
import { engineErrorType } from '../../schema/clickhouse/engine-errors.ts';
import {
  CorruptDataError,
  OperatorError,
  RetryableError,
  UsageError,
} from '../../schema/errors.ts';
import { QUERY_SETTINGS } from '../limits.ts';

/** What the API needs of the store: bounded reads. `Database` of schema/clickhouse fits. */
export type Reader = Pick<Database, 'select'>;

export interface StoredQuery<Row> {
  /** File name without `.sql`. */
  readonly name: string;
  readonly sql: string;
  readonly columns: readonly string[];
  /** @throws CorruptDataError when a row is not what the codec says. */
  run(reader: Reader, parameters: Readonly<Record<string, unknown>>): Promise<Row[]>;
}

const loaded = new Map<string, StoredQuery<unknown>>();

/** Every statement the API can send, by name: tests DESCRIBE each on the engine. */
export function storedQueries(): ReadonlyMap<string, StoredQuery<unknown>> {
  return loaded;
}

/**
 * Reads `<name>.sql` beside the calling module, once. Values reach it only as typed placeholders.
 * @example loadQuery('sources', z.object({ chain_id: count }))
 */
export function loadQuery<Shape extends z.ZodRawShape>(
  name: string,
  row: z.ZodObject<Shape>,
): StoredQuery<z.output<z.ZodObject<Shape>>> {
  const file = fileURLToPath(new URL(`./${name}.sql`, import.meta.url));
  const sql = readFileSync(file, 'utf8');
  const rows = z.array(row);
  const query = {
    name: basename(file, '.sql'),
    sql,
    columns: Object.keys(row.shape),
    async run(reader: Reader, parameters: Readonly<Record<string, unknown>>) {
      const answer = rows.safeParse(await read(reader, sql, parameters));
      if (!answer.success) {
        throw new CorruptDataError('A stored row is not what its table says.', {
          facts: { query: name, fault: z.prettifyError(answer.error).slice(0, 300) },
          remedy: 'Run `bulkhead verify`, then `bulkhead rebuild`.',
        });
      }
      return answer.data;
    },
  };
  loaded.set(name, query);
  return query;
}

async function read(
  reader: Reader,
  sql: string,
  parameters: Readonly<Record<string, unknown>>,
): Promise<unknown[]> {
  try {
    return await reader.select<unknown>(sql, parameters, QUERY_SETTINGS);
  } catch (error) {
    throw explainFault(error);
  }
}

/** The database does not answer, or will not now; it may again in seconds. */
export class DatabaseUnavailableError extends RetryableError {
  constructor(cause: unknown) {
    super('The database does not answer at the moment.', {
      remedy: 'Ask again in some seconds; /health says when it is back.',
      cause,
    });
  }
}

/** A statement took longer than it may: too much was asked, or the database is slow. */
export class QueryTimeoutError extends UsageError {}

/** A statement would read or hold more than it may. */
export class QueryTooLargeError extends UsageError {}

/** The chain was reorganized, or its tables were swapped, while the answer was made, twice. */
export class HeadsMovedError extends RetryableError {
  constructor() {
    super('The chain was reorganized, or its index rebuilt, while the answer was made.', {
      remedy: 'Ask again.',
    });
  }
}

/** The engine's names for a bound of the statement: rows read, memory, rows of the result. */
const BOUND_TYPES = new Set(['TOO_MANY_ROWS', 'TOO_MANY_ROWS_OR_BYTES', 'MEMORY_LIMIT_EXCEEDED']);

/** A bound that the question reached is the asker's to avoid; any other error stays what it is. */
export function explainFault(error: unknown): unknown {
  const type = engineErrorType(error) ?? '';
  const details = {
    facts: { bound: type },
    remedy: 'Narrow the time window, the block range or the filter.',
    cause: error,
  };
  if (BOUND_TYPES.has(type)) {
    return new QueryTooLargeError('The question reads more than one answer may.', details);
  }
  if (type === 'TIMEOUT_EXCEEDED') {
    return new QueryTimeoutError(
      'The database took longer over the question than it may.',
      details,
    );
  }
  // Nobody who asks can mend a refused password: the database is away for them all the same.
  const isAway = error instanceof RetryableError || error instanceof OperatorError;
  return isAway ? new DatabaseUnavailableError(error) : error;
}

/** 64-bit counts, blocks and seconds: exact below 2^53. */
export const count = z
  .union([z.string().regex(/^-?\d+$/), z.number()])
  .transform(Number)
  .pipe(z.number().int());
/** 256-bit integers become bigint here and nowhere else. */
export const integer = z
  .union([z.string().regex(/^-?\d+$/), z.number().int()])
  .transform((value) => BigInt(value));
export const text = z.string();
export const flag = z.union([z.boolean(), z.literal(0), z.literal(1)]).transform(Boolean);
export const double = z.union([z.number(), z.string().transform(Number)]);
/** A map of the engine from whole numbers to counts. */
export const countsByNumber = z
  .record(z.string(), count)
  .transform(
    (map): ReadonlyMap<number, number> =>
      new Map(Object.entries(map).map(([key, times]) => [Number(key), times])),
  );
