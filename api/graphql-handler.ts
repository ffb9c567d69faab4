import { maxAliasesPlugin } from '@escape.tech/graphql-armor-max-aliases';
import { maxDepthPlugin } from '@escape.tech/graphql-armor-max-depth';
import { maxTokensPlugin } from '@escape.tech/graphql-armor-max-tokens';
import { renderGraphiQL } from '@graphql-yoga/render-graphiql';
import type { ExecutionArgs, ExecutionResult } from 'graphql';
import { createYoga, type Plugin } from 'graphql-yoga';
import { type ApiContext, makeWhole } from './context.ts';
import { MAX_ALIASES, MAX_BODY_BYTES, MAX_DEPTH, MAX_TOKENS } from './limits.ts';
import { type ApiLogger, maskError, originOf } from './mask-error.ts';
import { READY_QUERIES } from './queries/ready-queries.ts';
import { DatabaseUnavailableError, type Reader } from './queries/stored-query.ts';
import { schema } from './schema.ts';

export interface ApiOptions {
  readonly database: Reader;
  readonly logger: ApiLogger;
}

/** The GraphQL endpoint as a fetch handler, with its limits, masking and an offline GraphiQL. */
export function createApi({ database, logger }: ApiOptions) {
  return createYoga<object, ApiContext>({
    schema,
    graphqlEndpoint: '/graphql',
    landingPage: false,
    batching: false,
    multipart: false,
    // Yoga would log what maskError already logs.
    logging: false,
    maxRequestBodySize: MAX_BODY_BYTES,
    // Public, read-only, without credentials: any page may ask.
    cors: { origin: '*', credentials: false, methods: ['GET', 'POST', 'OPTIONS'] },
    maskedErrors: { maskError: (error) => maskError(error, logger) },
    renderGraphiQL,
    graphiql: {
      title: 'Bulkhead GraphiQL',
      defaultTabs: READY_QUERIES.map(({ query }) => ({ query })),
    },
    plugins: [
      answersOfOneHead(database),
      maxTokensPlugin({ n: MAX_TOKENS }),
      maxDepthPlugin({ n: MAX_DEPTH }),
      maxAliasesPlugin({ n: MAX_ALIASES, allowList: [] }),
    ],
  });
}

/** Runs a request with a context of its own, and once more when its chain was reorganized meanwhile. */
function answersOfOneHead(database: Reader): Plugin<ApiContext> {
  return {
    onExecute({ executeFn, setExecuteFn }) {
      setExecuteFn((args: ExecutionArgs) =>
        makeWhole(database, async (context) => {
          const result: ExecutionResult = await executeFn({
            ...args,
            contextValue: { ...(args.contextValue as object), ...context },
          });
          // Half an answer of a database that went away is none.
          const away = result.errors
            ?.map(originOf)
            .find((error) => error instanceof DatabaseUnavailableError);
          if (away) throw away;
          return result;
        }),
      );
    },
  };
}
