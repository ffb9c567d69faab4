-- The events of one market and side with their places, what was before and what comes next.
INSERT INTO workshop.placed
WITH
    logged AS (
        SELECT
            *,
            toUInt32(60 + ({market:UInt8} * 2 + {isLong:Bool}) * 40 + 3 * (row_number() OVER (PARTITION BY i ORDER BY position ASC) - 1)) AS log_index
        FROM workshop.events
        WHERE market = {market:UInt8} AND is_long = {isLong:Bool}
    )
SELECT
    *,
    lagInFrame(size_cents, 1, 0) OVER own AS size_before,
    lagInFrame(base_units, 1, 0) OVER own AS base_before,
    lagInFrame(collateral_units, 1, 0) OVER own AS collateral_before,
    leadInFrame(i, 1, 0) OVER own AS next_i,
    leadInFrame(log_index, 1, 0) OVER own AS next_log_index,
    leadInFrame(cause, 1, '') OVER own AS next_cause
FROM logged
WINDOW own AS (PARTITION BY position, life ORDER BY k ASC ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)
