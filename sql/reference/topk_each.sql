-- topk_each(state [, k]): the top k of a state as rows: rank, item, count, lower, upper, proven.
--
-- k: default 10. Hidden columns: total_lower and total_upper, the weight of everything counted.
SELECT *, total_lower
FROM topk_each((SELECT approx_top_k_accumulate(value % 3) FROM generate_series(1, 7)), 2);
-- | rank  item  count  lower  upper  proven  total_lower
-- | ----  ----  -----  -----  -----  ------  -----------
-- | 1     1     3      3      3      1       7
-- | 2     0     2      2      2      1       7
