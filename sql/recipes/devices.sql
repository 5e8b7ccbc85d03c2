-- Many devices send their summaries, and one table collects them: the top K over all devices, and
-- of each one.
--
-- The rows are made up, in temporary tables: put your own table in their place.
CREATE TEMP TABLE demo_reports(device TEXT, day TEXT, state BLOB, PRIMARY KEY(device, day));
-- On each device: SELECT approx_top_k_accumulate(code, 200) FROM its table of errors.
INSERT INTO demo_reports
SELECT 'device ' || (value % 4), '2025-11-20',
       approx_top_k_accumulate(printf('E%02d', (value * (value % 4 + 1)) % 23), 200)
FROM generate_series(1, 4000) GROUP BY 1;

SELECT rank, item, count, lower, upper, proven
FROM topk_each((SELECT approx_top_k_combine(state) FROM demo_reports WHERE day = '2025-11-20'), 3);
-- | rank  item  count  lower  upper  proven
-- | ----  ----  -----  -----  -----  ------
-- | 1     E05   175    175    175    1
-- | 2     E09   175    175    175    1
-- | 3     E11   175    175    175    1
SELECT device, e.item, e.count FROM demo_reports, topk_each(state, 1) AS e ORDER BY device;
-- | device    item  count
-- | --------  ----  -----
-- | device 0  E01   44
-- | device 1  E02   44
-- | device 2  E06   44
-- | device 3  E00   44
