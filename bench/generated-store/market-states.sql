-- Funding and accrual between events are switched off by times of 0: borrowing grows with each state of the market.
INSERT INTO market_states
(
    market, index_token, long_token, short_token, open_interest_long_usd, open_interest_short_usd,
    open_interest_long_base, open_interest_short_base, pool_amount_long, pool_amount_short, state, sub_index,
    block_timestamp, transaction_hash, transaction_index, venue, block_number, log_index, chain_id
)
WITH
    /* shape */,
    /* amounts */,
    running AS (
        SELECT
            i, log_index,
            sum(if(is_long AND is_token_collateral, size_cents - size_before, 0)) OVER so_far AS long_token_cents,
            sum(if(is_long AND NOT is_token_collateral, size_cents - size_before, 0)) OVER so_far AS long_dollar_cents,
            sum(if(is_long, 0, size_cents - size_before)) OVER so_far AS short_cents,
            sum(if(is_long AND is_token_collateral, base_units - base_before, 0)) OVER so_far AS long_token_units,
            sum(if(is_long AND NOT is_token_collateral, base_units - base_before, 0)) OVER so_far AS long_dollar_units,
            sum(if(is_long, 0, base_units - base_before)) OVER so_far AS short_units
        FROM workshop.placed
        WHERE market = {market:UInt8}
        WINDOW so_far AS (ORDER BY i ASC, log_index ASC ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
    ),
    last_of_block AS (SELECT * FROM running ORDER BY i, log_index DESC LIMIT 1 BY i),
    (in_token, in_dollars) -> concat('{"', {indexToken:String}, '":"', toString(in_token), 'n","', {dollarToken:String}, '":"', toString(in_dollars), 'n"}') AS by_token
SELECT
    {marketToken:String},
    {indexToken:String},
    {indexToken:String},
    {dollarToken:String},
    usd(long_token_cents + long_dollar_cents),
    usd(short_cents),
    base(long_token_units + long_dollar_units),
    base(short_units),
    base({poolUnits:Int64}) AS pool_long,
    toInt256({poolDollars:Int64}) * 1000000 AS pool_short,
    concat(
        '{"borrowingFactor":{"long":"', toString(borrowing_at(at_time, true)), 'n","short":"', toString(borrowing_at(at_time, false)),
        'n"},"borrowingUpdatedAt":{"long":0,"short":0},"claimablePerSize":{"long":{},"short":{}},"collateralSum":{"long":{},"short":{}},',
        '"fundingPerSize":{"long":{},"short":{}},"fundingUpdatedAt":0,"impactPool":"', toString(base(toInt64(i))),
        'n","indexToken":"', {indexToken:String}, '","lastFundingPayer":null,"lentImpactPool":"0n","longToken":"', {indexToken:String},
        '","market":"', {marketToken:String},
        '","openInterestBase":{"long":', by_token(base(long_token_units), base(long_dollar_units)),
        ',"short":', by_token(toInt256(0), base(short_units)),
        '},"openInterestUsd":{"long":', by_token(usd(long_token_cents), usd(long_dollar_cents)),
        ',"short":', by_token(toInt256(0), usd(short_cents)),
        '},"poolAmount":', by_token(pool_long, pool_short),
        ',"savedFundingFactor":"0n","shortToken":"', {dollarToken:String},
        '","swapImpactPool":{},"totalPendingImpact":"0n","virtualInventory":null}'
    ),
    0,
    at_time,
    transaction_hash,
    transaction_index,
    'gmx-v2',
    number_of(i),
    log_index,
    {chainId:UInt64}
FROM last_of_block
