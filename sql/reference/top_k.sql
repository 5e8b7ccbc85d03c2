-- top_k(x [, k]): aggregate and window function; the exact top k, as a JSON array of {"item",
-- "count"}.
--
-- k: default 10. Memory grows with the number of distinct items.
SELECT top_k(column1, 2) AS top FROM (VALUES ('a'), ('b'), ('a'), ('c'), ('c'), ('a'));
-- | top
-- | -----------------------------------------------
-- | [{"item":"a","count":3},{"item":"c","count":2}]
SELECT value AS row,
       top_k(value / 3, 1) OVER (ORDER BY value ROWS BETWEEN 2 PRECEDING AND 2 FOLLOWING) AS top
FROM generate_series(1, 5);
-- | row  top
-- | ---  ----------------------
-- | 1    [{"item":0,"count":2}]
-- | 2    [{"item":0,"count":2}]
-- | 3    [{"item":1,"count":3}]
-- | 4    [{"item":1,"count":3}]
-- | 5    [{"item":1,"count":3}]
