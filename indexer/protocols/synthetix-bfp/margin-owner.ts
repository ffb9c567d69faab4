import type { ContractLog } from '../abi/contract-logs.ts';
import { siblings } from '../abi/contract-logs.ts';
import { DecodeError } from '../abi/decode-error.ts';
import { debtPaid, fundingRecomputed, orderCommitted, orderSettled } from './events.ts';

/** Accounts of an owner, as far as the manifest names them. */
export type AccountsByOwner = ReadonlyMap<string, readonly bigint[]>;

/**
 * Deposits and withdrawals name neither market nor account. The market is that of the
 * FundingRecomputed which MarginModule logs before every one of them.
 * @throws DecodeError where none precedes it.
 */
export function marketOfMargin(log: ContractLog<unknown>): bigint {
  const before = siblings(log.transaction, fundingRecomputed).filter(
    ({ place }) => place.logIndex < log.place.logIndex,
  );
  const last = before.at(-1);
  if (last) return last.args.marketId;
  throw new DecodeError(`${log.name} without the FundingRecomputed of its market before it`);
}

/**
 * The account, where there is no doubt: the owner's only one, or the only account that the same
 * transaction names in that market, or the only one that is both. null: it is not known whose it is.
 */
export function accountOfMargin(
  log: ContractLog<unknown>,
  marketId: bigint,
  mover: string,
  accounts: AccountsByOwner,
): bigint | null {
  const owned = accounts.get(mover) ?? [];
  const named = [orderCommitted, orderSettled, debtPaid].flatMap((event) =>
    siblings(log.transaction, event)
      .filter(({ args }) => args.marketId === marketId)
      .map(({ args }) => args.accountId),
  );
  const both = owned.filter((account) => named.includes(account));
  const candidates = both.length > 0 ? both : owned.length > 0 ? owned : named;
  const [only, ...others] = new Set(candidates);
  return only === undefined || others.length > 0 ? null : only;
}
