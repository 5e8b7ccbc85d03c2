-- Makes stream_v2.db: sqlite3 stream_v2.db -cmd '.load topk' < make_stream_v2.sql
-- Format 2: the log in blocks, closed panes v2, panes for the past. Kept as made by the release that
-- began it: opened, read, written and checked by every later one.
CREATE VIRTUAL TABLE plays USING topk_stream(seed=1, memory=65536, k=5, windows='1min,1hour', past=40000);
INSERT INTO plays(item, ts, partition) WITH RECURSIVE c(x) AS (SELECT 0 UNION ALL SELECT x + 1 FROM c WHERE x < 1999)
  SELECT 'song' || (x * x % 97 * (x % 7)), 1700000000 + x, CASE x % 3 WHEN 0 THEN 'de' WHEN 1 THEN 1 END FROM c;
INSERT INTO plays(plays) VALUES('optimize');
INSERT INTO plays(item, ts, weight, partition) WITH RECURSIVE c(x) AS (SELECT 0 UNION ALL SELECT x + 1 FROM c WHERE x < 9999)
  SELECT CASE x % 5 WHEN 0 THEN x % 1009 - 500 WHEN 1 THEN x % 211 / 8.0 WHEN 2 THEN CAST('blob' || x % 401 AS BLOB)
         ELSE 'song' || (x * x % 9973) END, 1700002000 + x / 50, 1 + x % 3, CASE x % 4 WHEN 0 THEN 'de' END FROM c;
INSERT INTO plays(plays) VALUES('optimize');
INSERT INTO plays(item, ts, weight) VALUES (1, 1700003990, 7), (2.5, 1700003991, 6), (x'00FF', 1700003992, 5),
  ('late', 1700000500, 4), ('song0', 1700003900, -3), ('too late', 1600000000, 1);
CREATE TABLE answer AS SELECT * FROM topk('all', 12, 'plays', 'fast', 'latest');
CREATE TABLE earlier AS SELECT * FROM topk('1min', 12, 'plays', 'fast', 1700001000);
CREATE TABLE state AS SELECT approx_top_k_accumulate(item) AS body FROM plays;
VACUUM;
