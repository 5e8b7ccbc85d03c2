-- For a stream: the top K of each hour; the items that were in it most often; their curves; this
-- hour next to the same hour of the day before; and calendar hours.
--
-- The events are made up, in a stream that is dropped at the end: put your own in its place.
-- Windows that follow each other cost little, since each is computed from the one before.
CREATE VIRTUAL TABLE demo_plays USING topk_stream(retain='3 days', seed=1);
INSERT INTO demo_plays(item, ts)
SELECT 'song ' || min(value * 5 % 9, 1 + value / 960 % 4), 1763640000 - value * 30
FROM generate_series(0, 7199);

-- The top 2 of each of the last 24 hours, as rows until, rank, item, count; here a line per hour.
WITH tops AS (
  SELECT g.value AS until, t.rank, t.item, t.count
  FROM generate_series(1763640000 - 23 * 3600, 1763640000, 3600) AS g,
       topk('1hour', 2, 'demo_plays', 'fast', g.value) AS t)
SELECT time(until, 'unixepoch') AS until,
       group_concat(rank || '. ' || item || ' ' || count, ', ') AS top
FROM tops GROUP BY tops.until;
-- | until     top
-- | --------  ---------------------------
-- | 13:00:00  1. song 3 81, 2. song 0 13
-- | 14:00:00  1. song 3 80, 2. song 2 14
-- | 15:00:00  1. song 3 79, 2. song 0 14
-- | 16:00:00  1. song 3 81, 2. song 0 13
-- | 17:00:00  1. song 3 80, 2. song 2 14
-- | 18:00:00  1. song 3 79, 2. song 0 14
-- | 19:00:00  1. song 3 81, 2. song 0 13
-- | 20:00:00  1. song 3 80, 2. song 2 14
-- | 21:00:00  1. song 2 92, 2. song 0 14
-- | 22:00:00  1. song 2 94, 2. song 0 13
-- | 23:00:00  1. song 2 94, 2. song 0 13
-- | 00:00:00  1. song 2 92, 2. song 0 14
-- | 01:00:00  1. song 2 94, 2. song 0 13
-- | 02:00:00  1. song 2 94, 2. song 0 13
-- | 03:00:00  1. song 2 92, 2. song 0 14
-- | 04:00:00  1. song 2 94, 2. song 0 13
-- | 05:00:00  1. song 1 107, 2. song 0 13
-- | 06:00:00  1. song 1 106, 2. song 0 14
-- | 07:00:00  1. song 1 107, 2. song 0 13
-- | 08:00:00  1. song 1 107, 2. song 0 13
-- | 09:00:00  1. song 1 106, 2. song 0 14
-- | 10:00:00  1. song 1 107, 2. song 0 13
-- | 11:00:00  1. song 1 107, 2. song 0 13
-- | 12:00:00  1. song 1 106, 2. song 0 14

-- The items that were in the top 2 of an hour most often, in the last 24 hours.
SELECT t.item, count(*) AS hours, min(t.rank) AS best_rank
FROM generate_series(1763640000 - 23 * 3600, 1763640000, 3600) AS g,
     topk('1hour', 2, 'demo_plays', 'fast', g.value) AS t
GROUP BY t.item ORDER BY hours DESC, t.item LIMIT 3;
-- | item    hours  best_rank
-- | ------  -----  ---------
-- | song 0  21     2
-- | song 2  11     1
-- | song 1  8      1

-- A sparkline for each of the top items.
WITH curves AS (
  SELECT t.rank, t.item, s.count, max(s.count) OVER (PARTITION BY t.rank) AS greatest
  FROM topk('1day', 3, 'demo_plays', 'fast', 1763640000) AS t,
       topk_series('1day', '1 hour', t.item, 'demo_plays', 'fast', 1763640000) AS s)
SELECT item, group_concat(substr('_.:-=+*#%@', 1 + count * 9 / max(greatest, 1), 1), '') AS curve
FROM curves GROUP BY rank;
-- | item    curve
-- | ------  ------------------------
-- | song 1  ................@%@@%@@%
-- | song 2  ........%@@%@@%@________
-- | song 3  @%%@%%@%________________

-- This hour next to the same hour a day before: what is in the top 3 of either.
SELECT i.item, n.count, b.count AS day_before, n.count - b.count AS more
FROM (SELECT item FROM topk('1hour', 3, 'demo_plays', 'fast', 1763640000)
      UNION SELECT item FROM topk('1hour', 3, 'demo_plays', 'fast', 1763640000 - 86400)) AS i,
     topk_count('1hour', i.item, 'demo_plays', 'fast', 1763640000) AS n,
     topk_count('1hour', i.item, 'demo_plays', 'fast', 1763640000 - 86400) AS b
ORDER BY more DESC;
-- | item    count  day_before  more
-- | ------  -----  ----------  ----
-- | song 1  106    14          92
-- | song 0  14     14          0
-- | song 4  0      66          -66

-- Windows are since < ts <= until: an event at 10:00:00 sharp is in the hour that ends then. To
-- count it in the hour that begins then, as calendars do, end the window just before the hour: by a
-- second if times are whole seconds, else by a microsecond.
SELECT sum(count) AS from_07_to_08 FROM topk('1hour', 100, 'demo_plays', 'exact', 1763625600 - 1);
-- | from_07_to_08
-- | -------------
-- | 120
DROP TABLE demo_plays;
