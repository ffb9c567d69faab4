-- Liquidations of a chain (or one market) up to a block, each with the transaction that made it. `paid…`
-- are USD 1e30 that its log says were paid to those who flagged and liquidated; null where the venue's
-- logs name no payment. The transaction's cost is in wei of the chain's native token.
WITH
    found AS (
        SELECT *
        FROM liquidations
        WHERE chain_id = {chainId:UInt64}
            AND block_number <= {block:UInt64}
            AND cause = 'LIQUIDATION'
            AND ({market:String} = '' OR market = {market:String})
            AND ({venue:String} = '' OR venue = {venue:String})
            AND block_timestamp >= {fromTime:UInt64}
            AND block_timestamp < {toTime:UInt64}
    ),
    costs AS (
        SELECT
            block_number AS cost_block,
            transaction_index AS cost_index,
            to_address,
            gas_used,
            gas_used * effective_gas_price AS gas_wei
        FROM transactions
        WHERE chain_id = {chainId:UInt64} AND block_number IN (SELECT block_number FROM found)
    )
SELECT
    toString(f.venue) AS liquidation_venue,
    toString(f.market) AS liquidation_market,
    f.position_key AS position_key,
    f.liquidator AS liquidator,
    abs(f.size_delta_usd) AS closed_size_usd,
    f.penalty_usd AS penalty_usd,
    JSONExtractString(f.details, 'liquidatorFee') AS liquidator_fee,
    JSONExtractString(f.details, 'flaggerFee') AS flagger_fee,
    f.transaction_hash AS transaction_hash,
    f.block_number AS block_number,
    f.log_index AS log_index,
    concat('0x', lower(hex(c.to_address))) AS target,
    c.gas_used > 0 AS has_cost,
    c.gas_wei AS gas_wei
FROM found AS f
LEFT JOIN costs AS c
    ON f.block_number = c.cost_block AND f.transaction_index = c.cost_index
ORDER BY block_number, log_index
LIMIT {limit:UInt64}
