-- approx_top_k_accumulate(x [, counters [, weight]]): aggregate; a summary of x as a BLOB, to store
-- and combine.
--
-- counters: 1 .. 2^20, default 4,096. weight: as for approx_top_k. The format is "pane v2" of
-- extension/FORMAT.md, the same on every CPU. approx_top_k_estimate and topk_each return the top k
-- of a summary, approx_top_k_combine merges many.
CREATE TABLE hours(hour INTEGER PRIMARY KEY, state BLOB);
INSERT INTO hours
SELECT value / 60, approx_top_k_accumulate('song ' || (value * value % 11))
FROM generate_series(0, 179) GROUP BY 1;
SELECT hour, typeof(state) AS type, approx_top_k_estimate(state, 1) AS top FROM hours;
-- | hour  type  top
-- | ----  ----  ------------------------------------------------------------------
-- | 0     blob  [{"item":"song 1","count":11,"lower":11,"upper":11,"proven":true}]
-- | 1     blob  [{"item":"song 3","count":12,"lower":12,"upper":12,"proven":true}]
-- | 2     blob  [{"item":"song 1","count":12,"lower":12,"upper":12,"proven":true}]
