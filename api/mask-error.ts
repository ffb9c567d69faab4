import { randomUUID } from 'node:crypto';
import { GraphQLError } from 'graphql';
import { AppError, UsageError } from '../schema/errors.ts';

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
      extensions: { code: 'BAD_USER_INPUT', facts: plainFacts(facts) },
    });
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

/** The error a resolver threw, through every wrapping GraphQLError. */
function originOf(error: unknown): unknown {
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
