-- The venue's counter and the sum over positions are one number here: the residual is 0 by making.
INSERT INTO open_interest
(
    market, is_long, protocol_usd, protocol_base, positions_usd, positions_base, positions_skew_base, open_positions,
    sub_index, block_timestamp, transaction_hash, transaction_index, venue, block_number, log_index, chain_id
)
WITH
    /* shape */,
    /* amounts */,
    running AS (
        SELECT
            i, log_index, is_long,
            sum(size_cents - size_before) OVER side AS side_cents,
            sum(base_units - base_before) OVER side AS side_units,
            sum(toInt32(size_cents > 0) - toInt32(size_before > 0)) OVER side AS open_now,
            sum(if(is_long, 1, -1) * (base_units - base_before)) OVER (
                ORDER BY i ASC, log_index ASC ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
            ) AS skew_units
        FROM workshop.placed
        WHERE market = {market:UInt8}
        WINDOW side AS (PARTITION BY is_long ORDER BY i ASC, log_index ASC ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
    ),
    last_of_block AS (SELECT * FROM running ORDER BY i, log_index DESC LIMIT 1 BY i, is_long)
SELECT
    {marketToken:String},
    is_long,
    usd(side_cents),
    base(side_units),
    usd(side_cents),
    base(side_units),
    base(skew_units),
    toUInt32(open_now),
    if(is_long, 0, 1),
    at_time,
    transaction_hash,
    transaction_index,
    'gmx-v2',
    number_of(i),
    log_index,
    {chainId:UInt64}
FROM last_of_block
