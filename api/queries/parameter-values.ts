import type { Parameters } from '../../margin/inputs.ts';
import type { VenueRules } from '../../margin/venue-rules.ts';
import type { ParameterChange } from '../../schema/events/parameter.ts';
import type { Basis } from './answers.ts';

const SNAPSHOT_CAVEAT =
  "Some parameters come from the venue's published configuration of 2026-03-13, not from the chain.";

/** Values in force, which note when one that the venue published, not the chain, is read. */
class NotedValues extends Map<string, bigint> {
  readonly published = new Set<string>();
  publishedWasRead = false;

  override get(key: string): bigint | undefined {
    if (this.published.has(key)) this.publishedWasRead = true;
    return super.get(key);
  }
}

/** Parameters of one market as blocks pass. */
export class ParameterWalk {
  readonly #rules: VenueRules;
  readonly #changes: readonly ParameterChange[];
  readonly #values = new NotedValues();
  #next = 0;
  #block = -1;

  /** `changes` in chain order. */
  constructor(rules: VenueRules, changes: readonly ParameterChange[]) {
    this.#rules = rules;
    this.#changes = changes;
  }

  /** Whether anything read so far was a published value. */
  get publishedWasRead(): boolean {
    return this.#values.publishedWasRead;
  }

  at(block: number): Parameters {
    if (block < this.#block) {
      this.#values.clear();
      this.#values.published.clear();
      this.#next = 0;
    }
    this.#block = block;
    let change = this.#changes[this.#next];
    while (change && change.blockNumber <= block) {
      this.#apply(change);
      this.#next += 1;
      change = this.#changes[this.#next];
    }
    return this.#values;
  }

  /** A published value fills what is unknown; it never replaces what the chain has said. */
  #apply(change: ParameterChange): void {
    const parameter = this.#rules.parameterOf(change);
    if (!parameter) return;
    const { published } = this.#values;
    if (change.source !== 'SNAPSHOT') published.delete(parameter.key);
    else if (this.#values.has(parameter.key)) return;
    else published.add(parameter.key);
    this.#values.set(parameter.key, parameter.value);
  }
}

/** What provenance says of an answer judged with those parameters. */
export function judgedWith(publishedWasRead: boolean): {
  readonly basis: Basis;
  readonly caveats: readonly string[];
  /** Ends the version of the method: other parameters, other bytes, another digest. */
  readonly suffix: string;
} {
  return publishedWasRead
    ? { basis: 'MODELED', caveats: [SNAPSHOT_CAVEAT], suffix: '+parameters-2026-03-13' }
    : { basis: 'DERIVED', caveats: [], suffix: '' };
}
