import hypersync, {
  type Query,
  type QueryResponse,
  type StreamConfig,
} from '@envio-dev/hypersync-client';
import { OperatorError, RetryableError, UsageError } from '../../schema/errors.ts';
import {
  abandonOnAbort,
  type BackoffPolicy,
  DEFAULT_BACKOFF,
  RateLimitedError,
  RetriesExhaustedError,
  retryWithBackoff,
} from './backoff.ts';
import { normalizeEndpoint } from './chains.ts';
import { classifyClientError, LaggingReplicaError, UnreachableError } from './client-errors.ts';
import { HEADER_FIELDS } from './log-query.ts';
import type { BlockHeader, HeadInfo } from './log-source.ts';

type HypersyncClient = InstanceType<typeof hypersync.HypersyncClient>;

export interface EndpointOptions {
  readonly url: string;
  /** Sent as the bearer token; a local replay takes any. */
  readonly token: string;
  /** Null: whatever the endpoint says. */
  readonly expectedChainId: number | null;
  /** Longest wait for one HTTP answer. */
  readonly requestTimeoutMillis?: number;
  /** A native call that is not back by then is given up: it may be spinning for ever. */
  readonly callTimeoutMillis?: number;
  readonly backoff?: BackoffPolicy;
  /** One readable line for each wait: `The endpoint answered 503; trying again in 2 s`. */
  readonly onRetry?: (text: string) => void;
}

const DEFAULT_REQUEST_TIMEOUT_MILLIS = 30_000;
const DEFAULT_CALL_TIMEOUT_MILLIS = 300_000;
/** From here on a silent call is mentioned. */
const SLOW_CALL_MILLIS = 5_000;

// The client logs every failed attempt, with a stack, to stderr; we report failures ourselves.
// Only the first call in a process counts and it must come before the first client.
let quieted = false;
function quietClient(): void {
  if (!quieted) hypersync.setLogLevel('off');
  quieted = true;
}

/**
 * A HyperSync endpoint with our own patience: the client's retry loop is cut to one attempt (it would
 * try a bad token 13 times and cannot be cancelled), errors are sorted by remedy, what may pass is
 * retried, and a call is let go at once when the signal fires.
 */
export class HypersyncEndpoint {
  readonly url: string;
  private readonly client: HypersyncClient;
  private readonly bulkClient: HypersyncClient;
  private readonly token: string;
  private readonly expectedChainId: number | null;
  private readonly callTimeoutMillis: number;
  private readonly backoff: BackoffPolicy;
  private readonly onRetry: (text: string) => void;
  private knownChainId: number | null = null;
  private givenUpCalls = 0;

  /** @throws UsageError when the URL is not one. */
  constructor(options: EndpointOptions) {
    quietClient();
    this.url = normalizeEndpoint(options.url);
    this.token = options.token;
    this.expectedChainId = options.expectedChainId;
    this.callTimeoutMillis = options.callTimeoutMillis ?? DEFAULT_CALL_TIMEOUT_MILLIS;
    this.backoff = options.backoff ?? DEFAULT_BACKOFF;
    this.onRetry = options.onRetry ?? (() => undefined);
    const requestTimeoutMillis = options.requestTimeoutMillis ?? DEFAULT_REQUEST_TIMEOUT_MILLIS;
    this.client = this.makeClient(requestTimeoutMillis, 0);
    // A collection is many requests: one that stumbles should not cost the others.
    this.bulkClient = this.makeClient(requestTimeoutMillis, 1);
  }

  private makeClient(requestTimeoutMillis: number, retries: number): HypersyncClient {
    try {
      return new hypersync.HypersyncClient({
        url: this.url,
        apiToken: this.token,
        httpReqTimeoutMillis: requestTimeoutMillis,
        maxNumRetries: retries,
        // It sleeps once more after its last failure: keep that short, our own delay follows.
        retryBaseMs: 1,
        retryBackoffMs: 50,
        retryCeilingMs: 50,
      });
    } catch (cause) {
      throw new UsageError('The HyperSync client does not accept this endpoint.', {
        facts: { url: this.url },
        remedy: 'Give a URL such as https://42161.hypersync.xyz.',
        cause,
      });
    }
  }

  /**
   * Chain id and height. The height may go down between two calls: instances behind a load balancer
   * differ; that alone is no reorg. @throws OperatorError when it is another chain than expected.
   */
  async head(signal: AbortSignal): Promise<HeadInfo> {
    const chainId = await this.chainId(signal);
    const height = await this.retrying(signal, () => this.heightOnce(signal));
    return { chainId, height };
  }

  /** The endpoint's chain id, asked for once. @throws OperatorError when it is not the expected one. */
  async chainId(signal: AbortSignal): Promise<number> {
    this.knownChainId ??= await this.retrying(signal, () =>
      this.attempt('the chain id', signal, () => this.client.getChainId()),
    );
    if (this.expectedChainId !== null && this.knownChainId !== this.expectedChainId) {
      throw new OperatorError('The HyperSync endpoint serves another chain.', {
        facts: { endpoint: this.url, expected: this.expectedChainId, served: this.knownChainId },
        remedy: 'Point HYPERSYNC_URL (or --hypersync-url) at the endpoint of the chain you named.',
      });
    }
    return this.knownChainId;
  }

  /**
   * One page. An answer that scanned nothing although blocks were asked for comes from an instance
   * with a lower head: it is tried again, never advanced over.
   */
  page(query: Query, signal: AbortSignal): Promise<QueryResponse> {
    const asked = `blocks from ${query.fromBlock}`;
    return this.retrying(signal, async () => {
      const response = await this.attempt(asked, signal, () => this.client.get(query));
      if (response.nextBlock <= query.fromBlock) throw this.lagging(query.fromBlock, response);
      return response;
    });
  }

