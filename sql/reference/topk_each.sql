-- topk_each(state [, k]): the top k of a state as rows: rank, item, count, lower, upper, proven.
--
-- k: default 10. With k = 1048576 there is a row for each item of the state, also for those that
-- surely have 0 or less; and a last one, whose item and rank are NULL, for every item that the state
-- does not have.
--
-- Hidden columns, for sums in other database engines (sql/recipes/sums.sql):
--   total_lower, total_upper    the weight of everything counted
--   signed_lower, signed_upper  the item's bounds before they are cut at 0: less than 0 where more
--                               was retracted than there was
--   absent_lower, absent_upper  the bounds of every item that the state does not have
SELECT *, total_lower
FROM topk_each((SELECT approx_top_k_accumulate(value % 3) FROM generate_series(1, 7)), 2);
-- | rank  item  count  lower  upper  proven  total_lower
-- | ----  ----  -----  -----  -----  ------  -----------
-- | 1     1     3      3      3      1       7
-- | 2     0     2      2      2      1       7
SELECT rank, item, count, signed_lower, signed_upper
FROM topk_each((SELECT approx_top_k_accumulate(value, 2, 2 - value) FROM generate_series(1, 4)),
               1048576);
-- | rank  item  count  signed_lower  signed_upper
-- | ----  ----  -----  ------------  ------------
-- | 1     1     1      1             1
-- | 2     3     0      -1            -1
-- |             0      -2            0
