/**
 * Every bound of the API in one place, each with its reason. A request over a bound is refused with
 * a message that names it; nothing is cut short in silence.
 */

/** A hand-written dashboard query has 100–600 tokens, GraphiQL's introspection about 500. */
export const MAX_TOKENS = 1_500;

/** connection → edges → node → nested connection → edges → node → point → price → token, and slack. */
export const MAX_DEPTH = 12;

/** A page that compares ten positions in one request is fair; a hundred copies of a heatmap are not. */
export const MAX_ALIASES = 20;

/** Fields selected in one request: every field of every type once is about 250. */
export const MAX_BREADTH = 400;

/** Cost units: a scalar 0–1, a row of a list 1, an analytic field by the rows it may compute. */
export const MAX_COST = 20_000;

/** The engine answers a page of 200 states in tens of milliseconds; more is an export, not a page. */
export const MAX_PAGE_SIZE = 200;
export const DEFAULT_PAGE_SIZE = 25;

/** More points than pixels of a wide screen serve no chart; 5,000 points are about 3 MB of JSON. */
export const MAX_HISTORY_POINTS = 5_000;
export const DEFAULT_HISTORY_POINTS = 1_000;

/** Instants judged before thinning: about half a second of exact arithmetic. */
export const MAX_HISTORY_SAMPLES = 20_000;

/** One column a pixel of a 500-pixel-wide chart; each column judges every open position. */
export const MAX_HEATMAP_COLUMNS = 500;
export const DEFAULT_HEATMAP_COLUMNS = 96;

/** Positions × columns judged for one map or heatmap: about ten seconds of exact arithmetic. */
export const MAX_ASSESSMENTS = 200_000;

/** 500 columns × 200 cells × 2 sides, and room for layers that are thin: about 40 MB of JSON. */
export const MAX_HEATMAP_CELLS = 300_000;

/** Up to here a map or heatmap judges every position unless told otherwise: about a second; above, the ledger. */
export const MAX_DEFAULT_JUDGEMENTS = 20_000;

/** Moves of `liquidatedIfPriceMoves`: a curve by percent from −50 to 50. */
export const MAX_PRICE_MOVES = 100;

/** Liquidations whose breach is looked for in one answer: each takes at least nine judgements. */
export const MAX_LATENCY_LIQUIDATIONS = 2_000;

/** Intervals of one `bufferAdequacy`: a curve has a point a decade or so. */
export const MAX_BUFFER_INTERVALS = 50;

/** Rows of `realizedLiquidations`: intervals × sides × classes in which something was closed. */
export const MAX_REALIZED_ROWS = 5_000;

/** Liquidations summed for one `liquidators` answer, held in memory with their transactions. */
export const MAX_LIQUIDATOR_ROWS = 100_000;

/** Cost of an analytic field before what its arguments add: one bounded read of every input table. */
export const ANALYTIC_COST = 300;

/** Groups of `oracleLatency`: 60 days of hours. */
export const MAX_LATENCY_GROUPS = 1_500;

/** Prices of one feed and lags to each side: together about a third of a second of arithmetic. */
export const MAX_LEAD_LAG_TICKS = 50_000;
export const MAX_LEAD_LAG_STEPS = 120;

/** Leads of one report card: a curve of them; each cuts the window into steps of its own. */
export const MAX_SCORE_LEADS = 12;
/** Steps of all leads of one report card: a month of minutes and what is longer, twice. */
export const MAX_SCORE_STEPS = 120_000;
/** Liquidations graded in one report card, each at every lead against 81 cells of the map (801 of the finest). */
export const MAX_SCORED_LIQUIDATIONS = 5_000;
/** Cells that the price may move over in one report card: by a factor of seven in the finest. */
export const MAX_SCORE_EDGES = 4_000;

/** A GraphQL request is text of a few kB; variables with what-if prices add little. */
export const MAX_BODY_BYTES = 256 * 1024;

/** A request URL longer than this is no query of ours (GET requests carry whole queries). */
export const MAX_URL_BYTES = 16 * 1024;

/** The slowest bounded analytic takes seconds; a client that waits longer has gone away. */
export const REQUEST_TIMEOUT_MS = 30_000;

/** A probe of an orchestrator waits 1 to 10 seconds; a database that takes longer is away for it. */
export const HEALTH_TIMEOUT_MS = 3_000;

/** The largest PNG takes about two seconds; a renderer that takes longer hangs and is replaced. */
export const PNG_TIMEOUT_MS = 15_000;

/** PNGs that wait for the one renderer. A page asks for three; a crowd comes back later. */
export const MAX_PNG_QUEUE = 24;

/** Time that open requests have to end when the server stops. */
export const SHUTDOWN_GRACE_MS = 5_000;

/**
 * Bounds that go with every statement (as its SETTINGS clause: on the embedded engine a client
 * setting would stay on the session and stop the indexer). An aborted query keeps computing there,
 * so time is bounded by the engine itself. readonly 2: no writes, but the bounds may be set.
 */
export const QUERY_SETTINGS = {
  readonly: '2',
  max_execution_time: 20,
  max_rows_to_read: '500000000',
  max_result_rows: '2000000',
  max_memory_usage: '2000000000',
} as const;
