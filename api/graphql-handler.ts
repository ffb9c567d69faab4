import { maxAliasesPlugin } from '@escape.tech/graphql-armor-max-aliases';
import { maxDepthPlugin } from '@escape.tech/graphql-armor-max-depth';
import { maxTokensPlugin } from '@escape.tech/graphql-armor-max-tokens';
import { renderGraphiQL } from '@graphql-yoga/render-graphiql';
import { createYoga } from 'graphql-yoga';
import { type ApiContext, createContext } from './context.ts';
import { MAX_ALIASES, MAX_BODY_BYTES, MAX_DEPTH, MAX_TOKENS } from './limits.ts';
import { type ApiLogger, maskError } from './mask-error.ts';
import { READY_QUERIES } from './queries/ready-queries.ts';
import type { Reader } from './queries/stored-query.ts';
import { schema } from './schema.ts';

export interface ApiOptions {
  readonly database: Reader;
  readonly logger: ApiLogger;
}

/** The GraphQL endpoint as a fetch handler, with its limits, masking and an offline GraphiQL. */
export function createApi({ database, logger }: ApiOptions) {
  return createYoga<object, ApiContext>({
    schema,
    context: () => createContext(database),
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
      maxTokensPlugin({ n: MAX_TOKENS }),
      maxDepthPlugin({ n: MAX_DEPTH }),
      maxAliasesPlugin({ n: MAX_ALIASES, allowList: [] }),
    ],
  });
}
