-- topk_count(window, item, stream, mode, at, partition): the count of one item in a window, even of
-- an item that no sketch holds.
--
-- Arguments as for topk(); item may have any type (1 and 1.0 are the same item, '1' is another).
-- One row: count, lower, upper, complete, as of topk().
CREATE VIRTUAL TABLE plays USING topk_stream(retain='30 days', seed=1);
INSERT INTO plays(item, ts) VALUES
  ('a', 1763632800), ('b', 1763632801), ('a', 1763632802), (7, 1763632803);
SELECT * FROM topk_count('1hour', 'a', 'plays', 'fast', 'latest');
-- | count  lower  upper  complete
-- | -----  -----  -----  --------
-- | 2      2      2      1
SELECT * FROM topk_count('1hour', 'never seen', 'plays', 'fast', 'latest');
-- | count  lower  upper  complete
-- | -----  -----  -----  --------
-- | 0      0      0      1
SELECT i.column1 AS item, t.count
FROM (VALUES ('b'), (7.0), ('7')) AS i,
     topk_count('1hour', i.column1, 'plays', 'exact', 'latest') AS t;
-- | item  count
-- | ----  -----
-- | b     1
-- | 7.0   1
-- | 7     0
