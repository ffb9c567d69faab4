import { encodeAbiParameters, keccak256 } from 'viem/utils';

/**
 * Names of DataStore keys. A full key is keccak256(abi.encode(baseKey, parts...)) with
 * baseKey = keccak256(abi.encode("NAME")); Config's Set* events give the base key and the encoded
 * parts (contracts/data/Keys.sol, contracts/config/Config.sol). Here a key becomes
 * (market, name): NAME in camelCase, then a suffix for each further part:
 *
 *     side     Long | Short                       borrowingFactorLong
 *     sign     Positive | Negative                positionImpactFactorNegative
 *     balance  BalanceImproved | BalanceNotImproved
 *     pnl      replaces the name                  maxPnlFactorForTradersLong
 *     address, uint, bytes32                      dataStreamSpreadReductionFactor:0x82af…
 */
type Part = 'market' | 'side' | 'sign' | 'balance' | 'pnl' | 'address' | 'uint' | 'bytes32';

/** Layout (parts in order) → names, from the key functions of contracts/data/Keys.sol. */
const LAYOUTS: readonly (readonly [readonly Part[], string])[] = [
  [
    [],
    `MIN_COLLATERAL_USD MIN_POSITION_SIZE_USD POSITION_FEE_RECEIVER_FACTOR
    LIQUIDATION_FEE_RECEIVER_FACTOR SWAP_FEE_RECEIVER_FACTOR BORROWING_FEE_RECEIVER_FACTOR
    MAX_ORACLE_PRICE_AGE MAX_ATOMIC_ORACLE_PRICE_AGE MAX_ORACLE_TIMESTAMP_RANGE
    MAX_ORACLE_REF_PRICE_DEVIATION_FACTOR MIN_ORACLE_SIGNERS MIN_ORACLE_BLOCK_CONFIRMATIONS
    ORACLE_PROVIDER_MIN_CHANGE_DELAY SEQUENCER_GRACE_DURATION REQUEST_EXPIRATION_TIME
    SKIP_BORROWING_FEE_FOR_SMALLER_SIDE USE_OPEN_INTEREST_IN_TOKENS_FOR_BALANCE
    CLAIMABLE_COLLATERAL_TIME_DIVISOR CLAIMABLE_COLLATERAL_DELAY MAX_UI_FEE_FACTOR
    MAX_AUTO_CANCEL_ORDERS MAX_TOTAL_CALLBACK_GAS_LIMIT_FOR_AUTO_CANCEL_ORDERS
    MAX_SWAP_PATH_LENGTH MAX_CALLBACK_GAS_LIMIT REFUND_EXECUTION_FEE_GAS_LIMIT MAX_DATA_LENGTH
    MIN_HANDLE_EXECUTION_ERROR_GAS MIN_HANDLE_EXECUTION_ERROR_GAS_TO_FORWARD
    MIN_ADDITIONAL_GAS_FOR_EXECUTION ESTIMATED_GAS_FEE_BASE_AMOUNT_V2_1
    ESTIMATED_GAS_FEE_PER_ORACLE_PRICE ESTIMATED_GAS_FEE_MULTIPLIER_FACTOR
    EXECUTION_GAS_FEE_BASE_AMOUNT_V2_1 EXECUTION_GAS_FEE_PER_ORACLE_PRICE
    EXECUTION_GAS_FEE_MULTIPLIER_FACTOR MAX_EXECUTION_FEE_MULTIPLIER_FACTOR
    CREATE_DEPOSIT_GAS_LIMIT DEPOSIT_GAS_LIMIT CREATE_WITHDRAWAL_GAS_LIMIT WITHDRAWAL_GAS_LIMIT
    CREATE_GLV_DEPOSIT_GAS_LIMIT GLV_DEPOSIT_GAS_LIMIT CREATE_GLV_WITHDRAWAL_GAS_LIMIT
    GLV_WITHDRAWAL_GAS_LIMIT GLV_SHIFT_GAS_LIMIT GLV_PER_MARKET_GAS_LIMIT SHIFT_GAS_LIMIT
    SINGLE_SWAP_GAS_LIMIT INCREASE_ORDER_GAS_LIMIT DECREASE_ORDER_GAS_LIMIT SWAP_ORDER_GAS_LIMIT
    SET_TRADER_REFERRAL_CODE_GAS_LIMIT REGISTER_CODE_GAS_LIMIT NATIVE_TOKEN_TRANSFER_GAS_LIMIT
    MAX_RELAY_FEE_SWAP_USD_FOR_SUBACCOUNT GELATO_RELAY_FEE_MULTIPLIER_FACTOR
    GELATO_RELAY_FEE_BASE_AMOUNT RELAY_FEE_ADDRESS CHAINLINK_PAYMENT_TOKEN FEE_RECEIVER
    HOLDING_ADDRESS GLV_MAX_MARKET_COUNT BUYBACK_MAX_PRICE_AGE MIN_CONTRIBUTOR_PAYMENT_INTERVAL`,
  ],
  [
    ['market'],
    `MIN_COLLATERAL_FACTOR MIN_COLLATERAL_FACTOR_FOR_LIQUIDATION LIQUIDATION_FEE_FACTOR
    MAX_POSITION_IMPACT_FACTOR_FOR_LIQUIDATIONS FUNDING_FACTOR FUNDING_EXPONENT_FACTOR
    FUNDING_INCREASE_FACTOR_PER_SECOND FUNDING_DECREASE_FACTOR_PER_SECOND
    MIN_FUNDING_FACTOR_PER_SECOND MAX_FUNDING_FACTOR_PER_SECOND THRESHOLD_FOR_STABLE_FUNDING
    THRESHOLD_FOR_DECREASE_FUNDING POSITION_IMPACT_POOL_DISTRIBUTION_RATE
    MIN_POSITION_IMPACT_POOL_AMOUNT SWAP_IMPACT_EXPONENT_FACTOR MAX_LENDABLE_IMPACT_FACTOR
    MAX_LENDABLE_IMPACT_FACTOR_FOR_WITHDRAWALS MAX_LENDABLE_IMPACT_USD ATOMIC_SWAP_FEE_FACTOR
    ATOMIC_WITHDRAWAL_FEE_FACTOR IS_MARKET_DISABLED MIN_MARKET_TOKENS_FOR_FIRST_DEPOSIT
    VIRTUAL_MARKET_ID SYNC_CONFIG_MARKET_DISABLED`,
  ],
  [
    ['market', 'side'],
    `MIN_COLLATERAL_FACTOR_FOR_OPEN_INTEREST_MULTIPLIER BORROWING_FACTOR BORROWING_EXPONENT_FACTOR
    OPTIMAL_USAGE_FACTOR BASE_BORROWING_FACTOR ABOVE_OPTIMAL_USAGE_BORROWING_FACTOR RESERVE_FACTOR
    OPEN_INTEREST_RESERVE_FACTOR MAX_OPEN_INTEREST MIN_PNL_FACTOR_AFTER_ADL IS_ADL_ENABLED`,
  ],
  [
    ['market', 'sign'],
    `POSITION_IMPACT_FACTOR POSITION_IMPACT_EXPONENT_FACTOR MAX_POSITION_IMPACT_FACTOR
    SWAP_IMPACT_FACTOR`,
  ],
  [
    ['market', 'balance'],
    'POSITION_FEE_FACTOR SWAP_FEE_FACTOR DEPOSIT_FEE_FACTOR WITHDRAWAL_FEE_FACTOR',
  ],
  [['pnl', 'market', 'side'], 'MAX_PNL_FACTOR'],
  [['market', 'address'], 'MAX_POOL_AMOUNT MAX_POOL_USD_FOR_DEPOSIT'],
  [['market', 'address', 'side'], 'MAX_COLLATERAL_SUM'],
  [
    ['address'],
    `DATA_STREAM_SPREAD_REDUCTION_FACTOR DATA_STREAM_MULTIPLIER DATA_STREAM_ID EDGE_DATA_STREAM_ID
    EDGE_DATA_STREAM_TOKEN_DECIMALS PRICE_FEED PRICE_FEED_MULTIPLIER PRICE_FEED_HEARTBEAT_DURATION
    STABLE_PRICE ORACLE_TYPE VIRTUAL_TOKEN_ID TOKEN_TRANSFER_GAS_LIMIT IS_ORACLE_PROVIDER_ENABLED
    IS_ATOMIC_ORACLE_PROVIDER PRO_TRADER_TIER GLV_SHIFT_MAX_LOSS_FACTOR GLV_SHIFT_MIN_INTERVAL
    MIN_GLV_TOKENS_FOR_FIRST_DEPOSIT BUYBACK_BATCH_AMOUNT BUYBACK_MAX_PRICE_IMPACT_FACTOR
    IS_RELAY_FEE_EXCLUDED IS_MULTICHAIN_PROVIDER_ENABLED IS_MULTICHAIN_ENDPOINT_ENABLED
    CREATE_DEPOSIT_FEATURE_DISABLED CANCEL_DEPOSIT_FEATURE_DISABLED EXECUTE_DEPOSIT_FEATURE_DISABLED
    CREATE_WITHDRAWAL_FEATURE_DISABLED CANCEL_WITHDRAWAL_FEATURE_DISABLED
    EXECUTE_WITHDRAWAL_FEATURE_DISABLED EXECUTE_ATOMIC_WITHDRAWAL_FEATURE_DISABLED
    CREATE_SHIFT_FEATURE_DISABLED CANCEL_SHIFT_FEATURE_DISABLED EXECUTE_SHIFT_FEATURE_DISABLED
    CLAIM_FUNDING_FEES_FEATURE_DISABLED CLAIM_COLLATERAL_FEATURE_DISABLED SUBACCOUNT_FEATURE_DISABLED
    GASLESS_FEATURE_DISABLED`,
  ],
  [
    ['address', 'address'],
    `ORACLE_TIMESTAMP_ADJUSTMENT ORACLE_PROVIDER_FOR_TOKEN GLV_MAX_MARKET_TOKEN_BALANCE_USD
    GLV_MAX_MARKET_TOKEN_BALANCE_AMOUNT IS_GLV_MARKET_DISABLED`,
  ],
  [
    ['address', 'uint'],
    `CREATE_ORDER_FEATURE_DISABLED EXECUTE_ORDER_FEATURE_DISABLED EXECUTE_ADL_FEATURE_DISABLED
    UPDATE_ORDER_FEATURE_DISABLED CANCEL_ORDER_FEATURE_DISABLED`,
  ],
  [
    ['uint'],
    `PRO_DISCOUNT_FACTOR MIN_AFFILIATE_REWARD_FACTOR BUYBACK_GMX_FACTOR IS_SRC_CHAIN_ID_ENABLED
    EID_TO_SRC_CHAIN_ID`,
  ],
  [['bytes32'], 'VIRTUAL_INVENTORY_FOR_POSITIONS VIRTUAL_INVENTORY_FOR_POSITIONS_IN_TOKENS'],
];

