import type { Fault } from './fault-queue.ts';

const QUERIES = ['/query/arrow-ipc', '/query/arrow-ipc/capnp'];
const HEIGHTS = ['/height', ...QUERIES];

interface CatalogueEntry {
  readonly fault: Fault;
  /** Requests that it can strike; all when left out. */
  readonly paths?: readonly string[];
  /** Left out of a mix unless it is named: it lasts as long as the client's patience. */
  readonly isLong?: true;
}

const query = (fault: Fault): CatalogueEntry => ({ fault, paths: QUERIES });
const limits = (remaining: string, reset: string) => ({
  'x-ratelimit-limit': '50, 50;w=60',
  'x-ratelimit-remaining': remaining,
  'x-ratelimit-reset': reset,
});

/** Every fault of the replay by a name, as a mix draws them. */
const CATALOGUE = {
  'status-500': { fault: { status: 500, body: 'internal error' } },
  'status-502': { fault: { status: 502, body: '<html>Bad Gateway</html>' } },
  'status-503': { fault: { status: 503, headers: { 'retry-after': '1' } } },
  'rate-limited': { fault: { status: 429 } },
  'rate-limited-until': { fault: { status: 429, headers: limits('0', '1') } },
  'limit-used-up': { fault: { headers: limits('0', '1') } },
  slow: { fault: { delayMs: 300 } },
  late: { fault: { lateMs: 300 } },
  reset: { fault: { kind: 'reset' } },
  hang: { fault: { kind: 'hang' }, isLong: true },
  cut: query({ kind: 'cut', afterBytes: 200 }),
  'cut-at-once': { fault: { kind: 'cut', afterBytes: 0 } },
  shortened: { fault: { kind: 'shorten', afterBytes: 10 } },
  garbage: { fault: { kind: 'raw', body: 'not what was asked for' } },
  'empty-body': { fault: { kind: 'raw', body: '' } },
  'height-too-high': { fault: { claimHeight: 1_000 }, paths: HEIGHTS },
  'height-too-low': { fault: { claimHeight: -1_000 }, paths: HEIGHTS },
  'height-absent': { fault: { claimHeight: null }, paths: HEIGHTS },
  behind: { fault: { behind: 20 }, paths: HEIGHTS },
  'far-behind': { fault: { behind: 1_000_000_000 }, paths: HEIGHTS },
  'other-chain': { fault: { chainId: 999_999_999 }, paths: ['/chain_id'] },
  'page-repeated': query({ repeat: true }),
  'nothing-scanned': query({ page: { kind: 'nothing-scanned' } }),
  'no-guard': query({ page: { kind: 'no-guard' } }),
  'skip-blocks': query({ page: { kind: 'skip-blocks' } }),
  'lost-log': query({ page: { kind: 'lost-log' } }),
  'lost-transaction': query({ page: { kind: 'lost-transaction' } }),
  'lost-header': query({ page: { kind: 'lost-header' } }),
  'doubled-logs': query({ page: { kind: 'doubled-logs' } }),
  'foreign-log': query({ page: { kind: 'foreign-log' } }),
  reversed: query({ page: { kind: 'reversed' } }),
  'missing-column': query({ page: { kind: 'missing-column', table: 'logs', column: 'log_index' } }),
  'wrong-type': query({ page: { kind: 'wrong-type', table: 'logs', column: 'block_number' } }),
  'wrong-width': query({ page: { kind: 'wrong-width', table: 'logs', column: 'topic0' } }),
  'null-cells': query({ page: { kind: 'null', table: 'blocks', column: 'hash' } }),
  'altered-hashes': query({ page: { kind: 'altered', table: 'logs', column: 'block_hash' } }),
} satisfies Readonly<Record<string, CatalogueEntry>>;

export type FaultName = keyof typeof CATALOGUE;

export const FAULT_NAMES = Object.keys(CATALOGUE) as [FaultName, ...FaultName[]];

export function faultNamed(name: FaultName): Fault {
  return CATALOGUE[name].fault;
}

/** Names of the faults that can strike a request to `path`, out of `among` or of all short ones. */
export function namesFor(path: string, among: readonly FaultName[] | undefined): FaultName[] {
  return (among ?? FAULT_NAMES).filter((name) => {
    const entry: CatalogueEntry = CATALOGUE[name];
    if (among === undefined && entry.isLong) return false;
    return !entry.paths || entry.paths.includes(path);
  });
}
