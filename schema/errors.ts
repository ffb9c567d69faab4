/**
 * Errors sorted by remedy: may the program try again, or must a person act?
 * The message is one sentence, `facts` are the circumstances, `remedy` is what to do next.
 */
export interface ErrorDetails {
  readonly facts?: Readonly<Record<string, string | number | bigint>>;
  readonly remedy?: string;
  readonly cause?: unknown;
}

export class AppError extends Error {
  readonly facts: Readonly<Record<string, string | number | bigint>>;
  readonly remedy: string | undefined;

  constructor(message: string, details: ErrorDetails = {}) {
    super(message, { cause: details.cause });
    this.name = new.target.name;
    this.facts = details.facts ?? {};
    this.remedy = details.remedy;
  }
}

/** A passing fault: the same call may succeed later. */
export class RetryableError extends AppError {}

/** Someone used Bulkhead wrongly (flag, environment, query): exit code 2. */
export class UsageError extends AppError {}

/** The surroundings are wrong (port taken, disk full, token refused): a person must act. Exit code 1. */
export class OperatorError extends AppError {}

/** Stored or received bytes contradict themselves: nothing is guessed. Exit code 1. */
export class CorruptDataError extends AppError {}

/** One readable block of text: sentence, facts, remedy. Never a stack. */
export function formatError(error: unknown): string {
  if (!(error instanceof AppError)) {
    return error instanceof Error ? error.message : String(error);
  }
  const facts = Object.entries(error.facts).map(([name, value]) => `  ${name}: ${value}`);
  return [error.message, ...facts, ...(error.remedy ? [`  → ${error.remedy}`] : [])].join('\n');
}
