    -- Columns of workshop.placed as the venue counts them.
    cents -> toInt256(cents) * toInt256('10000000000000000000000000000') AS usd,
    units -> toInt256(units) * {baseFactor:Int256} AS base,
    (units, is_token) -> toInt256(units) * if(is_token, {baseFactor:Int256}, toInt256(1)) AS collateral,
    units -> collateral(units, is_token_collateral) AS own_collateral,
    dollars -> toInt256(round(dollars * {scale:Float64})) AS price_integer,
    concat('0x', lower(hex(sipHash128(position, 'key', {seed:UInt64}))), lower(hex(sipHash128(position, 'key', {seed:UInt64}, 1)))) AS key_text,
    substring(concat('0x', lower(hex(sipHash128(account, 'account', {seed:UInt64}))), lower(hex(sipHash128(account, 'account', {seed:UInt64}, 1)))), 1, 42) AS account_text,
    if(is_token_collateral, {indexToken:String}, {dollarToken:String}) AS collateral_token,
    price_integer(price) AS index_price,
    if(is_token_collateral, price_integer(price), toInt256('1000000000000000000000000')) AS collateral_price,
    time_of(i) AS at_time,
    -- Cumulative factor of the side, 1e30 = 1.
    (at, long_side) -> toInt256(at - first_second) * if(long_side, {borrowLong:Int256}, {borrowShort:Int256}) AS borrowing_at,
    borrowing_at(at_time, is_long) AS borrowing,
    hash_text(i * 4096 + log_index, 'transaction') AS transaction_hash,
    toUInt32(1 + intDiv(log_index, 40)) AS transaction_index
