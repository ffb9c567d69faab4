import { z } from 'zod';
import { sampleStatistics } from './latency-statistics.ts';
import { idOfMarket } from './market-ref.ts';
import type { RequestGroup, RequestKind, RequestToExecution } from './oracle-answers.ts';
import { type OracleWindowRequest, oracleWindow } from './oracle-scope.ts';
import { isoTime, makeProvenance } from './provenance.ts';
import { resolveBlock, type Snapshot } from './source-directory.ts';
import { count, countsByNumber, loadQuery, text } from './stored-query.ts';

const METHOD = 'request-to-execution';

const requestsQuery = loadQuery(
  'oracle-requests',
  z.object({
    group_venue: text,
    group_kind: z.enum(['MARKET', 'OFFCHAIN', 'DELAYED']),
    executed_count: count,
    execution_delays: countsByNumber,
    price_delays: countsByNumber,
    bound_checked: count,
    bound_violations: count,
    first_violations: z.array(z.tuple([count, text, text])),
  }),
);

/** What the contract demands of request, price and execution. */
const BOUNDS: Readonly<Record<RequestKind, string>> = {
  MARKET: 't_req ≤ every t_obs ≤ t_req + requestExpirationTime',
  OFFCHAIN:
    't_obs − t_req > offchainDelayedOrderMinAge, t_exec − t_req < offchainDelayedOrderMaxAge',
  DELAYED: '',
};

export interface RequestToExecutionRequest extends Omit<OracleWindowRequest, 'feed'> {
  readonly atBlock?: number | null | undefined;
}

/** How long orders that wait for no price took, and whether the contract's bounds held (analytics E10). */
export async function requestToExecution(
  snapshot: Snapshot,
  request: RequestToExecutionRequest,
): Promise<RequestToExecution> {
  const { reader } = snapshot;
  const { source, market } = request;
  const asOf = await resolveBlock(reader, source, request.atBlock);
  const window = await oracleWindow(reader, request, asOf);
  const rows = await requestsQuery.run(reader, {
    chainId: source.chainId,
    ...window,
    market: market?.market ?? '',
    marketVenue: market?.venue ?? '',
  });
  const { fromTime, toTime } = window;
  const marketId = market ? idOfMarket(market) : null;
  return {
    provenance: makeProvenance({
      source,
      query: METHOD,
      parameters: { marketId, from: fromTime, to: toTime },
      asOf,
      basis: 'DERIVED',
      method: METHOD,
      version: '1',
      caveats: [
        'Orders that wait for a price (limit, stop), liquidations and auto-deleveraging are left out: their wait is no latency.',
        'Orders of GMX V2 and Synthetix V2 only; a request whose log states no time is left out.',
      ],
    }),
    marketId,
    fromTime: isoTime(fromTime),
    toTime: isoTime(toTime),
    groups: rows.map(toGroup),
  };
}

function toGroup(row: Awaited<ReturnType<typeof requestsQuery.run>>[number]): RequestGroup {
  const kind = row.group_kind;
  return {
    venue: row.group_venue,
    kind,
    executionDelay: sampleStatistics(row.execution_delays, 'seconds'),
    priceDelay: sampleStatistics(row.price_delays, 'seconds'),
    bound:
      row.bound_checked === 0
        ? null
        : { name: BOUNDS[kind], checked: row.bound_checked, violations: row.bound_violations },
    violations: row.first_violations.map(([blockNumber, transactionHash, orderKey]) => ({
      blockNumber,
      transactionHash,
      orderKey,
    })),
  };
}
