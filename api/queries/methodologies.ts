/** How an answer is made, in words and signs that a person can check by hand. */
export interface Methodology {
  /** Ids of the analytics (sections of docs/analytics.md) and the name of the method. */
  readonly id: string;
  readonly name: string;
  /** Of the method, then `+` what else decided the numbers: rules of the venue, published parameters. */
  readonly version: string;
  readonly formula: string;
}

interface Entry {
  /** Ids of docs/analytics.md; none for plain lists of what events say. */
  readonly analytics: readonly string[];
  /** Rises when the same facts would give other bytes. */
  readonly version: string;
  readonly formula: string;
}

const JUDGEMENT =
  'equity M = collateral × its price + PnL − funding − borrowing − closing fees ± price impact, by the rules of the venue in integers; ' +
  'marginRatio = M ÷ notional; healthFactor = M ÷ maintenance margin R, 1 is the threshold; ' +
  'liquidationPrice P*: where the test of the venue flips with size, collateral, fees and impact frozen at the block; ' +
  'distance = s × ln(P ÷ P*), s = +1 long, −1 short';

const EXTRAS =
  'collateralRatio = collateral ÷ notional; carry: −d(M − R)/dt and dP*/dt by (−3 f(t) + 4 f(t+h) − f(t+2h)) ÷ 2h of the exact rules with only time ' +
  'passing, secondsToLiquidation = the first second at which they would liquidate; ' +
  'volatility: v ← a v + (1 − a) r² ÷ dt, a = e^(−dt/τ), r = ln(p ÷ previous p), over its own weight; distanceInSigmas = distance ÷ √(v × horizon)';

