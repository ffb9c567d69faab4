import { type Check, REBUILD } from './audit-context.ts';
import { blocksText, count, counted, FindingList } from './findings.ts';

interface OpenInterestRow {
  readonly rows: string;
  readonly compared: string;
  readonly venue: string;
  readonly market: string;
  readonly off: string;
  readonly first: string;
  readonly last: string;
}

/** Groups of findings told one by one. */
const GROUPS = 20;

export const openInterestCheck: Check = {
  name: 'open-interest',
  proves:
    'Positions rebuilt from their events add up to the protocol’s own counter after every block.',
  async run({ store, chainId, last }) {
    const found = new FindingList(chainId, 'open-interest');
    const rows = await store.select<OpenInterestRow>(
      `SELECT venue, market, count() AS rows,
         countIf(protocol_usd IS NOT NULL OR protocol_base IS NOT NULL OR protocol_skew_base IS NOT NULL) AS compared,
         countIf(is_off) AS off, minIf(block_number, is_off) AS first, maxIf(block_number, is_off) AS last
       FROM (
         SELECT *, ifNull(protocol_usd != positions_usd, false) OR ifNull(protocol_base != positions_base, false)
           OR ifNull(protocol_skew_base != positions_skew_base, false) AS is_off
         FROM open_interest WHERE chain_id = {chainId:UInt64} AND block_number <= {toBlock:Int64})
       GROUP BY venue, market ORDER BY off DESC, venue, market`,
      { chainId, toBlock: last.project?.toBlock ?? -1 },
    );
    for (const { venue, market, off, first, last: end } of rows) {
      if (Number(off) === 0) continue;
      const [fromBlock, toBlock] = [Number(first), Number(end)];
      found.add(venue, {
        table: 'open_interest',
        fromBlock,
        toBlock,
        count: Number(off),
        message: `${counted(Number(off), 'open interest row')} of ${venue} market ${market} where our positions do not add up to the protocol’s counter, in ${blocksText(fromBlock, toBlock)}`,
        remedy: `${REBUILD} If it stays, logs are missing: compare with the source (--archive or --chain).`,
      });
    }
    const sum = (column: 'rows' | 'compared') =>
      rows.reduce((total, row) => total + Number(row[column]), 0);
    return {
      findings: found.all(),
      summary: `${count(sum('compared'))} of ${counted(sum('rows'), 'row')} of ${counted(rows.length, 'market')} have a counter to compare with`,
    };
  },
};

interface DeadLetterRow {
  readonly venue: string;
  readonly reason: string;
  readonly n: string;
  readonly first: string;
  readonly last: string;
  readonly log: string;
}

export const deadLettersCheck: Check = {
  name: 'dead-letters',
  proves: 'Every log of the venues’ contracts could be read.',
  async run({ store, chainId, last }) {
    const found = new FindingList(chainId, 'dead-letters');
    const rows = await store.select<DeadLetterRow>(
      `SELECT venue, reason, count() AS n, min(block_number) AS first, max(block_number) AS last,
         argMin(log_index, (block_number, log_index)) AS log
       FROM dead_letters
       WHERE chain_id = {chainId:UInt64} AND block_number <= {toBlock:Int64}
       GROUP BY venue, reason ORDER BY n DESC, venue, reason
       LIMIT {groups:UInt64}`,
      { chainId, toBlock: last.project?.toBlock ?? -1, groups: GROUPS },
    );
    for (const row of rows) {
      const [fromBlock, toBlock] = [Number(row.first), Number(row.last)];
      found.add(row.reason, {
        table: 'dead_letters',
        fromBlock,
        toBlock,
        count: Number(row.n),
        message: `${counted(Number(row.n), 'log')} that could not be read: ${row.venue}: ${row.reason.slice(0, 200)} (first at block ${count(fromBlock)}, log ${row.log})`,
        remedy:
          'The logs are kept whole in dead_letters. A release that can read them picks them up by `npm run bulkhead -- rebuild`.',
      });
    }
    const more = rows.length === GROUPS ? ' (the most frequent reasons)' : '';
    return {
      findings: found.all(),
      summary: `${counted(
        rows.reduce((sum, { n }) => sum + Number(n), 0),
        'dead letter',
      )}${more}`,
    };
  },
};
