-- approx_top_k_combine(state [, counters [, rule]]): aggregate and window function; merges many
-- states into one, in any order.
--
-- States of different capacities can be combined; the result has counters entries (default 4,096).
-- The bounds stay true: they widen by what each state may have left out. NULL states are ignored.
--
-- rule: 'sum' (default) is right for all states. 'disjoint' says that the sources of the states share
-- no item, as where events are partitioned by item: then what one source left out cannot be what
-- another has, and the bounds widen by one source's rest, not by the sum of all. With thousands of
-- small sources that is the difference between proofs and none. The bounds hold as long as
-- each item has a count other than 0 in one source at most; an item that two sources surely have
-- gets the bounds of 'sum'.
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
-- Twenty shards, by item, of which each keeps 10 of its items:
CREATE TABLE shards AS
SELECT value % 20 AS shard, approx_top_k_accumulate('item ' || value, 10, 1000 / value) AS state
FROM generate_series(1, 400) GROUP BY 1;
SELECT d.item, d.lower, d.upper, s.upper - s.lower > 10 AS sum_is_wide
FROM topk_each((SELECT approx_top_k_combine(state) FROM shards), 2) AS s
JOIN topk_each((SELECT approx_top_k_combine(state, 4096, 'disjoint') FROM shards), 2) AS d USING(item);
-- | item    lower  upper  sum_is_wide
-- | ------  -----  -----  -----------
-- | item 1  1000   1000   1
-- | item 2  500    500    1
SELECT approx_top_k_combine(x'0102');
-- | Error: approx_top_k_combine: stored pane: shorter than its preamble
SELECT approx_top_k_combine(state, 4096, 'apart') FROM hours;
-- | Error: approx_top_k_combine: rule='apart': expected 'sum' or 'disjoint'