/** One entry a method, by the name that `provenance.method` shows. */
const REGISTRY = {
  account: {
    analytics: [],
    version: '1',
    formula:
      'Over the newest state of each position key of the account at or below the block: count, count and Σ sizeUsd of the open ones; totals over its liquidations.',
  },
  coverage: {
    analytics: ['C5'],
    version: '1',
    formula:
      'residual = newest counter of the protocol at or below the block − Σ over our open positions, per market and side in USD, or per market as |skew of the protocol − ours| in index base units; it must be 0.',
  },
  'buffer-adequacy': {
    analytics: ['F5'],
    version: '1',
    formula:
      'required = penalty ÷ notional + z σ√Δt (with a deviation threshold θ: + θ, Δt the delivery delay), z_0.99 = 2.185; ' +
      'σ² per second = Σ w r² ÷ Σ w Δt over the index feed’s prices, w = e^(−age ÷ tau); adequacy = median of maintenance margin ÷ notional over open positions ÷ required.',
  },
  'cross-source-deviation': {
    analytics: ['E5'],
    version: '1',
    formula:
      'ln(A ÷ B) of the middle prices at the end of each block that changed either, each at its last price, where neither is older than maxAge.',
  },
  liquidation: {
    analytics: ['D4'],
    version: '1',
    formula:
      'One forced close as its logs say; state just before it = sum of the events before; USD = token amount × price in the event.',
  },
  'liquidation-latency': {
    analytics: ['F1', 'F2', 'F3', 'F4'],
    version: '1',
    formula:
      'going back from the liquidation (or the flag before it) over every block with a new price or change of the position, the venue’s test is asked: the breach lies after the last safe instant, at or before the next one; ' +
      'delay = liquidation − that next instant; overshoot = s × ln(P* ÷ P), scaled by σ√Δt, mean 0.5826 where a price moves at random; delay cost = notional × s × ln(P at the breach ÷ P used); ' +
      'σ² per second = Σ w r² ÷ Σ w Δt, w = e^(−age ÷ tau).',
  },
  liquidations: {
    analytics: ['D4'],
    version: '1',
    formula:
      'Forced closes at or below the block that pass the filter; totals = count, Σ |closed size|, Σ penalty, Σ bad debt over all of them, not the page.',
  },
  'liquidation-heatmap': {
    analytics: ['C1', 'C2', 'C4', 'C5'],
    version: '2',
    formula:
      'cell k holds prices in [e_k, e_k+1), e_k = 1.0005^k, merged by 2, 5, 10 or 20; PROSPECTIVE(column, k) = Σ measure of the positions open at the column’s last block with P* in k; ' +
      'PROSPECTIVE(column) = PROSPECTIVE(column before) + CREATED + MOVED_IN − MOVED_OUT − CLOSED − LIQUIDATED + DRIFT in every cell; ' +
      'REALIZED(column, k) = Σ closed base size × trigger price of the liquidations in the column with that price in k. ' +
      'P* judged at the block (judged), or as of the last event or, where its cell changed, full hour: Σ sign × measure over the ledger of levels (ledger).',
  },
  'liquidation-map': {
    analytics: ['C1', 'C2', 'C3', 'C5'],
    version: '2',
    formula:
      'cell k holds prices in [e_k, e_k+1), e_k = 1.0005^k, merged by 2, 5, 10 or 20; m_k = Σ measure of the positions open at the block with P* in k; ' +
      'cumulative Λ(P) = Σ m between the price in force and P, per side; liquidatedIfPriceMoves(x): longs with P* ≥ P (1 + x ÷ 100), x < 0; shorts with P* ≤ it, x > 0; ' +
      'gamma = Σ m over 20 base cells from that of P on × P ÷ (100 × their width). ' +
      'P* judged at the block (judged), or as of the last event or, where its cell changed, full hour: Σ sign × measure over the ledger of levels (ledger).',
  },
  'open-breaches': {
    analytics: ['F1', 'G5'],
    version: '1',
    formula:
      'open positions that the venue’s test calls liquidatable at the end of the block; breach found going back price by price (F1); standing = block time − first breaching instant; ' +
      'unprofitable where the pay that the contract asks for the senders then < median gas of the venue’s newest 1,000 liquidating transactions × native price.',
  },
  'liquidation-risk': {
    analytics: ['D1', 'D2', 'D3', 'L1', 'L2'],
    version: '1',
    formula:
      'p_i = Φ((−d + νs) ÷ s) + e^(2νd ÷ s) Φ((−d − νs) ÷ s), s = σ√T, d = distance of position i + 0.5826 σ√dt, ν = ± s ÷ 2 (martingale: + for longs) or 0; ' +
      'D1 expected = Σ N_i p_i, N = size × P*; D2 at risk, one side = Σ N_i with d ≤ x, p(x) = 1 − confidence; both sides: least V with P(Λ(min) + Λ(max) ≤ V) ≥ confidence by the joint law of minimum and maximum; ' +
      'D3 debt = Σ p_i E[max(0, D |1 − e^(−s o)| − (M − penalty))], M equity and D its loss per relative move at P*, o = σ√dt × overshoot of a random walk.',
  },
  'liquidation-map-score': {
    analytics: ['C6'],
    version: '1',
    formula:
      'P* = last level at or before t − lead in the same life; error = 1e4 × s × ln(P* ÷ trigger price), s = +1 long, −1 short; recall(w) = notional with |error| ≤ w ÷ realized notional; ' +
      'fate: steps [t0, t0 + lead), mass standing before t0 with P* between the extremes of the index price from the one in force before t0 to the end, by what had become of it before t0 + lead; ' +
      'gain = mean ln(p_map ÷ p_null) over triggers within ±0.2 (log) of the price at t − lead, p_map = 0.99 × share of the side’s mass in the cell + 0.01 × p_null, ' +
      'null: uniform, or Laplace around that price with the likeliest scale; interval: mean ± 1.96 standard errors clustered by step of the lead, null below 10 clusters.',
  },
  liquidators: {
    analytics: ['G1', 'G2', 'G3', 'G4', 'G5'],
    version: '1',
    formula:
      'by sender of the liquidating transaction: share = its closed notional (or count) ÷ all; HHI = Σ share², effective number = 1 ÷ HHI; ' +
      'gas = Σ gas used × effective gas price over its transactions, each once; paid = what the venue’s logs say it was paid; net = paid − gas; ' +
      'speed = median delay (F2) with the interval between the order statistics that holds the median with at least 95 %.',
  },
  'margin-at': {
    analytics: ['B1', 'B2', 'B3', 'B4', 'B5', 'B6', 'B7', 'B8', 'B9'],
    version: '2',
    formula: `${JUDGEMENT}; ${EXTRAS}.`,
  },
  'margin-history': {
    analytics: ['B1', 'B2', 'B3', 'B4', 'B5', 'B6', 'B7', 'B8', 'B9'],
    version: '2',
    formula: `${JUDGEMENT}; each change of M = price + funding + borrowing + fee + owner + parameter, exactly; ${EXTRAS}; thinned by keeping, in each bucket, the points with the lowest and the highest marginRatio, healthFactor, equity and distance.`,
  },
  'market-margin-bands': {
    analytics: ['B2', 'B3'],
    version: '2',
    formula: `${JUDGEMENT}; of every position open at the last block of a column (JUDGED), or of the first block with events at or after the last full hour before its end, as kept then (LEDGER); quantile pX = least value with ≥ X % of the weight at or below it, weight 1 or notional; under h: healthFactor < h.`,
  },
  market: {
    analytics: ['C5'],
    version: '1',
    formula:
      'Newest state of the market at or below the block; residualUsd = counter of the protocol − Σ sizeUsd of our open positions, per side; skew residual likewise in index base units.',
  },
  'oracle-feeds': {
    analytics: [],
    version: '1',
    formula:
      'Per feed over its updates at or below the block: count, first and last time, last price as logged.',
  },
  'oracle-latency': {
    analytics: ['E1', 'E2', 'E3', 'E4', 'E8', 'E9'],
    version: '3',
    formula:
      'E1 delay D = block time − observation time, signed, never above the bound of the venue in force; E2 interval U = block time − block time of the update before; ' +
      'E3 age over time, mean = Σ(D·W + W²÷2) ÷ ΣW with W the time an update was the newest; E4 |ln(p ÷ p before)|, ' +
      'written by DEVIATION where |p ÷ p before − 1| ≥ θ, else HEARTBEAT where U ≥ H, else OTHER; E8 confidence ÷ price; E9 (max − min) ÷ middle; ' +
      'percentile p = linear between order statistics (R-7), null below 10 ÷ (1 − p) samples; its interval = samples of ranks l, u with P(l ≤ Bin(n, p) < u) ≥ 0.95. ' +
      'STRESS = hours in the top tenth of Σ ln(p ÷ p before)². Ratios are counted in units of 1e-7.',
  },
  'oracle-lead-lag': {
    analytics: ['E6'],
    version: '1',
    formula:
      'lag l with the largest |ρ(l)|, ρ(l) = Σ ΔA ΔB over pairs of moves whose time spans overlap once B is moved by l ÷ √(Σ ΔA² Σ ΔB²) (Hayashi–Yoshida); positive: B leads.',
  },
  position: {
    analytics: [],
    version: '1',
    formula:
      'Newest state of the position key at or below the block: sum of its events, as logged.',
  },
  positions: {
    analytics: [],
    version: '1',
    formula:
      'Newest state at or below the block of each position key that passes the filter, in the order asked for.',
  },
  'realized-liquidations': {
    analytics: ['D4'],
    version: '1',
    formula:
      'per interval [i × step, (i + 1) × step), side and class of closed notional (powers of ten): count, accounts, liquidators, Σ |closed size|, Σ closed collateral × its minimum price, Σ penalty, Σ bad debt; the rows sum to the totals of `liquidations`.',
  },
  'request-to-execution': {
    analytics: ['E10'],
    version: '1',
    formula:
      't_exec − t_req and t_obs − t_req of executed orders that wait for no price; t_req as the request logs it, t_obs the oldest price of the transaction. ' +
      'Bounds, by the parameters in force: GMX V2 t_req ≤ t_obs ≤ t_req + requestExpirationTime; Synthetix V2 off chain t_obs − t_req > minAge, t_exec − t_req < maxAge.',
  },
  status: {
    analytics: ['C5'],
    version: '1',
    formula: 'Rows at or below the head, counted per table.',
  },
} as const satisfies Readonly<Record<string, Entry>>;

export type MethodName = keyof typeof REGISTRY;

/** Registered methods with their analytics, for the documents and tests that list them. */
export function registeredMethods(): readonly (Entry & { readonly name: MethodName })[] {
  const entries: Readonly<Record<string, Entry>> = REGISTRY;
  return Object.entries(entries).map(([name, entry]) => ({ name: name as MethodName, ...entry }));
}

export function versionOf(name: MethodName): string {
  return REGISTRY[name].version;
}

/**
 * A method as provenance states it; `version` is the registered one, followed by what else decided.
 * @throws RangeError where the method is not registered, or in another version: a fault of the program.
 */
export function methodologyOf(name: MethodName, version: string): Methodology {
  const entries: Readonly<Record<string, Entry | undefined>> = REGISTRY;
  const entry = entries[name];
  if (!entry) throw new RangeError(`Register the method ${name} in api/queries/methodologies.ts.`);
  if (version !== entry.version && !version.startsWith(`${entry.version}+`)) {
    throw new RangeError(
      `The method ${name} is registered as version ${entry.version}, not ${version}.`,
    );
  }
  return { id: [...entry.analytics, name].join(' '), name, version, formula: entry.formula };
}
