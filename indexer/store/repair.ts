import { setTimeout as sleep } from 'node:timers/promises';
import type { Database } from '../../schema/clickhouse/database.ts';
import type { ChainWriter } from './chain-writer.ts';
import { findDifference } from './commit-counts.ts';
import { commitRow, lastCommit, selectCommits } from './commit-log.ts';
import type { Commit, Stage } from './event-store.ts';
import { dropAbove, recordRollback } from './roll-back.ts';
import { TRIMMED_TABLES } from './store-tables.ts';

/** How long to wait for deletions that a killed process left unfinished. */
const SETTLE_MS = 60_000;
const SETTLE_POLL_MS = 50;

interface StageOfChain {
  readonly chainId: number;
  readonly stage: Stage;
}

/** What does not add up in a stage, and the last block below which everything does (-1: none). */
interface Fault {
  readonly soundTo: number;
  readonly what: string;
}

/** See `EventStore.repair`. `setAside`: damaged parts that were just taken out of the tables. */
export async function repairChain(
  database: Database,
  writer: ChainWriter,
  chainId: number,
  setAside: readonly string[],
): Promise<string[]> {
  const done = setAside.map((part) => `The files of ${part} cannot be read: it was set aside.`);
  await writer.endLateWrites(chainId);
  await settleDeletions(database);
  for (const stage of ['land', 'project'] as const) {
    const of = { chainId, stage };
    await trimStage(database, writer, of);
    done.push(...(await mendCommitRows(database, writer, of)));
    for (let fault = await findFault(database, of); fault; fault = await findFault(database, of)) {
      done.push(await takeBack(database, writer, of, fault));
    }
  }
  const landed = await lastCommit(database, chainId, 'land');
  const projected = await lastCommit(database, chainId, 'project');
  const landedTo = landed?.toBlock ?? -1;
  if (projected && projected.toBlock > landedTo) {
    const what = `blocks up to ${projected.toBlock} were projected, but only those up to ${landedTo} are landed`;
    const of = { chainId, stage: 'project' } as const;
    done.push(await takeBack(database, writer, of, { soundTo: landedTo, what }));
  }
  return done;
}

/** Deletes rows above a stage's last commit. */
export async function trimStage(
  database: Database,
  writer: ChainWriter,
  { chainId, stage }: StageOfChain,
): Promise<void> {
  const commit = await lastCommit(database, chainId, stage);
  await writer.deleteAbove(chainId, TRIMMED_TABLES[stage], commit?.toBlock ?? -1);
}

/** A deletion of a killed process goes on by itself; one that cannot is dropped, to be asked for again. */
async function settleDeletions(database: Database): Promise<void> {
  const until = performance.now() + SETTLE_MS;
  while (performance.now() < until) {
    const pending = await database.select<{ failure: string }>(
      `SELECT latest_fail_reason AS failure FROM system.mutations
       WHERE database = currentDatabase() AND NOT is_done`,
    );
    if (pending.length === 0) return;
    if (pending.some(({ failure }) => failure !== '')) {
      await database.command(
        `KILL MUTATION WHERE database = currentDatabase() AND NOT is_done AND latest_fail_reason != '' SYNC`,
      );
    }
    await sleep(SETTLE_POLL_MS);
  }
}

/** Removes commit rows that say nothing new: a rollback's part beside the whole, and exact doubles. */
async function mendCommitRows(
  database: Database,
  writer: ChainWriter,
  of: StageOfChain,
): Promise<string[]> {
  const done: string[] = [];
  for (const { previous, commit } of await breaks(database, of)) {
    if (previous.fromBlock !== commit.fromBlock) continue;
    const isDouble = previous.toBlock === commit.toBlock;
    if (isDouble && !hasSameCounts(previous, commit)) continue;
    await writer.deleteRows(
      of.chainId,
      'commits',
      'stage = {stage:String} AND from_block = {fromBlock:UInt64} AND to_block = {toBlock:UInt64}',
      { stage: of.stage, fromBlock: previous.fromBlock, toBlock: previous.toBlock },
    );
    if (isDouble) await writer.insertCommit(of.chainId, commitRow(commit));
    const blocks = `${previous.fromBlock} to ${previous.toBlock}`;
    done.push(
      isDouble
        ? `The ${of.stage} commit of blocks ${blocks} was there twice: one is left.`
        : `A rollback was cut off before it took effect: its ${of.stage} commit of blocks ${blocks} is removed.`,
    );
  }
  return done;
}

