-- The share of the total that each heavy hitter has: at least, and at most.
--
-- The rows are made up, in a temporary stream: put your own stream in its place.
CREATE VIRTUAL TABLE temp.demo_requests USING topk_stream(retain='30 days', seed=1);
INSERT INTO temp.demo_requests(item, ts, weight)
SELECT '10.0.0.' || (value * value % 11), 1763632800 + value, 1 + value % 3
FROM generate_series(1, 2000);
SELECT item, count, round(100.0 * lower / total_upper, 1) AS percent_at_least,
       round(100.0 * upper / total_lower, 1) AS percent_at_most
FROM topk('1hour', 3, 'temp.demo_requests', 'fast', 'latest');
-- | item      count  percent_at_least  percent_at_most
-- | --------  -----  ----------------  ---------------
-- | 10.0.0.3  729    18.2              18.2
-- | 10.0.0.4  729    18.2              18.2
-- | 10.0.0.9  729    18.2              18.2

-- The items that certainly have more than a tenth of the total.
SELECT item FROM topk('1hour', 100, 'temp.demo_requests', 'fast', 'latest')
WHERE lower > 0.1 * total_upper;
-- | item
-- | --------
-- | 10.0.0.3
-- | 10.0.0.4
-- | 10.0.0.9
-- | 10.0.0.5
-- | 10.0.0.1
