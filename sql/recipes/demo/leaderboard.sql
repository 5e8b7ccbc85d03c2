-- leaderboard.sql at work: three hours of plays, run twice, then a late event.
--
-- Start sqlite3 in the folder sql/, load topk, then: .read recipes/demo/leaderboard.sql
-- Everything happens inside a savepoint that is rolled back: nothing is left in your database.
SAVEPOINT demo;
.read recipes/leaderboard.sql
CREATE TEMP TABLE demo_hour AS SELECT unixepoch() / 3600 * 3600 AS began;
CREATE VIRTUAL TABLE demo_plays USING topk_stream(seed=1);
INSERT INTO demo_plays(item, ts, weight)
SELECT column2, began - column1 * 3600 + 60, column3 FROM demo_hour,
  (VALUES (3, 'a', 5), (3, 'b', 3), (2, 'b', 4), (2, 'a', 2), (1, 'b', 6), (1, 'c', 1));
INSERT INTO topk_leaderboard_windows(stream, length, k, since)
SELECT 'demo_plays', 3600, 2, began - 3 * 3600 FROM demo_hour;

INSERT INTO topk_leaderboard SELECT * FROM topk_leaderboard_closed;
INSERT INTO topk_leaderboard SELECT * FROM topk_leaderboard_closed;
SELECT (until - began) / 3600 AS hour, rank, item, count
FROM topk_leaderboard, demo_hour WHERE stream = 'demo_plays' ORDER BY until, rank;
-- | hour  rank  item  count
-- | ----  ----  ----  -----
-- | -2    1     a     5
-- | -2    2     b     3
-- | -1    1     b     4
-- | -1    2     a     2
-- | 0     1     b     6
-- | 0     2     c     1
SELECT (until - began) / 3600 AS hour, item, was, is_now, move
FROM topk_leaderboard_moves, demo_hour
WHERE stream = 'demo_plays' AND until > began - 2 * 3600 ORDER BY until, is_now IS NULL, is_now;
-- | hour  item  was  is_now  move
-- | ----  ----  ---  ------  -------
-- | -1    b     2    1       rose
-- | -1    a     1    2       fell
-- | 0     b     1    1       stayed
-- | 0     c          2       entered
-- | 0     a     2            left

-- A late event changes the first hour.
INSERT INTO demo_plays(item, ts, weight) SELECT 'b', began - 3 * 3600 + 90, 4 FROM demo_hour;
REPLACE INTO topk_leaderboard SELECT * FROM topk_leaderboard_changed;
SELECT (until - began) / 3600 AS hour, rank, item, count
FROM topk_leaderboard, demo_hour WHERE until = began - 2 * 3600 ORDER BY rank;
-- | hour  rank  item  count
-- | ----  ----  ----  -----
-- | -2    1     b     7
-- | -2    2     a     5
DROP TABLE demo_hour;
ROLLBACK TO demo;
RELEASE demo;