  /** One page as it is, also when it scanned nothing. */
  pageOrNothing(query: Query, signal: AbortSignal): Promise<QueryResponse> {
    return this.retrying(signal, () =>
      this.attempt(`blocks from ${query.fromBlock}`, signal, () => this.client.get(query)),
    );
  }

  /**
   * Has the client write a query's rows as files into `folder`, once, without our retries. Its end is
   * no proof of how far it got.
   */
  collectParquet(
    folder: string,
    query: Query,
    config: StreamConfig,
    signal: AbortSignal,
  ): Promise<void> {
    return this.attempt(`blocks from ${query.fromBlock}`, signal, () =>
      this.bulkClient.collectParquet(folder, query, config),
    );
  }

  /** Height, once, without our retries. */
  heightOnce(signal: AbortSignal): Promise<number> {
    return this.attempt('the height', signal, () => this.client.getHeight());
  }

  /** Header of a block. @throws OperatorError when the endpoint does not get as far within the budget. */
  async header(number: number, signal: AbortSignal): Promise<BlockHeader> {
    const response = await this.page(
      {
        fromBlock: number,
        toBlock: number + 1,
        includeAllBlocks: true,
        fieldSelection: HEADER_FIELDS,
      },
      signal,
    );
    const block = response.data.blocks.find((candidate) => candidate.number === number);
    if (
      block?.hash === undefined ||
      block.parentHash === undefined ||
      block.timestamp === undefined
    ) {
      throw new OperatorError('The HyperSync endpoint has no header of a block that it scanned.', {
        facts: { endpoint: this.url, block: number },
        remedy: 'Try another endpoint of this chain.',
      });
    }
    return { number, hash: block.hash, parentHash: block.parentHash, timestamp: block.timestamp };
  }

  /** `work` with our retries. @throws OperatorError once they are used up. */
  async retrying<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    try {
      return await retryWithBackoff(work, {
        policy: this.backoff,
        signal,
        onRetry: ({ error, delayMillis }) =>
          this.onRetry(
            `${error.message.replace(/\.$/, '')}; trying again in ${inSeconds(delayMillis)}`,
          ),
      });
    } catch (error) {
      throw error instanceof RetriesExhaustedError ? exhausted(error) : error;
    }
  }

  /** `work` once: errors sorted by remedy, bounded in time. */
  private async attempt<T>(asked: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    const slow = setTimeout(() => this.reportSilence(asked), SLOW_CALL_MILLIS);
    const giveUp = new AbortController();
    const deadline = setTimeout(() => giveUp.abort(), this.callTimeoutMillis);
    try {
      return await abandonOnAbort(work(), AbortSignal.any([signal, giveUp.signal]));
    } catch (error) {
      signal.throwIfAborted();
      if (giveUp.signal.aborted) throw this.givenUp(asked);
      throw classifyClientError(error, { endpoint: this.url, asked, secret: this.token });
    } finally {
      clearTimeout(slow);
      clearTimeout(deadline);
    }
  }

  /** The client sleeps by itself when the rate limit is used up: say so, it may be a minute. */
  private reportSilence(asked: string): void {
    const limit = this.client.rateLimitInfo();
    this.onRetry(
      limit?.remaining === 0 && limit.resetSecs !== undefined
        ? `HyperSync's rate limit is used up; it resets within ${limit.resetSecs} s`
        : `Still waiting for ${asked} from ${this.url}`,
    );
  }

  private lagging(block: number, response: QueryResponse): LaggingReplicaError {
    return new LaggingReplicaError('The HyperSync instance that answered is behind.', {
      facts: { endpoint: this.url, asked: block, ...heightFact(response) },
    });
  }

  /**
   * A native call cannot be cancelled, and against a server that is behind its stream loop asks again
   * without pause. One such call may be a bad moment; a second means to stop the process.
   */
  private givenUp(asked: string): RetryableError | OperatorError {
    this.givenUpCalls += 1;
    const facts = {
      endpoint: this.url,
      asked,
      'waited for': inSeconds(this.callTimeoutMillis),
      'calls given up': this.givenUpCalls,
    };
    if (this.givenUpCalls < 2)
      return new RetryableError('A HyperSync call does not come back.', { facts });
    return new OperatorError('HyperSync calls do not come back.', {
      facts,
      remedy: 'Stop and start again; what is stored is good. If it stays, try another endpoint.',
    });
  }
}

function heightFact(response: QueryResponse): Record<string, number> {
  return response.archiveHeight === undefined ? {} : { height: response.archiveHeight };
}

function inSeconds(millis: number): string {
  return `${(millis / 1000).toFixed(millis < 10_000 ? 1 : 0)} s`;
}

function exhausted(error: RetriesExhaustedError): OperatorError {
  const last = error.lastError;
  if (last instanceof RateLimitedError) {
    return new OperatorError('HyperSync keeps limiting the rate of requests.', {
      facts: error.facts,
      remedy: 'Wait, or raise the limit of your token (https://envio.dev/app/api-tokens).',
      cause: error,
    });
  }
  if (last instanceof LaggingReplicaError) {
    return new OperatorError('The HyperSync endpoint does not reach the block that is needed.', {
      facts: error.facts,
      remedy: 'Its head went back or stands still. Wait and start again, or try another endpoint.',
      cause: error,
    });
  }
  const opening = last instanceof UnreachableError ? 'is unreachable' : 'gives no usable answer';
  return new OperatorError(`HyperSync ${opening}. ${last.message}`, {
    facts: error.facts,
    remedy:
      'Check the network and HYPERSYNC_URL, then start again: it goes on from the last stored block.',
    cause: error,
  });
}
