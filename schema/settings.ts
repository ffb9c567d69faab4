import { z } from 'zod';
import { UsageError } from './errors.ts';

const LOG_LEVELS = ['silent', 'fatal', 'error', 'warn', 'info', 'debug', 'trace'] as const;

/** `NAME=` in a .env file means "not set", not "set to nothing". */
const unsetWhenBlank = (value: unknown) =>
  typeof value === 'string' && value.trim() === '' ? undefined : value;

const optionalText = z.preprocess(unsetWhenBlank, z.string().trim().optional());

/** Endpoint without its trailing slash: HyperSync answers 404 to `//height`. */
const endpoint = (remedyForCredentials: string) =>
  z.preprocess(
    unsetWhenBlank,
    z
      .string()
      .trim()
      .superRefine((text, context) => {
        const url = URL.canParse(text) ? new URL(text) : undefined;
        if (!url || !['http:', 'https:'].includes(url.protocol)) {
          context.addIssue({
            code: 'custom',
            message: 'expected a URL that starts with http(s)://',
          });
        } else if (url.username !== '' || url.password !== '') {
          // URLs are written to logs and error messages; secrets must not ride along.
          context.addIssue({ code: 'custom', message: remedyForCredentials });
        }
      })
      .transform((text) => text.replace(/\/+$/, ''))
      .optional(),
  );

const port = z.preprocess(
  unsetWhenBlank,
  z
    .string()
    .trim()
    .regex(/^\d{1,5}$/, 'expected a port number, 0 to 65535')
    .transform(Number)
    .refine((value) => value <= 65_535, 'expected a port number, 0 to 65535')
    .default(4000),
);

const text = (fallback: string) =>
  z.preprocess(unsetWhenBlank, z.string().trim().default(fallback));

const databaseName = z.preprocess(
  unsetWhenBlank,
  z
    .string()
    .trim()
    .regex(/^[A-Za-z_][A-Za-z0-9_]{0,62}$/, 'expected letters, digits and _ only')
    .refine(
      (name) => name !== 'default',
      'the `default` database lacks the Atomic engine: name another',
    )
    .default('bulkhead'),
);

const clusterName = z.preprocess(
  unsetWhenBlank,
  z
    .string()
    .trim()
    .regex(/^[A-Za-z_][A-Za-z0-9_.-]{0,62}$/, 'expected letters, digits, _ . and - only')
    .optional(),
);

/** Every environment variable that Bulkhead reads, with its default. */
const environmentSchema = z.object({
  /** HyperSync token; unset means no live endpoint can be read. */
  ENVIO_API_TOKEN: optionalText,
  /** Another HyperSync endpoint than the chain's own. */
  HYPERSYNC_URL: endpoint('takes no user or password: the token goes into ENVIO_API_TOKEN'),
  /** How long failures of the endpoint may go on before a run gives up. */
  HYPERSYNC_RETRY_SECONDS: z.preprocess(
    unsetWhenBlank,
    z
      .string()
      .trim()
      .regex(/^\d{1,4}$/, 'expected seconds, 1 to 3600')
      .transform(Number)
      .refine((value) => value >= 1 && value <= 3600, 'expected seconds, 1 to 3600')
      .default(60),
  ),
  /** `off`: do not ask a second time which rows there are; for tokens with a tight rate limit. */
  HYPERSYNC_RECOUNT: z.preprocess(
    unsetWhenBlank,
    z
      .enum(['on', 'off'])
      .default('on')
      .transform((value) => value === 'on'),
  ),
  /** A ClickHouse server; unset means the embedded engine. */
  CLICKHOUSE_URL: endpoint(
    'takes no user or password: use CLICKHOUSE_USER and CLICKHOUSE_PASSWORD',
  ),
  CLICKHOUSE_USER: text('default'),
  CLICKHOUSE_PASSWORD: z.string().default(''),
  CLICKHOUSE_DATABASE: databaseName,
  /** Cluster of the server's `remote_servers`; unset means tables on that server alone. */
  CLICKHOUSE_CLUSTER: clusterName,
  /** Folder of the embedded engine. */
  BULKHEAD_DATA: text('.bulkhead'),
  PORT: port,
  HOST: text('127.0.0.1'),
  LOG_LEVEL: z.preprocess(unsetWhenBlank, z.enum(LOG_LEVELS).default('info')),
});

export interface Settings {
  readonly envioApiToken: string | undefined;
  /** Without trailing slash. */
  readonly hypersyncUrl: string | undefined;
  readonly hypersyncRetrySeconds: number;
  readonly hypersyncRecount: boolean;
  /** Without trailing slash; undefined means the embedded engine. */
  readonly clickhouseUrl: string | undefined;
  readonly clickhouseUser: string;
  readonly clickhousePassword: string;
  readonly clickhouseDatabase: string;
  /** Undefined means no cluster. */
  readonly clickhouseCluster: string | undefined;
  readonly dataDirectory: string;
  readonly port: number;
  readonly host: string;
  readonly logLevel: (typeof LOG_LEVELS)[number];
}

/**
 * Settings from the environment. Values never appear in the error, only names and what was expected.
 * @throws UsageError that lists every fault at once.
 */
export function readSettings(environment: Readonly<Record<string, string | undefined>>): Settings {
  const parsed = environmentSchema.safeParse(environment);
  if (!parsed.success) {
    throw new UsageError(`The settings are wrong.\n${z.prettifyError(parsed.error)}`, {
      remedy: 'Correct these environment variables (or the .env file) and start again.',
    });
  }
  const values = parsed.data;
  if (values.CLICKHOUSE_CLUSTER !== undefined && values.CLICKHOUSE_URL === undefined) {
    throw new UsageError('The settings are wrong: CLICKHOUSE_CLUSTER needs CLICKHOUSE_URL.', {
      remedy: 'Give the address of one of its servers, or take the cluster out.',
    });
  }
  return {
    envioApiToken: values.ENVIO_API_TOKEN,
    hypersyncUrl: values.HYPERSYNC_URL,
    hypersyncRetrySeconds: values.HYPERSYNC_RETRY_SECONDS,
    hypersyncRecount: values.HYPERSYNC_RECOUNT,
    clickhouseUrl: values.CLICKHOUSE_URL,
    clickhouseUser: values.CLICKHOUSE_USER,
    clickhousePassword: values.CLICKHOUSE_PASSWORD,
    clickhouseDatabase: values.CLICKHOUSE_DATABASE,
    clickhouseCluster: values.CLICKHOUSE_CLUSTER,
    dataDirectory: values.BULKHEAD_DATA,
    port: values.PORT,
    host: values.HOST,
    logLevel: values.LOG_LEVEL,
  };
}

/** The secret values among the settings, for the logger to blot out. */
export function secretsOf(settings: Settings): string[] {
  return [settings.envioApiToken ?? '', settings.clickhousePassword].filter((text) => text !== '');
}
