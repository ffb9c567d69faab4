export type CheckName =
  | 'commits'
  | 'identities'
  | 'hash-chain'
  | 'rebuild'
  | 'source'
  | 'open-interest'
  | 'dead-letters'
  | 'state';

/** One thing that is off: where, how much of it, and what to do. */
export interface Finding {
  readonly chainId: number;
  readonly check: CheckName;
  /** Table that is wrong (or lacks something). */
  readonly table: string;
  readonly fromBlock: number;
  /** Inclusive. */
  readonly toBlock: number;
  /** Rows, blocks or commits that are off, as the message says. */
  readonly count: number;
  readonly message: string;
  readonly remedy: string;
}

/** What a check found, and what it has proved by looking. */
export interface CheckResult {
  readonly findings: readonly Finding[];
  /** With counts, one sentence. @example '26,525 logs in 3,652 blocks …' */
  readonly summary: string;
  /** The check could not look at all; the summary says why. */
  readonly isSkipped?: boolean;
}

export interface CheckReport {
  readonly chainId: number;
  readonly name: CheckName;
  readonly proves: string;
  readonly status: 'ok' | 'off' | 'skipped';
  readonly summary: string;
  readonly findings: number;
}

type FindingFacts = Omit<Finding, 'chainId' | 'check'>;

/** So many are told one by one of each kind; the rest are told as one. */
const TOLD_A_KIND = 5;

interface Group {
  told: number;
  rest: { fromBlock: number; toBlock: number; count: number; places: number } | null;
  first: FindingFacts;
}

/** Collects findings of one check in bounded memory, however broken the store is. */
export class FindingList {
  readonly #chainId: number;
  readonly #check: CheckName;
  readonly #told: FindingFacts[] = [];
  readonly #groups = new Map<string, Group>();

  constructor(chainId: number, check: CheckName) {
    this.#chainId = chainId;
    this.#check = check;
  }

  /** `kind`: findings of one table and kind share the bound. */
  add(kind: string, finding: FindingFacts): void {
    const key = `${finding.table}:${kind}`;
    const group = this.#groups.get(key) ?? { told: 0, rest: null, first: finding };
    this.#groups.set(key, group);
    if (group.told < TOLD_A_KIND) {
      group.told += 1;
      this.#told.push(finding);
      return;
    }
    const { fromBlock, toBlock, count } = finding;
    group.rest = group.rest
      ? {
          fromBlock: Math.min(group.rest.fromBlock, fromBlock),
          toBlock: Math.max(group.rest.toBlock, toBlock),
          count: group.rest.count + count,
          places: group.rest.places + 1,
        }
      : { fromBlock, toBlock, count, places: 1 };
  }

  get isEmpty(): boolean {
    return this.#told.length === 0;
  }

  all(): Finding[] {
    const rests = [...this.#groups.values()].flatMap(({ rest, first }) => {
      if (!rest) return [];
      const { places, ...facts } = rest;
      const message = `… and the same in ${places} more places`;
      return [{ ...facts, table: first.table, message, remedy: first.remedy }];
    });
    return [...this.#told, ...rests].map((finding) => ({
      chainId: this.#chainId,
      check: this.#check,
      ...finding,
    }));
  }
}

/** @example count(26525) // '26,525' */
export function count(value: number): string {
  return value.toLocaleString('en-US');
}

/** @example counted(1, 'row') // '1 row'; counted(2, 'row') // '2 rows' */
export function counted(value: number, noun: string): string {
  return `${count(value)} ${noun}${value === 1 ? '' : 's'}`;
}

export function blocksText(fromBlock: number, toBlock: number): string {
  return fromBlock === toBlock
    ? `block ${count(fromBlock)}`
    : `blocks ${count(fromBlock)} to ${count(toBlock)}`;
}
