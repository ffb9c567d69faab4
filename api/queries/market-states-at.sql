-- The states of one market in force at any of the wanted blocks, each once.
WITH
    wanted AS (
        SELECT {market:String} AS wanted_market, arrayJoin({blocks:Array(UInt64)}) AS wanted_block
    ),
    states AS (
        SELECT toString(market) AS state_market, block_number AS state_block, index_token, state
        FROM market_states
        WHERE chain_id = {chainId:UInt64}
            AND venue = {venue:String}
            AND market = {market:String}
            AND block_number <= arrayMax({blocks:Array(UInt64)})
    )
SELECT DISTINCT
    s.state_block AS block_number,
    s.index_token AS index_token,
    s.state AS state
FROM wanted AS w
ASOF JOIN states AS s
    ON w.wanted_market = s.state_market AND w.wanted_block >= s.state_block
ORDER BY block_number
