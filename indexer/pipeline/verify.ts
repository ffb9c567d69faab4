import { DERIVED_TABLES, EVIDENCE_TABLES, type EventStore } from '../store/event-store.ts';

export interface VerifyReport {
  readonly ok: boolean;
  readonly tables: Readonly<Record<string, { readonly rows: number; readonly digest: string }>>;
  readonly findings: readonly string[];
}

/** Digests of every table of a chain, and what in them contradicts the promises. */
export async function verifyChain(store: EventStore, chainId: number): Promise<VerifyReport> {
  const tables: Record<string, { rows: number; digest: string }> = {};
  for (const table of [...EVIDENCE_TABLES, ...DERIVED_TABLES]) {
    tables[table] = await store.digest(table, chainId);
  }
  const findings: string[] = [];
  for (const check of CHECKS) {
    const [row] = await store.select<{ n: string }>(check.query, { chainId });
    const found = Number(row?.n ?? 0);
    if (found > 0) findings.push(`${found} ${check.finding}`);
  }
  return { ok: findings.length === 0, tables, findings };
}

const CHECKS = [
  {
    finding: 'open interest rows where our positions do not add up to the protocol’s counter',
    query: `SELECT count() AS n FROM open_interest WHERE chain_id = {chainId:UInt64}
      AND (ifNull(protocol_usd != positions_usd, false) OR ifNull(protocol_base != positions_base, false)
        OR ifNull(protocol_skew_base != positions_skew_base, false))`,
  },
  {
    finding: 'logs that could not be read (table dead_letters)',
    query: 'SELECT count() AS n FROM dead_letters WHERE chain_id = {chainId:UInt64}',
  },
  {
    finding: 'holes or overlaps between commits',
    query: `SELECT countIf(previous IS NOT NULL AND from_block != previous + 1) AS n FROM (
      SELECT from_block, lagInFrame(toNullable(to_block)) OVER (PARTITION BY stage ORDER BY to_block
        ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS previous
      FROM commits WHERE chain_id = {chainId:UInt64})`,
  },
  {
    finding: 'raw logs stored more than once',
    query: `SELECT count() - uniqExact(block_number, log_index) AS n FROM raw_logs
      WHERE chain_id = {chainId:UInt64}`,
  },
] as const;
