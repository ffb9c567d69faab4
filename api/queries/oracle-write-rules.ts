import { readFileSync } from 'node:fs';
import type { OracleScope } from './oracle-scope.ts';
import type { Source } from './source-directory.ts';

const DAY = 86_400;

/** When the nodes of a feed write, while a rule is known to hold: one place of each array a rule. */
export interface WriteRules {
  readonly ruleVenue: string;
  readonly ruleTokens: readonly string[];
  /** Half-open, unix seconds. */
  readonly ruleStarts: readonly number[];
  readonly ruleEnds: readonly number[];
  /** Share of the price. */
  readonly ruleThresholds: readonly number[];
  readonly ruleHeartbeats: readonly number[];
}

const RULED_VENUE = 'chainlink';

interface Rule {
  readonly chainId: number;
  readonly token: string;
  readonly start: number;
  readonly end: number;
  readonly threshold: number;
  readonly heartbeat: number;
}

const RULES = readRules(new URL('./data/chainlink-write-rules.tsv', import.meta.url));

/** Rules of the feeds of a scope that were known at some moment of its window; null where there is none. */
export function readWriteRules(source: Source, scope: OracleScope): WriteRules | null {
  // What an archive was made with is not what nodes out there are set to.
  if (source.isSynthetic) return null;
  const feeds = new Set(scope.feeds);
  const rules = RULES.filter(
    (rule) =>
      rule.chainId === source.chainId &&
      (feeds.size === 0 || feeds.has(`${RULED_VENUE}:${rule.token}`)) &&
      rule.start < scope.toTime &&
      rule.end > scope.fromTime,
  );
  if (rules.length === 0) return null;
  return {
    ruleVenue: RULED_VENUE,
    ruleTokens: rules.map(({ token }) => token),
    ruleStarts: rules.map(({ start }) => start),
    ruleEnds: rules.map(({ end }) => end),
    ruleThresholds: rules.map(({ threshold }) => threshold),
    ruleHeartbeats: rules.map(({ heartbeat }) => heartbeat),
  };
}

/** Columns: chain, aggregator, threshold in percent, heartbeat in seconds, first and last day known. */
function readRules(file: URL): readonly Rule[] {
  const [, ...lines] = readFileSync(file, 'utf8').trim().split('\n');
  return lines.map((line) => {
    const [chain, aggregator, percent, heartbeat, from, to] = line.split('\t');
    return {
      chainId: Number(chain),
      token: String(aggregator),
      start: Date.parse(String(from)) / 1000,
      end: Date.parse(String(to)) / 1000 + DAY,
      threshold: Number(percent) / 100,
      heartbeat: Number(heartbeat),
    };
  });
}