interface Place {
  readonly from_block: string;
  readonly to_block: string;
  readonly previous_from: string;
  readonly previous_to: string;
}

/** Neighbours among the commits of a stage of which the second does not begin where the first ends. */
async function breaks(
  database: Database,
  of: StageOfChain,
): Promise<{ readonly previous: Commit; readonly commit: Commit }[]> {
  const places = await database.select<Place>(
    `SELECT from_block, to_block, previous_from, previous_to FROM
     (
         SELECT
             from_block,
             to_block,
             lagInFrame(toNullable(from_block)) OVER in_order AS previous_from,
             lagInFrame(toNullable(to_block)) OVER in_order AS previous_to
         FROM commits
         WHERE chain_id = {chainId:UInt64} AND stage = {stage:String}
         WINDOW in_order AS (
             ORDER BY to_block, from_block ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
         )
     )
     WHERE isNotNull(previous_to) AND from_block != previous_to + 1
     ORDER BY to_block, from_block
     LIMIT 1000`,
    { ...of },
  );
  const found: { previous: Commit; commit: Commit }[] = [];
  for (const place of places) {
    const { from_block, to_block, previous_from, previous_to } = place;
    const [commit, double] = await commitsOf(database, of, from_block, to_block);
    const isDouble = from_block === previous_from && to_block === previous_to;
    const [previous] = isDouble
      ? [double]
      : await commitsOf(database, of, previous_from, previous_to);
    if (commit && previous) found.push({ previous, commit });
  }
  return found;
}

function commitsOf(
  database: Database,
  of: StageOfChain,
  fromBlock: string,
  toBlock: string,
): Promise<Commit[]> {
  return selectCommits(
    database,
    of,
    'AND from_block = {fromBlock:UInt64} AND to_block = {toBlock:UInt64} ORDER BY committed_at DESC',
    { fromBlock, toBlock },
  );
}

function hasSameCounts(one: Commit, other: Commit): boolean {
  const tables = new Set([...Object.keys(one.rowCounts), ...Object.keys(other.rowCounts)]);
  return [...tables].every((table) => one.rowCounts[table] === other.rowCounts[table]);
}

async function findFault(database: Database, of: StageOfChain): Promise<Fault | null> {
  const [broken] = await breaks(database, of);
  if (!broken) return findDifference(database, of);
  const { previous, commit } = broken;
  if (commit.fromBlock > previous.toBlock) {
    return {
      soundTo: previous.toBlock,
      what: `no ${of.stage} commit covers blocks ${previous.toBlock + 1} to ${commit.fromBlock - 1}`,
    };
  }
  return {
    soundTo: Math.min(previous.fromBlock, commit.fromBlock) - 1,
    what: `two ${of.stage} commits cover blocks ${Math.max(previous.fromBlock, commit.fromBlock)} to ${previous.toBlock}`,
  };
}

/** Takes a stage back to its last commit at or below the sound block; landed, projected as well. */
async function takeBack(
  database: Database,
  writer: ChainWriter,
  of: StageOfChain,
  fault: Fault,
): Promise<string> {
  const { chainId, stage } = of;
  const stages = stage === 'land' ? (['project', 'land'] as const) : (['project'] as const);
  const head = (await lastCommit(database, chainId, stage))?.toBlock ?? fault.soundTo;
  const again = stage === 'land' ? 'landed and projected' : 'projected';
  const said = `Chain ${chainId}: ${fault.what}; what lies above block ${fault.soundTo} is ${again} again.`;
  await recordRollback(writer, {
    chainId,
    toBlock: fault.soundTo,
    depth: Math.max(0, head - fault.soundTo),
    reason: fault.what,
  });
  for (const each of stages) {
    await dropAbove(database, writer, { chainId, stage: each }, fault.soundTo);
    // A commit that reached beyond is gone as a whole: so are its rows below.
    await trimStage(database, writer, { chainId, stage: each });
  }
  return said;
}
