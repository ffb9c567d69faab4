-- Liquidations of one market in [fromTime, toTime), with the index price that triggered each (the
-- bound of the range that the rules take: minimum for longs, maximum for shorts).
SELECT
    is_long,
    size_delta_base,
    if(is_long, index_price_min, index_price_max) AS trigger_price,
    block_timestamp
FROM liquidations
WHERE chain_id = {chainId:UInt64}
    AND venue = {venue:String}
    AND market = {market:String}
    AND cause = 'LIQUIDATION'
    AND block_number <= {toBlock:UInt64}
    AND block_timestamp >= {fromTime:UInt64}
    AND block_timestamp < {toTime:UInt64}
    AND ({side:String} = '' OR is_long = ({side:String} = 'LONG'))
    AND ({account:String} = '' OR account = {account:String})
    AND ({collateralToken:String} = '' OR collateral_token = {collateralToken:String})
    AND size_usd >= {minSizeUsd:Int256}
ORDER BY block_number, log_index, sub_index
