import hypersync, {
  type Query,
  type QueryResponse,
  type StreamConfig,
} from '@envio-dev/hypersync-client';
import { CorruptDataError, OperatorError, UsageError } from '../../schema/errors.ts';
import {
  abandonOnAbort,
  type BackoffPolicy,
  DEFAULT_BACKOFF,
  HungCallError,
  RetriesExhaustedError,
  retryWithBackoff,
  sleep,
} from './backoff.ts';
import { normalizeEndpoint } from './chains.ts';
import {
  classifyClientError,
  LaggingReplicaError,
  PayloadTooLargeError,
  UnsoundAnswerError,
} from './client-errors.ts';
import { exhaustedError } from './exhausted-error.ts';
import { HungCalls } from './hung-calls.ts';
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
  /**
   * Whether readers ask a second time which rows there are (default), so that nothing an answer leaves
   * out goes unnoticed: about one small request more for every range.
   */
  readonly recount?: boolean;
  /** One readable line for each wait: `The endpoint answered 503; trying again in 2 s`. */
  readonly onRetry?: (text: string) => void;
}

const DEFAULT_REQUEST_TIMEOUT_MILLIS = 30_000;
const DEFAULT_CALL_TIMEOUT_MILLIS = 300_000;
/** Two heights so close may both be right. */
const PLAUSIBLE_JUMP_BLOCKS = 256;
const MAX_HEIGHT_LOOKS = 4;
const MAX_CHAIN_LOOKS = 3;
/** Answers with impossible values until they are believed to stay so. */
const MAX_UNSOUND_ANSWERS = 5;
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
  /** See EndpointOptions.recount. */
  readonly recounts: boolean;
  private client: HypersyncClient;
  private bulkClient: HypersyncClient;
  private readonly token: string;
  private readonly expectedChainId: number | null;
  private readonly callTimeoutMillis: number;
  private readonly backoff: BackoffPolicy;
  private readonly onRetry: (text: string) => void;
  private readonly requestTimeoutMillis: number;
  private readonly hungCalls = new HungCalls();
  /** Errors that were tried often enough by an inner `retrying`. */
  private readonly final = new WeakSet<CorruptDataError>();
  private knownChainId: number | null = null;
  private lastHeight: number | null = null;

  /** @throws UsageError when the URL is not one. */
  constructor(options: EndpointOptions) {
    quietClient();
    this.url = normalizeEndpoint(options.url);
    this.token = options.token;
    this.recounts = options.recount ?? true;
    this.expectedChainId = options.expectedChainId;
    this.callTimeoutMillis = options.callTimeoutMillis ?? DEFAULT_CALL_TIMEOUT_MILLIS;
    this.backoff = options.backoff ?? DEFAULT_BACKOFF;
    this.onRetry = options.onRetry ?? (() => undefined);
    this.requestTimeoutMillis = options.requestTimeoutMillis ?? DEFAULT_REQUEST_TIMEOUT_MILLIS;
    this.client = this.makeClient(0);
    // A collection is many requests: one that stumbles should not cost the others.
    this.bulkClient = this.makeClient(1);
  }

  private makeClient(retries: number): HypersyncClient {
    try {
      return new hypersync.HypersyncClient({
        url: this.url,
        apiToken: this.token,
        httpReqTimeoutMillis: this.requestTimeoutMillis,
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
   * differ; that alone is no reorg. A height far from the last one is asked for again until two looks
   * agree: one wrong answer must not send a reader beyond the head.
   * @throws OperatorError when it is another chain than expected.
   */
  async head(signal: AbortSignal): Promise<HeadInfo> {
    const chainId = await this.chainId(signal);
    const height = await this.retrying(signal, () => this.plausibleHeight(signal));
    return { chainId, height };
  }

  private async plausibleHeight(signal: AbortSignal): Promise<number> {
    let before = this.lastHeight;
    for (let looks = 1; ; looks++) {
      const height = await this.heightOnce(signal);
      if (height === 0) {
        throw new LaggingReplicaError('The HyperSync endpoint names no height.', {
          facts: { endpoint: this.url },
        });
      }
      const isPlausible = before !== null && Math.abs(height - before) <= PLAUSIBLE_JUMP_BLOCKS;
      if (isPlausible || looks === MAX_HEIGHT_LOOKS) {
        this.lastHeight = isPlausible ? height : Math.min(height, before ?? height);
        return this.lastHeight;
      }
      before = height;
    }
  }

  /**
   * The endpoint's chain id, asked for until it is known; a wrong one is asked for twice more.
   * @throws OperatorError when it is not the expected one.
   */
  async chainId(signal: AbortSignal): Promise<number> {
    const expected = this.expectedChainId;
    for (let looks = 1; this.knownChainId === null; looks++) {
      const served = await this.retrying(signal, () =>
        this.attempt('the chain id', signal, () => this.client.getChainId()),
      );
      if (expected === null || served === expected) this.knownChainId = served;
      else if (looks === MAX_CHAIN_LOOKS) throw this.otherChain(expected, served);
      else await sleep(this.backoff.baseMillis, signal);
    }
    return this.knownChainId;
  }

  private otherChain(expected: number, served: number): OperatorError {
    return new OperatorError('The HyperSync endpoint serves another chain.', {
      facts: { endpoint: this.url, expected, served },
      remedy: 'Point HYPERSYNC_URL (or --hypersync-url) at the endpoint of the chain you named.',
    });
  }

  /**
   * One page. An answer that scanned nothing although blocks were asked for comes from an instance
   * with a lower head: it is tried again, never advanced over.
   * @throws PayloadTooLargeError at once when even the shortest piece of the range is too large.
   */
  async page(query: Query, signal: AbortSignal): Promise<QueryResponse> {
    const asked = `blocks from ${query.fromBlock}`;
    const answer = await this.retrying(signal, async () => {
      try {
        const response = await this.attempt(asked, signal, () => this.client.get(query));
        if (response.nextBlock <= query.fromBlock) throw this.lagging(query.fromBlock, response);
        return response;
      } catch (error) {
        // No patience makes it fit.
        if (error instanceof PayloadTooLargeError) return error;
        throw error;
      }
    });
    if (answer instanceof PayloadTooLargeError) throw answer;
    return answer;
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

  /**
   * Header of a block. @throws OperatorError when the endpoint does not get as far within the budget,
   * CorruptDataError when it does and has none.
   */
  header(number: number, signal: AbortSignal): Promise<BlockHeader> {
    const query = {
      fromBlock: number,
      toBlock: number + 1,
      includeAllBlocks: true,
      fieldSelection: HEADER_FIELDS,
    };
    return this.retrying(signal, async () => {
      const response = await this.page(query, signal);
      const block = response.data.blocks.find((candidate) => candidate.number === number);
      const { hash, parentHash, timestamp } = block ?? {};
      if (hash === undefined || parentHash === undefined || timestamp === undefined) {
        throw new CorruptDataError(
          'The HyperSync endpoint has no header of a block that it scanned.',
          {
            facts: { endpoint: this.url, block: number },
            remedy: 'Try another endpoint of this chain.',
          },
        );
      }
      return { number, hash, parentHash, timestamp };
    });
  }

  /**
   * `work` with our retries. Values that cannot be are asked for again a few times: another instance
   * may answer. @throws OperatorError once they are used up (its cause is a RetriesExhaustedError),
   * CorruptDataError when no answer is sound.
   */
  async retrying<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    let unsoundAnswers = 0;
    const attempt = async () => {
      try {
        return await work();
      } catch (error) {
        if (!(error instanceof CorruptDataError) || this.final.has(error)) throw error;
        unsoundAnswers += 1;
        if (unsoundAnswers < MAX_UNSOUND_ANSWERS) throw new UnsoundAnswerError(error);
        this.final.add(error);
        throw error;
      }
    };
    try {
      return await retryWithBackoff(attempt, {
        policy: this.backoff,
        signal,
        onRetry: ({ error, delayMillis }) =>
          this.onRetry(
            `${error.message.replace(/\.$/, '')}; trying again in ${inSeconds(delayMillis)}`,
          ),
      });
    } catch (error) {
      throw error instanceof RetriesExhaustedError ? exhaustedError(error) : error;
    }
  }

  /** `work` once: errors sorted by remedy, bounded in time. */
  private async attempt<T>(asked: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    this.hungCalls.requireRoom(this.url);
    const slow = setTimeout(() => this.reportSilence(asked), SLOW_CALL_MILLIS);
    const giveUp = new AbortController();
    const deadline = setTimeout(() => giveUp.abort(), this.callTimeoutMillis);
    const call = (async () => work())();
    try {
      return await abandonOnAbort(call, AbortSignal.any([signal, giveUp.signal]));
    } catch (error) {
      signal.throwIfAborted();
      if (giveUp.signal.aborted) throw this.givenUp(asked, call);
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
        : `${this.url} is slow to answer; still waiting for ${asked}`,
    );
  }

  private lagging(block: number, response: QueryResponse): LaggingReplicaError {
    return new LaggingReplicaError('The HyperSync instance that answered is behind.', {
      facts: { endpoint: this.url, asked: block, ...heightFact(response) },
    });
  }

  /** The call stays out; whatever it holds (a connection, a lock) the next one does without. */
  private givenUp(asked: string, call: Promise<unknown>): HungCallError {
    this.hungCalls.add(call);
    this.client = this.makeClient(0);
    this.bulkClient = this.makeClient(1);
    return new HungCallError('A HyperSync call does not come back.', {
      facts: {
        endpoint: this.url,
        asked,
        'waited for': inSeconds(this.callTimeoutMillis),
        'calls out': this.hungCalls.size,
      },
    });
  }
}

function heightFact(response: QueryResponse): Record<string, number> {
  return response.archiveHeight === undefined ? {} : { height: response.archiveHeight };
}

function inSeconds(millis: number): string {
  return `${(millis / 1000).toFixed(millis < 10_000 ? 1 : 0)} s`;
}
