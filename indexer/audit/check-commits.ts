import { DERIVED_TABLES, EVIDENCE_TABLES, type Stage } from '../store/event-store.ts';
import { type AuditContext, type Check, landAgain, REBUILD, START_AGAIN } from './audit-context.ts';
import { commitPages, type StoredCommit } from './commit-pages.ts';
import { blocksText, count, counted, FindingList } from './findings.ts';

const TABLES_OF: Readonly<Record<Stage, readonly string[]>> = {
  land: EVIDENCE_TABLES,
  project: DERIVED_TABLES,
};

/** Tables whose facts all come from logs (some of the others also hold facts of a manifest). */
const FROM_LOGS_ONLY = ['position_events', 'fee_events', 'order_events', 'oracle_updates'];

interface StageSummary {
  commits: number;
  /** Commits that do not say how many rows they have. */
  unknown: number;
  rows: number;
  /** First block of the first commit; null without commits. */
  first: number | null;
}

export const commitsCheck: Check = {
  name: 'commits',
  proves:
    'Every block from the first to the last belongs to exactly one commit of each stage, and each commit has the rows that it says.',
  async run(context) {
    const found = new FindingList(context.chainId, 'commits');
    const land = await auditStage(context, 'land', found);
    const project = await auditStage(context, 'project', found);
    await compareStages(context, land, project, found);
    return { findings: found.all(), summary: summaryOf(context, land, project) };
  },
};

async function auditStage(
  context: AuditContext,
  stage: Stage,
  found: FindingList,
): Promise<StageSummary> {
  const summary: StageSummary = { commits: 0, unknown: 0, rows: 0, first: null };
  let next = 0;
  for await (const page of commitPages(context, stage)) {
    context.onProgress(`commits of ${stage} from block ${count(page[0]?.fromBlock ?? 0)}`);
    const isFirst = summary.first === null;
    summary.first ??= page[0]?.fromBlock ?? null;
    await countRows(context, stage, { page, fromBlock: next, summary }, found);
    for (const [index, commit] of page.entries()) {
      if (!(isFirst && index === 0)) compareWithNext(stage, { commit, next }, found);
      next = Math.max(next, commit.toBlock + 1);
    }
    summary.commits += page.length;
  }
  return summary;
}

/** A commit begins where the one before it ended: a hole lost blocks, an overlap doubled them. */
function compareWithNext(
  stage: Stage,
  { commit, next }: { readonly commit: StoredCommit; readonly next: number },
  found: FindingList,
): void {
  if (commit.fromBlock === next) return;
  const isHole = commit.fromBlock > next;
  const fromBlock = isHole ? next : commit.fromBlock;
  const toBlock = isHole ? commit.fromBlock - 1 : Math.min(commit.toBlock, next - 1);
  found.add(`${stage} ${isHole ? 'hole' : 'overlap'}`, {
    table: 'commits',
    fromBlock,
    toBlock,
    count: toBlock - fromBlock + 1,
    message: `${blocksText(fromBlock, toBlock)} ${
      isHole ? `in no commit of stage ${stage}` : `in two commits of stage ${stage}`
    }`,
    remedy: START_AGAIN,
  });
}

interface Counting {
  readonly page: readonly StoredCommit[];
  /** First block that no page before has counted. */
  readonly fromBlock: number;
  readonly summary: StageSummary;
}

/**
 * Rows of each commit of a page. The borders of all commits cut the page's blocks into segments; one
 * query a table counts the rows of each, so that overlaps and holes come out right as well.
 */
async function countRows(
  context: AuditContext,
  stage: Stage,
  counting: Counting,
  found: FindingList,
): Promise<void> {
  const { page, summary } = counting;
  summary.unknown += page.filter(({ rowCounts }) => rowCounts.size === 0).length;
  const toBlock = Math.max(...page.map((commit) => commit.toBlock));
  const fromBlock = Math.min(counting.fromBlock, ...page.map((commit) => commit.fromBlock));
  const borders = new Set([fromBlock, toBlock + 1]);
  for (const commit of page) borders.add(commit.fromBlock).add(commit.toBlock + 1);
  const points = [...borders].sort((a, b) => a - b);
  const together = Math.max(1, Math.floor(POINTS_A_QUERY / points.length));
  const tables = TABLES_OF[stage];
  for (let start = 0; start < tables.length; start += together) {
    const counts = await segmentRows(context, tables.slice(start, start + together), points);
    for (const [table, segments] of counts) {
      summary.rows += segments.reduce((sum, rows) => sum + rows, 0);
      compareCounts(stage, { table, points, segments, page }, found);
      findUncovered(stage, { table, points, segments, page, from: counting.fromBlock }, found);
    }
  }
}

/** The text of a query may be 256 KB long; a point takes up to 12 bytes, once for each table. */
const POINTS_A_QUERY = 12_000;

/** Rows in [points[i], points[i + 1]) of each table, for each i. */
async function segmentRows(
  context: AuditContext,
  tables: readonly string[],
  points: readonly number[],
): Promise<Map<string, number[]>> {
  // The points are ours and whole numbers; as a bound value they would be part of a URL.
  const list = `CAST([${points.join(', ')}], 'Array(UInt64)')`;
  const rows = await context.store.select<{ name: string; at: string; n: string }>(
    tables
      .map(
        (table) => `SELECT '${table}' AS name, roundDown(block_number, ${list}) AS at, count() AS n
          FROM ${table}
          WHERE chain_id = {chainId:UInt64} AND block_number BETWEEN {fromBlock:UInt64} AND {toBlock:UInt64}
          GROUP BY at`,
      )
      .join(' UNION ALL '),
    {
      chainId: context.chainId,
      fromBlock: points[0] ?? 0,
      toBlock: (points.at(-1) ?? 1) - 1,
    },
  );
  const byPoint = new Map(rows.map(({ name, at, n }) => [`${name} ${at}`, Number(n)]));
  return new Map(
    tables.map((table) => [
      table,
      points.slice(0, -1).map((point) => byPoint.get(`${table} ${point}`) ?? 0),
    ]),
  );
}

