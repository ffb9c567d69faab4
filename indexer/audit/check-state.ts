import { copyNameOf } from '../rebuild/swap.ts';
import { type AuditContext, type Check, REBUILD } from './audit-context.ts';
import { count, counted, FindingList } from './findings.ts';

interface StateRow {
  readonly state: string;
  readonly source_height: string;
  readonly fault: string;
  readonly recorded_at: string;
}

interface RollbackRow {
  readonly n: string;
  readonly deepest: string;
  readonly reason: string;
  readonly at: string;
}

export const stateCheck: Check = {
  name: 'state',
  proves: 'No swap of derived tables was left half done. The rest is information.',
  async run(context) {
    const found = new FindingList(context.chainId, 'state');
    const told = [await stateText(context), await rollbackText(context)];
    const copy = await copyTables(context);
    if (copy.includes('swap_journal')) {
      found.add('swap', {
        table: 'commits',
        fromBlock: 0,
        toBlock: context.last.project?.toBlock ?? 0,
        count: 1,
        message: 'a swap of rebuilt tables was left half done: some tables are new, some old',
        remedy: `Start \`index\` or \`start\` once: it ends the swap. If it does not, ${REBUILD.toLowerCase()}`,
      });
    } else if (copy.length > 0) {
      told.push('a rebuild is under way or was left: `rebuild` goes on with it');
    }
    return { findings: found.all(), summary: told.join('; ') };
  },
};

async function stateText({ store, chainId }: AuditContext): Promise<string> {
  const [row] = await store.select<StateRow>(
    `SELECT state, source_height, fault, toString(recorded_at) AS recorded_at FROM indexer_states
     WHERE chain_id = {chainId:UInt64} ORDER BY recorded_at DESC LIMIT 1`,
    { chainId },
  );
  if (!row) return 'no indexer has said anything of itself';
  const fault = row.fault === '' ? '' : ` (${row.fault.slice(0, 200)})`;
  return `indexer last ${row.state}${fault}, source at block ${count(Number(row.source_height))}, said ${row.recorded_at} UTC`;
}

async function rollbackText({ store, chainId }: AuditContext): Promise<string> {
  const [row] = await store.select<RollbackRow>(
    `SELECT count() AS n, max(depth) AS deepest, argMax(reason, rolled_back_at) AS reason,
       toString(max(rolled_back_at)) AS at
     FROM rollbacks WHERE chain_id = {chainId:UInt64}`,
    { chainId },
  );
  const rollbacks = Number(row?.n ?? 0);
  if (!row || rollbacks === 0) return 'never rolled back';
  return `${counted(rollbacks, 'rollback')}, the deepest of ${counted(Number(row.deepest), 'block')}, the last ${row.at} UTC: ${row.reason.slice(0, 200)}`;
}

/** Tables of the second copy that a rebuild makes; [] when there is none. */
async function copyTables({ store }: AuditContext): Promise<string[]> {
  const [live] = await store.select<{ name: string }>('SELECT currentDatabase() AS name', {});
  const rows = await store.select<{ name: string }>(
    'SELECT name FROM system.tables WHERE database = {copy:String} ORDER BY name',
    { copy: copyNameOf(live?.name ?? '') },
  );
  return rows.map(({ name }) => name);
}
