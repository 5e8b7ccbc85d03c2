-- Makes stream_v1.db: sqlite3 stream_v1.db -cmd '.load topk' < make_stream_v1.sql
-- Kept as made by release 0.1.0: opened, read, written and checked by every later one.
CREATE VIRTUAL TABLE plays USING topk_stream(seed=1, memory=16384, k=5, windows='1min,1hour');
INSERT INTO plays(item, ts, partition) WITH RECURSIVE c(x) AS (SELECT 0 UNION ALL SELECT x + 1 FROM c WHERE x < 1999)
  SELECT 'song' || (x * x % 97 * (x % 7)), 1700000000 + x, CASE x % 3 WHEN 0 THEN 'de' WHEN 1 THEN 1 END FROM c;
INSERT INTO plays(item, ts, weight) VALUES (1, 1700001990, 7), (2.5, 1700001991, 6), (x'00FF', 1700001992, 5),
  ('late', 1700000500, 4), ('song0', 1700001900, -3), ('too late', 1600000000, 1);
CREATE TABLE answer AS SELECT * FROM topk('all', 12, 'plays', 'fast', 'latest');
VACUUM;
