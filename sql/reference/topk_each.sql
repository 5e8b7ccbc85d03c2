-- topk_each(state [, k]): a state's top k as rows, like topk(): rank, item, count, lower, upper, proven.
--
-- Hidden: total_lower, total_upper, the weight of all that was counted. k: default 10.
SELECT *, total_lower FROM topk_each((SELECT approx_top_k_accumulate(value % 3) FROM generate_series(1, 7)), 2);
-- | rank  item  count  lower  upper  proven  total_lower
-- | ----  ----  -----  -----  -----  ------  -----------
-- | 1     1     3      3      3      1       7
-- | 2     0     2      2      2      1       7
