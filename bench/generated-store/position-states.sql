INSERT INTO position_states
(
    position_key, life, status, cause, account, market, collateral_token, is_long, size_usd, size_base, collateral_raw,
    opened_at, opened_block, state, sub_index, block_timestamp, transaction_hash, transaction_index, venue, block_number,
    log_index, chain_id
)
WITH
    /* shape */,
    /* amounts */
SELECT
    key_text,
    life,
    multiIf(cause = 'LIQUIDATION', 'LIQUIDATED', cause = 'CLOSE', 'CLOSED', 'OPEN'),
    cause,
    account_text,
    {marketToken:String},
    collateral_token,
    is_long,
    usd(size_cents),
    base(base_units),
    own_collateral(collateral_units),
    time_of(opened_i),
    number_of(opened_i),
    concat(
        '{"account":"', account_text,
        '","borrowingFactor":"', toString(borrowing),
        'n","collateralAmount":"', toString(own_collateral(collateral_units)),
        'n","collateralToken":"', collateral_token,
        '","decreasedAtTime":', toString(if(cause IN ('DECREASE', 'MARGIN_REMOVE', 'CLOSE', 'LIQUIDATION'), at_time, 0)),
        ',"fundingFeeAmountPerSize":"0n","increasedAtTime":',
        toString(if(cause IN ('DECREASE', 'MARGIN_REMOVE', 'CLOSE', 'LIQUIDATION'), time_of(opened_i), at_time)),
        ',"isLong":', if(is_long, 'true', 'false'),
        ',"longTokenClaimableFundingAmountPerSize":"0n","market":"', {marketToken:String},
        '","pendingImpactAmount":"0n","positionKey":"', key_text,
        '","shortTokenClaimableFundingAmountPerSize":"0n","sizeInTokens":"', toString(base(base_units)),
        'n","sizeInUsd":"', toString(usd(size_cents)), 'n"}'
    ),
    0,
    at_time,
    transaction_hash,
    transaction_index,
    'gmx-v2',
    number_of(i),
    log_index,
    {chainId:UInt64}
FROM workshop.placed
WHERE market = {market:UInt8}
