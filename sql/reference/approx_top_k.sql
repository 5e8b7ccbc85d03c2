-- approx_top_k(x [, k [, counters [, weight]]]): aggregate and window function; the top k as a JSON
-- array.
--
-- k: 1 .. 100,000, default 10. counters: how many items are counted at a time, at least k; default
-- 4,096 or 16 k, whichever is larger. They limit the memory. Both must be constant.
-- weight: what a row counts, an integer from -2^40 to 2^40, default 1. If k or counters is NULL, it
-- is the default; a row whose x or weight is NULL is not counted. Counts are exact while the
-- distinct items fit into the counters; beyond that, lower <= true count <= upper, and proven
-- states which rows are certainly in the top k.
-- Order: count descending, lower descending, item.
-- INTEGER, REAL and TEXT items appear as themselves in JSON, a BLOB as {"blob":"HEX"}, TEXT that is
-- not valid UTF-8 or holds a NUL as {"text":"HEX"}, infinity as 9e999. The result of no rows is [].
SELECT approx_top_k(column1, 2) AS top
FROM (VALUES ('a'), ('b'), ('a'), (NULL), ('c'), ('c'), ('a'));
-- | top
-- | -------------------------------------------------------------------------------------------------------------------
-- | [{"item":"a","count":3,"lower":3,"upper":3,"proven":true},{"item":"c","count":2,"lower":2,"upper":2,"proven":true}]
SELECT item ->> 'item' AS item, item ->> 'count' AS n
FROM (SELECT value AS item FROM json_each((
  SELECT approx_top_k(value % 5, 3) FROM generate_series(1, 12))));
-- | item  n
-- | ----  -
-- | 1     3
-- | 2     3
-- | 0     2
SELECT approx_top_k(column1, 1, NULL, column2) AS most_sold
FROM (VALUES ('tea', 4), ('milk', 9), ('tea', 7));
-- | most_sold
-- | ---------------------------------------------------------------
-- | [{"item":"tea","count":11,"lower":11,"upper":11,"proven":true}]

-- With few counters the counts have bounds; a heavy item such as 7 is never missed.
SELECT value ->> 'item' AS item, value ->> 'count' AS count,
       value ->> 'lower' <= 1000 AND value ->> 'upper' >= 1000 AS holds
FROM json_each((SELECT approx_top_k(iif(value % 2, 7, value), 1, 8) FROM generate_series(1, 2000)));
-- | item  count  holds
-- | ----  -----  -----
-- | 7     1000   1

-- GROUP BY, FILTER and any window frame: a row that leaves the frame is no longer counted, and in a
-- moving frame counts are exact.
SELECT value % 2 AS odd, approx_top_k(value % 3, 1) FILTER (WHERE value > 2) AS top
FROM generate_series(1, 9) GROUP BY odd;
-- | odd  top
-- | ---  --------------------------------------------------------
-- | 0    [{"item":0,"count":1,"lower":1,"upper":1,"proven":true}]
-- | 1    [{"item":0,"count":2,"lower":2,"upper":2,"proven":true}]
SELECT column1 AS x,
       approx_top_k(column1, 1) OVER (ROWS 2 PRECEDING) ->> '$[0].item' AS of_last_three
FROM (VALUES ('a'), ('a'), ('b'), ('b'), ('c'), ('c'));
-- | x  of_last_three
-- | -  -------------
-- | a  a
-- | a  a
-- | b  a
-- | b  b
-- | c  b
-- | c  c

SELECT approx_top_k('x', 0);
-- | Error: k=0: expected a whole number from 1 to 100000
