import { randomUUID } from 'node:crypto';
import { GraphQLError } from 'graphql';
import { AppError, UsageError } from '../schema/errors.ts';
import { BlockOutOfRangeError } from './queries/source-directory.ts';
import {
  DatabaseUnavailableError,
  HeadsMovedError,
  QueryTimeoutError,
  QueryTooLargeError,
} from './queries/stored-query.ts';

/** What the API needs of a logger; pino fits. */
export interface ApiLogger {
  error(fields: Readonly<Record<string, unknown>>, message: string): void;
}

/**
 * What a client may know of a fault. Wrong use is explained in our own words; a fault of GraphQL
 * itself (syntax, unknown field) as it is; anything else is logged under an id and named only by it:
 * its text may hold SQL, paths or hosts.
 */
export function maskError(error: unknown, logger: ApiLogger): GraphQLError {
  const original = originOf(error);
  if (original instanceof UsageError) {
    const { message, remedy, facts } = original;
    return new GraphQLError([message, remedy].filter(Boolean).join(' '), {
      ...placeOf(error),
      extensions: { code: codeOf(original), facts: plainFacts(facts) },
    });
  }
  if (original instanceof DatabaseUnavailableError || original instanceof HeadsMovedError) {
    return unavailable(error, original, logger);
  }
  if (error instanceof GraphQLError && (original === error || original instanceof GraphQLError)) {
    return error;
  }
  const id = randomUUID();
  logger.error({ id, err: original ?? error, ...factsOf(original) }, 'request failed');
  return new GraphQLError('Internal error', {
    ...placeOf(error),
    extensions: { code: 'INTERNAL_SERVER_ERROR', id },
  });
}

/** The codes of `extensions.code`, so that a client need not read sentences. */
function codeOf(error: UsageError): string {
  if (error instanceof QueryTimeoutError) return 'QUERY_TIMEOUT';
  if (error instanceof BlockOutOfRangeError) return 'BLOCK_OUT_OF_RANGE';
  return error instanceof QueryTooLargeError ? 'QUERY_TOO_LARGE' : 'BAD_USER_INPUT';
}

/** A fault that passes, as HTTP 503: why the database is away is in the log, not in the answer. */
function unavailable(
  error: unknown,
  original: DatabaseUnavailableError | HeadsMovedError,
  logger: ApiLogger,
): GraphQLError {
  const isAway = original instanceof DatabaseUnavailableError;
  if (isAway) logger.error({ err: original.cause, ...factsOf(original.cause) }, original.message);
  return new GraphQLError([original.message, original.remedy].filter(Boolean).join(' '), {
    ...placeOf(error),
    extensions: {
      code: isAway ? 'DATABASE_UNAVAILABLE' : 'HEADS_MOVED',
      http: { status: 503, headers: { 'retry-after': '2' } },
    },
  });
}

/** The error a resolver threw, through every wrapping GraphQLError. */
export function originOf(error: unknown): unknown {
  let current = error;
  while (current instanceof GraphQLError && current.originalError) current = current.originalError;
  return current;
}

function placeOf(error: unknown) {
  return error instanceof GraphQLError
    ? { nodes: error.nodes ?? null, path: error.path ?? null }
    : {};
}

function factsOf(error: unknown) {
  return error instanceof AppError ? { facts: plainFacts(error.facts) } : {};
}

/** JSON cannot carry bigints. */
function plainFacts(facts: AppError['facts']): Record<string, string | number> {
  return Object.fromEntries(
    Object.entries(facts).map(([name, value]) => [
      name,
      typeof value === 'bigint' ? value.toString() : value,
    ]),
  );
}
