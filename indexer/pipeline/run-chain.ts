import type { StageClock } from '../observability/stage-clock.ts';
import type { LogSource } from '../source/log-source.ts';
import { refuseOtherVenues } from './chain-plan.ts';
import { ChainFollower, type FollowRequest } from './follow-chain.ts';
import { indexChain } from './index-chain.ts';

export interface ChainRunRequest extends FollowRequest {
  /** Reads large ranges; the head reader of the same endpoint reads the rest. */
  readonly source: LogSource;
  /** Inclusive; Infinity = as far as the chain goes. */
  readonly toBlock: number;
  /** Blocks to stay behind the head. */
  readonly confirmations: number;
  /** Go on as the head moves, through reorgs, until `toBlock` or the signal. */
  readonly follow: boolean;
  /** With this many final blocks to read they are read in bulk rather than page by page. */
  readonly bulkBlocks?: number;
  readonly clock?: StageClock;
  /** What was put right when the store was opened, one sentence each. */
  readonly onRepaired?: (text: string) => void;
  /** Which blocks are read in bulk now. */
  readonly onCatchingUp?: (job: { readonly fromBlock: number; readonly toBlock: number }) => void;
  /** The store has all that the source has (and it is told again after each catching up). */
  readonly onCaughtUp?: (toBlock: number) => void;
  /** A follower has the last block that was asked for, which need not be the head. */
  readonly onReached?: (toBlock: number) => void;
}

const BULK_BLOCKS = 2_000;

/**
 * Brings one chain's store from whatever a crash left to the chosen block, or to the head and on
 * with it. May be called again on the same store after any failure.
 */
export async function runChain(request: ChainRunRequest): Promise<void> {
  const { store, plan, signal } = request;
  const { chainId } = plan.source;
  await store.claimSource(plan.source);
  await refuseOtherVenues(plan, store);
  for (const text of await store.repair(chainId)) request.onRepaired?.(text);
  const follower = await ChainFollower.open(request);
  await follower.settle();
  if (request.follow) await follow(request, follower);
  else await indexOnce(request, follower.cursor);
  signal.throwIfAborted();
}

async function indexOnce(request: ChainRunRequest, cursor: number): Promise<void> {
  const { height } = await request.source.head(request.signal);
  request.onHeight?.(height);
  const toBlock = Math.min(request.toBlock, Math.max(0, height - request.confirmations));
  await bulk(request, cursor, toBlock);
  request.onCaughtUp?.(toBlock);
}

async function bulk(request: ChainRunRequest, cursor: number, toBlock: number): Promise<void> {
  request.onCatchingUp?.({ fromBlock: Math.min(cursor, toBlock), toBlock });
  await indexChain({ ...request, toBlock });
  request.signal.throwIfAborted();
}

async function follow(request: ChainRunRequest, follower: ChainFollower): Promise<void> {
  const { toBlock, confirmations } = request;
  let isCaughtUp = false;
  await follower.catchUp();
  while (follower.cursor <= toBlock) {
    if (await readFinalBlocks(request, follower)) isCaughtUp = false;
    // Without a distance to keep, the page itself says how far the chain goes.
    const reachable = confirmations === 0 ? toBlock : (await follower.height()) - confirmations;
    const outcome = await follower.step(Math.min(toBlock, reachable));
    const isAtHead =
      outcome === 'idle' || follower.cursor > (await follower.height()) - confirmations;
    if (isAtHead && !isCaughtUp && outcome !== 'rolled back') {
      isCaughtUp = true;
      request.onCaughtUp?.(follower.cursor - 1);
    }
    if (outcome !== 'advanced' || isAtHead) await follower.pause();
  }
  request.onReached?.(follower.cursor - 1);
}

/** Reads in bulk what is final, when it is much. False when there was no need. */
async function readFinalBlocks(
  request: ChainRunRequest,
  follower: ChainFollower,
): Promise<boolean> {
  const { toBlock, confirmations, finalityDepth, bulkBlocks = BULK_BLOCKS } = request;
  const finalTo = (height: number) =>
    Math.min(toBlock, height - Math.max(confirmations, finalityDepth));
  const isMuch = (height: number) => finalTo(height) - follower.cursor + 1 >= bulkBlocks;
  if (!isMuch(await follower.height())) return false;
  // A page may lie about the height: the endpoint is asked before a large range is.
  const height = await follower.askHeight();
  if (!isMuch(height)) return false;
  follower.rest();
  await bulk(request, follower.cursor, finalTo(height));
  await follower.reload();
  return true;
}
