import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Database } from '../../schema/clickhouse/database.ts';
import { OperatorError, RetryableError } from '../../schema/errors.ts';
import type { WriterGuard } from './chain-writer.ts';
import { isGone, thisWriter } from './writer-identity.ts';

export interface LeaseTimes {
  /** A lease that was not renewed for so long is void. */
  readonly expiryMs: number;
  readonly renewalMs: number;
  /** Between claiming and looking who claimed first: longer than an insert takes to be seen. */
  readonly settleMs: number;
}

const TIMES: LeaseTimes = { expiryMs: 30_000, renewalMs: 5_000, settleMs: 400 };
const LOOK_AGAIN_MS = 250;

/** One process's claim on a chain, as all writers see it. */
interface Claim {
  readonly lease_id: string;
  readonly holder: string;
  readonly machine: string;
  readonly pid: number;
  /** As the server writes it: only compared. */
  readonly last_seen: string;
  readonly is_live: number;
}

interface Held {
  readonly id: string;
  /** performance.now() before the last renewal that went through was sent. */
  renewedAt: number;
}

/**
 * The right to write a chain on a server that several processes reach. Claims are rows in
 * `writer_leases`; the oldest live one holds, by the server's clock. It is renewed every few seconds,
 * taken over when it has expired or its process is gone from this machine, and asked for again before
 * each commit, so that a process that slept through its expiry commits nothing.
 */
export class WriterLeases implements WriterGuard {
  readonly #database: Database;
  readonly #times: LeaseTimes;
  readonly #held = new Map<number, Promise<Held>>();
  readonly #refused = new Set<number>();
  #timer: NodeJS.Timeout | undefined;

  constructor(database: Database, times: Partial<LeaseTimes> = {}) {
    this.#database = database;
    this.#times = { ...TIMES, ...times };
  }

  async hold(chainId: number): Promise<void> {
    let holding = this.#held.get(chainId);
    if (!holding) {
      holding = this.#acquire(chainId);
      this.#held.set(chainId, holding);
      holding.catch(() => this.#held.delete(chainId));
    }
    const held = await holding;
    if (performance.now() - held.renewedAt > this.#times.expiryMs / 2) await this.confirm(chainId);
  }

  async confirm(chainId: number): Promise<void> {
    const held = await this.#held.get(chainId);
    if (!held) return this.hold(chainId);
    const claims = await this.#claims(chainId);
    const holder = claims.find((claim) => claim.is_live === 1);
    if (holder?.lease_id === held.id) return;
    // Expired while the server was away, and nobody came in between: nothing has changed meanwhile.
    if (!holder && claims.at(-1)?.lease_id === held.id) return this.#renew(chainId, held);
    this.#held.delete(chainId);
    if (holder) throw this.#refusal(chainId, holder);
    throw new RetryableError('Another process has written this chain since.', {
      facts: { chainId },
      remedy: 'Open the chain again: it goes on from the last commit.',
    });
  }

  isRefused(chainId: number): boolean {
    return this.#refused.has(chainId);
  }

  /** Gives every lease back; the next writer need not wait. */
  async release(): Promise<void> {
    clearInterval(this.#timer);
    const held = [...this.#held];
    this.#held.clear();
    for (const [chainId, holding] of held) {
      const lease = await holding.catch(() => null);
      if (lease) await this.#write(chainId, lease.id, true);
    }
  }

  async #acquire(chainId: number): Promise<Held> {
    await this.#waitForPredecessor(chainId);
    const held = { id: randomUUID(), renewedAt: performance.now() };
    await this.#write(chainId, held.id, false);
    await sleep(this.#times.settleMs);
    const [first] = (await this.#claims(chainId)).filter((claim) => claim.is_live === 1);
    if (first && first.lease_id !== held.id) {
      await this.#write(chainId, held.id, true);
      throw this.#refusal(chainId, first);
    }
    this.#refused.delete(chainId);
    this.#timer ??= setInterval(() => void this.#renewAll(), this.#times.renewalMs).unref();
    return held;
  }

  /**
   * Returns when nobody holds the chain: at once, or when a lease that nobody renews has expired.
   * @throws OperatorError as soon as the holder renews it.
   */
  async #waitForPredecessor(chainId: number): Promise<void> {
    const seen = new Map<string, string>();
    for (;;) {
      const live = (await this.#claims(chainId)).filter((claim) => claim.is_live === 1);
      const alive: Claim[] = [];
      for (const claim of live) {
        if (isGone(claim)) await this.#write(chainId, claim.lease_id, true);
        else alive.push(claim);
      }
      if (alive.length === 0) return;
      for (const claim of alive) {
        const before = seen.get(claim.lease_id) ?? claim.last_seen;
        if (before !== claim.last_seen) throw this.#refusal(chainId, claim);
        seen.set(claim.lease_id, before);
      }
      await sleep(LOOK_AGAIN_MS);
    }
  }

  async #renewAll(): Promise<void> {
    for (const [chainId, holding] of this.#held) {
      // What a failed renewal means is found when it counts: at the next write.
      await holding.then((held) => this.#renew(chainId, held)).catch(() => {});
    }
  }

  async #renew(chainId: number, held: Held): Promise<void> {
    const now = performance.now();
    await this.#write(chainId, held.id, false);
    held.renewedAt = now;
  }

  /** All claims of the last day in the order of their first rows. */
  #claims(chainId: number): Promise<Claim[]> {
    return this.#database.select<Claim>(
      `SELECT
           lease_id,
           any(holder) AS holder,
           any(machine) AS machine,
           any(pid) AS pid,
           max(seen_at) AS last_seen,
           toUInt8(NOT max(is_released)
               AND max(seen_at) > now64(3) - toIntervalMillisecond({expiryMs:UInt32})) AS is_live
       FROM writer_leases
       WHERE chain_id = {chainId:UInt64}
       GROUP BY lease_id
       ORDER BY min(seen_at), lease_id`,
      { chainId, expiryMs: this.#times.expiryMs },
    );
  }

  /** By the server's clock: the writers' own may differ. */
  async #write(chainId: number, leaseId: string, isReleased: boolean): Promise<void> {
    await this.#database.command(
      `INSERT INTO writer_leases (lease_id, holder, machine, pid, seen_at, is_released, chain_id)
       SELECT {leaseId:String}, {holder:String}, {machine:String}, {pid:UInt32}, now64(3, 'UTC'),
           {isReleased:Bool}, {chainId:UInt64}`,
      { ...thisWriter(), leaseId, isReleased, chainId },
    );
  }

  #refusal(chainId: number, claim: Claim): OperatorError {
    this.#refused.add(chainId);
    return new OperatorError('Another process writes this chain.', {
      facts: { chainId, holder: claim.holder },
      remedy:
        'Stop that process first, or index the chain into another database (CLICKHOUSE_DATABASE).',
    });
  }
}
