import { expect } from 'vitest';
import type { createApi } from '../../api/graphql-handler.ts';
import type { ApiLogger } from '../../api/mask-error.ts';
import { openDatabase } from '../../schema/clickhouse/connection.ts';
import type { Database } from '../../schema/clickhouse/database.ts';
import { migrate } from '../../schema/clickhouse/migrate.ts';
import { temporaryFolder } from '../e2e/run-cli.ts';
import { indexedArchives } from '../indexed-archives.ts';

export interface OpenStore {
  readonly database: Database;
  close(): Promise<void>;
}

export function openCrashStore(): Promise<OpenStore> {
  return openArchiveStore('gmx-v2-crash-2023-08-17');
}

/** Bundled archives, each of a chain of its own, indexed by the command a user runs. */
export async function openArchiveStore(...names: readonly string[]): Promise<OpenStore> {
  return openFolder(await indexedArchives(...names));
}

/** A store with tables and no rows. */
export async function openEmptyStore(): Promise<OpenStore> {
  const store = await openFolder(temporaryFolder('api-empty'));
  await migrate(store.database);
  return store;
}

export async function openFolder(folder: { path: string; remove(): void }): Promise<OpenStore> {
  const database = await openDatabase({ dataDir: folder.path });
  return {
    database,
    async close() {
      await database.close();
      folder.remove();
    },
  };
}

export interface Logged {
  readonly fields: Readonly<Record<string, unknown>>;
  readonly message: string;
}

/** A logger that keeps what was logged. */
export function keepingLogger(): ApiLogger & { readonly lines: Logged[] } {
  const lines: Logged[] = [];
  return { lines, error: (fields, message) => void lines.push({ fields, message }) };
}

export interface GraphQLAnswer<T> {
  readonly data?: T | null;
  readonly errors?: readonly {
    readonly message: string;
    readonly extensions?: Readonly<Record<string, unknown>>;
  }[];
}

/** Asks over HTTP semantics, as a client would, without a socket. */
export function askOf(api: ReturnType<typeof createApi>) {
  const ask = rawAskOf(api);
  return async <T>(
    query: string,
    variables: Readonly<Record<string, unknown>> = {},
  ): Promise<GraphQLAnswer<T>> => JSON.parse(await ask(query, variables)) as GraphQLAnswer<T>;
}

/** The same, with the bytes of the answer. */
export function rawAskOf(api: ReturnType<typeof createApi>) {
  return async (query: string, variables: Readonly<Record<string, unknown>> = {}) => {
    const response = await api.fetch('http://localhost/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query, variables }),
    });
    return response.text();
  };
}

/** The data of an answer that must have no errors. */
export async function dataOf<T>(answer: Promise<GraphQLAnswer<T>>): Promise<T> {
  const { data, errors } = await answer;
  expect(errors).toBeUndefined();
  return data as T;
}