const PNL_FACTOR_TYPES = [
  'MAX_PNL_FACTOR_FOR_TRADERS',
  'MAX_PNL_FACTOR_FOR_ADL',
  'MAX_PNL_FACTOR_FOR_DEPOSITS',
  'MAX_PNL_FACTOR_FOR_WITHDRAWALS',
];

/** keccak256(abi.encode("NAME")), lower-case hex. */
export function baseKeyOf(name: string): string {
  return keccak256(encodeAbiParameters([{ type: 'string' }], [name]));
}

/** @example camelCase('MIN_COLLATERAL_USD') // 'minCollateralUsd' */
function camelCase(name: string): string {
  return name.toLowerCase().replace(/_(.)/g, (_match, letter: string) => letter.toUpperCase());
}

interface KeyShape {
  readonly name: string;
  readonly parts: readonly Part[];
}

const SHAPES: ReadonlyMap<string, KeyShape> = new Map(
  LAYOUTS.flatMap(([parts, names]) =>
    names.split(/\s+/).map((name) => [baseKeyOf(name), { name: camelCase(name), parts }] as const),
  ),
);
const PNL_NAMES: ReadonlyMap<string, string> = new Map(
  PNL_FACTOR_TYPES.map((name) => [baseKeyOf(name), camelCase(name)]),
);

