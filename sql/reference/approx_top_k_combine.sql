-- approx_top_k_combine(state [, counters]): aggregate and window function; merges many states into
-- one, in any order.
--
-- States of different capacities can be combined; the result has counters entries (default 4,096).
-- The bounds stay true: they widen by what each state may have left out. NULL states are ignored.
CREATE TABLE hours AS
SELECT value / 60 AS hour, approx_top_k_accumulate('song ' || (value * value % 11)) AS state
FROM generate_series(0, 179) GROUP BY 1;
SELECT approx_top_k_estimate(approx_top_k_combine(state), 2) AS day FROM hours;
-- | day
-- | -----------------------------------------------------------------------------------------------------------------------------------
-- | [{"item":"song 1","count":33,"lower":33,"upper":33,"proven":true},{"item":"song 4","count":33,"lower":33,"upper":33,"proven":true}]
SELECT hour, approx_top_k_estimate(
         approx_top_k_combine(state) OVER (ORDER BY hour ROWS 1 PRECEDING), 1) AS last_two_hours
FROM hours;
-- | hour  last_two_hours
-- | ----  ------------------------------------------------------------------
-- | 0     [{"item":"song 1","count":11,"lower":11,"upper":11,"proven":true}]
-- | 1     [{"item":"song 3","count":22,"lower":22,"upper":22,"proven":true}]
-- | 2     [{"item":"song 1","count":22,"lower":22,"upper":22,"proven":true}]
SELECT approx_top_k_combine(x'0102');
-- | Error: approx_top_k_combine: stored pane: shorter than its preamble
