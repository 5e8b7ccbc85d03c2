-- How much memory a stream needs: the same events into streams of several sizes, each beside the exact answer.
--
-- A sketch keeps the heavy items and bounds the rest: with too little memory the bounds are wide and fewer rows are
-- proven, but no bound is wrong. Take a day of your own events, and the least memory whose answer is good enough.
CREATE TABLE history(song, played_at);  -- yours; here 60,000 plays of 15,584 songs
INSERT INTO history
WITH RECURSIVE n(i, x) AS (SELECT 0, 1 UNION ALL SELECT i + 1, x * 48271 % 2147483647 FROM n WHERE i < 59999)
SELECT 'song ' || CAST(pow(60000, x / 2147483647.0) AS INTEGER), 1763632800 + i * 1.2 FROM n;
CREATE VIRTUAL TABLE in_32k USING topk_stream(memory='32KiB', seed=1);
CREATE VIRTUAL TABLE in_256k USING topk_stream(memory='256KiB', seed=1);
CREATE VIRTUAL TABLE in_4m USING topk_stream(memory='4MiB', seed=1);
INSERT INTO in_32k(item, ts) SELECT song, played_at FROM history;
INSERT INTO in_256k(item, ts) SELECT song, played_at FROM history;
INSERT INTO in_4m(item, ts) SELECT song, played_at FROM history;

-- Of the top 50 of the day: how many are right, how many are proven, and how far apart the bounds of any are.
WITH fast AS MATERIALIZED (
  SELECT s.stream, s.memory_budget, t.* FROM topk_stats AS s, topk('1day', 50, s.stream, 'fast', 'latest') AS t)
SELECT stream, memory_budget, sum(item IN (SELECT e.item FROM topk('1day', 50, 'in_4m', 'exact', 'latest') AS e)) AS right,
       sum(proven) AS proven, max(upper - lower) AS widest, max(count) AS largest
FROM fast GROUP BY stream ORDER BY memory_budget;
-- | stream   memory_budget  right  proven  widest  largest
-- | -------  -------------  -----  ------  ------  -------
-- | in_32k   32768          49     39      39      3887
-- | in_256k  262144         50     50      0       3887
-- | in_4m    4194304        50     50      0       3887

-- A stream that runs tells it without an exact answer, of its longest window: max_error is how far apart the bounds
-- of any item are, proven_share the share of its top k that is proven.
SELECT stream, memory_budget, max_error, round(proven_share, 2) AS proven_share FROM topk_stats ORDER BY memory_budget;
-- | stream   memory_budget  max_error  proven_share
-- | -------  -------------  ---------  ------------
-- | in_32k   32768          59         0.47
-- | in_256k  262144         0          1.0
-- | in_4m    4194304        0          1.0

-- Options are fixed once a stream is made. A larger one beside it, filled from the log of the first, takes its place:
CREATE VIRTUAL TABLE larger USING topk_stream(memory='512KiB', seed=1);
INSERT INTO larger SELECT item, ts, weight, partition FROM in_32k;
DROP TABLE in_32k;
ALTER TABLE larger RENAME TO in_32k;
SELECT stream, memory_budget, events FROM topk_stats('in_32k');
-- | stream  memory_budget  events
-- | ------  -------------  ------
-- | in_32k  524288         60000
