-- approx_top_count(x, k [, counters]): approx_top_k as a JSON array of {"value", "count", "lower",
-- "upper", "proven"}.
SELECT approx_top_count(value % 4, 1) AS top FROM generate_series(1, 10);
-- | top
-- | ---------------------------------------------------------
-- | [{"value":1,"count":3,"lower":3,"upper":3,"proven":true}]
