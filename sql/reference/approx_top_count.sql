-- approx_top_count(x, k): as approx_top_k, but a JSON array of {"value", "count"}.
SELECT approx_top_count(value % 4, 2) AS top FROM generate_series(1, 10);
-- | top
-- | ---------------------------------------------
-- | [{"value":1,"count":3},{"value":2,"count":3}]
