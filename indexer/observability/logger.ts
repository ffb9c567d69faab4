import { pino } from 'pino';
import { AppError } from '../../schema/errors.ts';

const BLOT = '[redacted]';
/** Not plain `token`: in this domain that is an address. */
const SECRET_KEY = /^(api_?token|envio_?api_?token|(clickhouse_?)?password|authorization|secret)$/i;
const MAX_DEPTH = 6;

export type Logger = pino.Logger;

export interface LoggerOptions {
  readonly level: string;
  /** Values that must never be written, wherever they turn up. */
  readonly secrets?: readonly string[];
  /** Defaults to stderr: stdout belongs to the command's answer. */
  readonly destination?: pino.DestinationStream;
}

/**
 * JSON lines on stderr. Bigints are written as decimal text (exact), secrets are blotted out both by
 * the name of their key and by their value.
 */
export function createLogger(options: LoggerOptions): Logger {
  const secrets = (options.secrets ?? [])
    .filter((secret) => secret.length >= 4)
    .map((secret) => JSON.stringify(secret).slice(1, -1));
  return pino(
    {
      level: options.level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: {
        level: (label) => ({ level: label }),
        log: (fields) => writableFields(fields),
      },
      serializers: { err: (error: unknown) => error },
      hooks: {
        // The last gate: a secret inside a message or a foreign error text is caught here.
        streamWrite: (line) =>
          secrets.reduce((text, secret) => text.replaceAll(secret, BLOT), line),
      },
    },
    options.destination ?? pino.destination({ fd: 2, sync: true }),
  );
}

function writableFields(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      name,
      SECRET_KEY.test(name) ? BLOT : writable(value, 0),
    ]),
  );
}

/** The value as plain JSON: bigint to text, errors to their parts, no functions, bounded depth. */
function writable(value: unknown, depth: number): unknown {
  if (typeof value === 'bigint') return value.toString();
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= MAX_DEPTH) return '[deeper]';
  if (value instanceof Error) return errorFields(value, depth);
  if (value instanceof Uint8Array) return `[${value.length} bytes]`;
  if (value instanceof Date) return value;
  if (value instanceof Map) return writable(Object.fromEntries(value), depth + 1);
  if (Array.isArray(value)) return value.map((item) => writable(item, depth + 1));
  if (value instanceof Set) return [...value].map((item) => writable(item, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [
      name,
      SECRET_KEY.test(name) ? BLOT : writable(item, depth + 1),
    ]),
  );
}

function errorFields(error: Error, depth: number): Record<string, unknown> {
  const known = error instanceof AppError;
  return {
    type: error.name,
    message: error.message,
    ...(known && { facts: writable(error.facts, depth + 1), remedy: error.remedy }),
    // An error that we made explains itself; only a surprise needs its stack.
    ...(!known && { stack: error.stack }),
    ...(error.cause !== undefined && { cause: writable(error.cause, depth + 1) }),
  };
}
