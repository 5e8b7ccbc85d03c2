-- How much memory a stream needs: the same events in streams of three sizes, compared with exact.
--
-- First name the events, at least a day of them:
--   CREATE TEMP VIEW choose_memory_events AS SELECT song AS item, played_at AS ts FROM history;
--   Only temporary streams are written, topk_in_32k, topk_in_256k and topk_in_4m: your tables are
--   read. demo/choose_memory.sql shows it at work.
--
-- A sketch keeps the heavy items and bounds the rest: with too little memory the bounds are wide
-- and fewer rows are proven, but no bound is wrong. Take the least memory whose answer is good
-- enough.
DROP TABLE IF EXISTS temp.topk_in_32k;
DROP TABLE IF EXISTS temp.topk_in_256k;
DROP TABLE IF EXISTS temp.topk_in_4m;
CREATE VIRTUAL TABLE temp.topk_in_32k USING topk_stream(memory='32KiB', seed=1);
CREATE VIRTUAL TABLE temp.topk_in_256k USING topk_stream(memory='256KiB', seed=1);
CREATE VIRTUAL TABLE temp.topk_in_4m USING topk_stream(memory='4MiB', seed=1);
INSERT INTO temp.topk_in_32k(item, ts) SELECT item, ts FROM choose_memory_events;
INSERT INTO temp.topk_in_256k(item, ts) SELECT item, ts FROM choose_memory_events;
INSERT INTO temp.topk_in_4m(item, ts) SELECT item, ts FROM choose_memory_events;

-- Of the top 50 of the last day: how many are right, how many are proven, and the widest bounds.
WITH fast AS MATERIALIZED (
  SELECT s.stream, s.memory_budget, t.*
  FROM topk_stats AS s, topk('1day', 50, s.stream, 'fast', 'latest') AS t
  WHERE s.stream GLOB 'temp.topk_in_*')
SELECT stream, memory_budget, sum(item IN (
         SELECT e.item FROM topk('1day', 50, 'temp.topk_in_4m', 'exact', 'latest') AS e)) AS right,
       sum(proven) AS proven, max(upper - lower) AS widest, max(count) AS largest
FROM fast GROUP BY stream ORDER BY memory_budget;

-- A stream in use shows the same without an exact answer, for its longest window: max_error is the
-- widest pair of bounds of any item, proven_share the share of its top k that is proven.
SELECT stream, memory_budget, max_error, round(proven_share, 2) AS proven_share
FROM topk_stats WHERE stream GLOB 'temp.topk_in_*' ORDER BY memory_budget;
