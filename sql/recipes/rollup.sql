-- Hourly summaries, rolled up to days and a week: the raw events need not be kept.
--
-- The rows are made up, in temporary tables: put your own table in their place.
CREATE TEMP TABLE demo_events(t INTEGER, item TEXT);
INSERT INTO demo_events
SELECT 1763337600 + value * 600, printf('song %d', (value * value + value / 144) % 13)
FROM generate_series(0, 7 * 144 - 1);

CREATE TEMP TABLE demo_hours(hour INTEGER PRIMARY KEY, state BLOB);
INSERT INTO demo_hours
SELECT t / 3600, approx_top_k_accumulate(item, 1000)
FROM demo_events GROUP BY 1;

-- The top 3 of each day ...
SELECT date(d.day * 86400, 'unixepoch') AS day, e.rank, e.item, e.count
FROM (SELECT hour / 24 AS day, approx_top_k_combine(state, 1000) AS state
      FROM demo_hours GROUP BY 1) AS d,
     topk_each(d.state, 3) AS e
ORDER BY d.day, e.rank
LIMIT 6;
-- | day         rank  item     count
-- | ----------  ----  -------  -----
-- | 2025-11-17  1     song 1   22
-- | 2025-11-17  2     song 10  22
-- | 2025-11-17  3     song 12  22
-- | 2025-11-18  1     song 2   23
-- | 2025-11-18  2     song 0   22
-- | 2025-11-18  3     song 10  22

-- ... and of the week, from the same rows. Nothing overflowed, so it is exact.
SELECT rank, item, count, lower, upper, total_lower AS of
FROM topk_each((SELECT approx_top_k_combine(state, 1000) FROM demo_hours), 3);
-- | rank  item    count  lower  upper  of
-- | ----  ------  -----  -----  -----  ----
-- | 1     song 2  100    100    100    1008
-- | 2     song 3  100    100    100    1008
-- | 3     song 4  100    100    100    1008
SELECT item, count(*) AS count FROM demo_events GROUP BY item ORDER BY 2 DESC, 1 LIMIT 3;
-- | item    count
-- | ------  -----
-- | song 2  100
-- | song 3  100
-- | song 4  100
