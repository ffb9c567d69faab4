import { OperatorError } from '../../schema/errors.ts';
import { HungCallError, RateLimitedError, type RetriesExhaustedError } from './backoff.ts';
import { LaggingReplicaError, UnreachableError } from './client-errors.ts';

/** What a person can do once the retries are used up; the cause stays: the fault may still pass. */
export function exhaustedError(error: RetriesExhaustedError): OperatorError {
  const last = error.lastError;
  const details = { facts: error.facts, cause: error };
  if (last instanceof RateLimitedError) {
    return new OperatorError('HyperSync keeps limiting the rate of requests.', {
      ...details,
      remedy: 'Wait, or raise the limit of your token (https://envio.dev/app/api-tokens).',
    });
  }
  if (last instanceof LaggingReplicaError) {
    return new OperatorError('The HyperSync endpoint does not reach the block that is needed.', {
      ...details,
      remedy: 'Its head went back or stands still. Wait and start again, or try another endpoint.',
    });
  }
  if (last instanceof HungCallError) {
    return new OperatorError('HyperSync calls do not come back.', {
      ...details,
      remedy: 'Stop and start again; what is stored is good. If it stays, try another endpoint.',
    });
  }
  const opening = last instanceof UnreachableError ? 'is unreachable' : 'gives no usable answer';
  return new OperatorError(`HyperSync ${opening}. ${last.message}`, {
    ...details,
    remedy:
      'Check the network and HYPERSYNC_URL, then start again: it goes on from the last stored block.',
  });
}