interface Counted {
  readonly table: string;
  readonly points: readonly number[];
  readonly segments: readonly number[];
  readonly page: readonly StoredCommit[];
}

function compareCounts(
  stage: Stage,
  { table, points, segments, page }: Counted,
  found: FindingList,
): void {
  const before: number[] = [0];
  for (const rows of segments) before.push((before.at(-1) ?? 0) + rows);
  const rowsBelow = new Map(points.map((point, index) => [point, before[index] ?? 0]));
  for (const { fromBlock, toBlock, rowCounts } of page) {
    const said = rowCounts.get(table);
    if (said === undefined) continue;
    const has = (rowsBelow.get(toBlock + 1) ?? 0) - (rowsBelow.get(fromBlock) ?? 0);
    if (has === said) continue;
    const off = Math.abs(has - said);
    found.add(has < said ? 'fewer rows' : 'more rows', {
      table,
      fromBlock,
      toBlock,
      count: off,
      message: `${counted(off, 'row')} ${has < said ? 'missing' : 'too many'}: the commit of ${blocksText(fromBlock, toBlock)} (stage ${stage}) says ${count(said)}, ${table} has ${count(has)}`,
      remedy: START_AGAIN,
    });
  }
}

/** Rows below the last commit that no commit speaks for: the commit row itself is gone. */
function findUncovered(
  stage: Stage,
  { table, points, segments, page, from }: Counted & { readonly from: number },
  found: FindingList,
): void {
  const begins = new Map<number, number>();
  const shift = (block: number, by: number) => begins.set(block, (begins.get(block) ?? 0) + by);
  for (const { fromBlock, toBlock } of page) {
    shift(fromBlock, 1);
    shift(toBlock + 1, -1);
  }
  let open = 0;
  for (const [index, rows] of segments.entries()) {
    const fromBlock = points[index] ?? 0;
    open += begins.get(fromBlock) ?? 0;
    // Below `from` a page before this one has spoken.
    if (rows === 0 || open > 0 || fromBlock < from) continue;
    const toBlock = (points[index + 1] ?? fromBlock + 1) - 1;
    found.add('uncovered', {
      table,
      fromBlock,
      toBlock,
      count: rows,
      message: `${counted(rows, 'row')} of ${table} in ${blocksText(fromBlock, toBlock)}, which no commit of stage ${stage} covers`,
      remedy: START_AGAIN,
    });
  }
}

/** Project may be behind land (it catches up), never ahead of it, and begins no later. */
async function compareStages(
  context: AuditContext,
  land: StageSummary,
  project: StageSummary,
  found: FindingList,
): Promise<void> {
  const landed = context.last.land?.toBlock ?? -1;
  const projected = context.last.project?.toBlock ?? -1;
  if (projected > landed) {
    found.add('ahead', {
      table: 'commits',
      fromBlock: landed + 1,
      toBlock: projected,
      count: projected - landed,
      message: `${blocksText(landed + 1, projected)} projected, but in no commit of stage land`,
      remedy: START_AGAIN,
    });
  }
  if (project.first !== null && project.first > (land.first ?? 0)) {
    found.add('late', {
      table: 'commits',
      fromBlock: land.first ?? 0,
      toBlock: project.first - 1,
      count: project.first - (land.first ?? 0),
      message: `${blocksText(land.first ?? 0, project.first - 1)} in no commit of stage project: the first one begins after them`,
      remedy: REBUILD,
    });
  }
  await findFactsBefore(context, land.first ?? 0, found);
}

/** Facts of logs from before the first landed block: land has lost its beginning. */
async function findFactsBefore(
  context: AuditContext,
  firstBlock: number,
  found: FindingList,
): Promise<void> {
  if (firstBlock === 0) return;
  const [row] = await context.store.select<{ n: string; first: string }>(
    `SELECT sum(facts) AS n, minIf(block, facts > 0) AS first FROM (${FROM_LOGS_ONLY.map(
      (table) => `SELECT count() AS facts, min(block_number) AS block FROM ${table}
        WHERE chain_id = {chainId:UInt64} AND block_number < {firstBlock:UInt64}`,
    ).join(' UNION ALL ')})`,
    { chainId: context.chainId, firstBlock },
  );
  const rows = Number(row?.n ?? 0);
  if (rows === 0) return;
  const fromBlock = Number(row?.first);
  found.add('beginning lost', {
    table: 'commits',
    fromBlock,
    toBlock: firstBlock - 1,
    count: rows,
    message: `${counted(rows, 'fact')} from ${blocksText(fromBlock, firstBlock - 1)}, which no commit of stage land covers`,
    remedy: landAgain(context, fromBlock),
  });
}

function summaryOf(context: AuditContext, land: StageSummary, project: StageSummary): string {
  const last = context.last.land;
  if (!last) return 'nothing has landed yet';
  const behind = last.toBlock - (context.last.project?.toBlock ?? (land.first ?? 0) - 1);
  const unknown = land.unknown + project.unknown;
  return [
    `${blocksText(land.first ?? 0, last.toBlock)} in ${counted(land.commits, 'land commit')} and ${counted(project.commits, 'project commit')}`,
    `${counted(land.rows + project.rows, 'row')} counted`,
    behind > 0 ? `project is ${counted(behind, 'block')} behind land` : 'project has reached land',
    ...(unknown > 0 ? [`${counted(unknown, 'commit')} of unknown row counts`] : []),
  ].join('; ');
}
