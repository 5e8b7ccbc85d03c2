-- States added up in another SQL engine, such as DuckDB or PostgreSQL: two sums give the bounds that
-- approx_top_k_combine gives.
--
-- What leaves SQLite are plain rows (source, item, lower, upper): one for each item of each state,
-- and one without an item, which holds for every item that the state does not have. Send all of
-- them: bounds of a list that was cut at some rank are wrong.
--
-- The states are made up, in temporary tables: put your own, or topk_state(), in their place.
CREATE TEMP TABLE demo_states(source TEXT PRIMARY KEY, state BLOB);
INSERT INTO demo_states
SELECT 'server ' || (value % 3),
       approx_top_k_accumulate(printf('/page/%d', value * value % 17), 100, iif(value % 7, 1, -1))
FROM generate_series(1, 3000) GROUP BY 1;

CREATE TEMP TABLE demo_rows AS
SELECT source, item, signed_lower AS lower, signed_upper AS upper
FROM demo_states, topk_each(state, 1048576);

-- In the other engine, over a table demo_rows(source TEXT, item TEXT, lower BIGINT, upper BIGINT):
WITH absent AS (SELECT source, lower, upper FROM demo_rows WHERE item IS NULL),
  base AS (SELECT sum(lower) AS lower, sum(upper) AS upper FROM absent),
  sums AS (
    SELECT item, sum(r.lower - a.lower) AS lower, sum(r.upper - a.upper) AS upper
    FROM demo_rows AS r JOIN absent AS a ON a.source = r.source
    WHERE item IS NOT NULL GROUP BY item)
SELECT item,
  CASE WHEN s.lower + b.lower > 0 THEN s.lower + b.lower ELSE 0 END AS lower,
  CASE WHEN s.upper + b.upper > 0 THEN s.upper + b.upper ELSE 0 END AS upper
FROM sums AS s CROSS JOIN base AS b
WHERE s.upper + b.upper > 0
ORDER BY s.lower + b.lower + s.upper + b.upper DESC, item LIMIT 3;
-- | item      lower  upper
-- | --------  -----  -----
-- | /page/1   253    253
-- | /page/13  253    253
-- | /page/2   253    253

-- The same, without leaving:
SELECT item, lower, upper FROM topk_each((SELECT approx_top_k_combine(state) FROM demo_states), 3);
-- | item      lower  upper
-- | --------  -----  -----
-- | /page/1   253    253
-- | /page/13  253    253
-- | /page/2   253    253
