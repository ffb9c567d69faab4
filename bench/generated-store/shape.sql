    -- Uniform in [0, 1): the n-th draw of thing x. Every kind of thing has its own numbers n.
    (x, n) -> intHash64(bitXor(intHash64(toUInt64(x) * 1000 + n), {seed:UInt64})) / 18446744073709551616. AS draw,
    (x, n) -> sqrt(-2 * log(draw(x, n) + 1e-18)) * cos(6.283185307179586 * draw(x, n + 500)) AS normal,
    -- Blocks that carry logs, evenly over the year; numbers leave out the blocks without.
    1735689600 AS first_second,
    31536000 AS year_seconds,
    i -> toUInt64(first_second + floor((i + draw(i, 30)) * (year_seconds / {blocks:UInt64}))) AS time_of,
    i -> toUInt64(250000000 + i * 12 + floor(draw(i, 31) * 12)) AS number_of,
    (a, b) -> concat('0x', lower(hex(sipHash128(a, b, {seed:UInt64}))), lower(hex(sipHash128(b, a, {seed:UInt64}, 1)))) AS hash_text