const BOOL_SUFFIXES = {
  side: ['Short', 'Long'],
  sign: ['Negative', 'Positive'],
  balance: ['BalanceNotImproved', 'BalanceImproved'],
} as const;

export interface ParameterName {
  /** Market address, '' where the key names none. */
  readonly market: string;
  readonly name: string;
}

const ADDRESS_WORD = /^0{24}[0-9a-f]{40}$/;

/** Reads one word of the key data into the name; false when the word cannot be that part. */
function applyPart(part: Part, word: string, into: { market: string; name: string }): boolean {
  switch (part) {
    case 'market':
    case 'address':
      if (!ADDRESS_WORD.test(word)) return false;
      if (part === 'market') into.market = `0x${word.slice(24)}`;
      else into.name += `:0x${word.slice(24)}`;
      return true;
    case 'uint':
      into.name += `:${BigInt(`0x${word}`)}`;
      return true;
    case 'bytes32':
      into.name += `:0x${word}`;
      return true;
    case 'pnl': {
      const name = PNL_NAMES.get(`0x${word}`);
      if (name === undefined) return false;
      into.name = name;
      return true;
    }
    case 'side':
    case 'sign':
    case 'balance': {
      if (!/^0{63}[01]$/.test(word)) return false;
      into.name += BOOL_SUFFIXES[part][word.endsWith('1') ? 1 : 0];
      return true;
    }
  }
}

/**
 * Our name of a DataStore key. `baseKey` is 0x + 64 hex, `keyData` the 0x hex of the encoded parts.
 * A base key or a layout we do not know keeps the base key as its name, with '' as market.
 */
export function parameterName(baseKey: string, keyData: string): ParameterName {
  const key = baseKey.toLowerCase();
  const unknown = { market: '', name: key };
  const shape = SHAPES.get(key);
  const data = keyData.slice(2).toLowerCase();
  if (!shape || data.length !== shape.parts.length * 64) return unknown;
  const named = { market: '', name: shape.name };
  for (const [index, part] of shape.parts.entries()) {
    const word = data.slice(index * 64, index * 64 + 64);
    if (!applyPart(part, word, named)) return unknown;
  }
  return named;
}
