-- Leaderboard: the top K of each window that has closed, kept for good.
--
-- Creates tables and views named topk_leaderboard..; reading the file again changes none of them.
-- demo/leaderboard.sql shows them at work. SQLite runs nothing by itself: run the first statement
-- whenever you like, and the second if late events matter:
--
--   INSERT INTO topk_leaderboard SELECT * FROM topk_leaderboard_closed;
--   REPLACE INTO topk_leaderboard SELECT * FROM topk_leaderboard_changed;
--
-- A window closes at whole minutes, hours or days of UTC: every `length` seconds since 1970. The
-- first statement adds each window that has closed since the last run. It adds none twice, and
-- misses none after a pause, as far back as the stream retains events. A window without events has
-- no rows. With a log the rows are exact, no matter how late the statement runs.
CREATE TABLE IF NOT EXISTS topk_leaderboard_windows(
  stream TEXT, length INTEGER CHECK (length > 0), k INTEGER NOT NULL DEFAULT 10,
  since INTEGER NOT NULL,  -- of windows that begin before it nothing is kept
  PRIMARY KEY(stream, length));
CREATE TABLE IF NOT EXISTS topk_leaderboard(
  stream TEXT, window INTEGER, until INTEGER, rank INTEGER, item, count INTEGER,
  lower INTEGER, upper INTEGER, proven INTEGER, PRIMARY KEY(stream, window, until, rank));

-- The ends of all windows that have closed, and of those the last that has rows.
CREATE VIEW IF NOT EXISTS topk_leaderboard_ends AS
WITH RECURSIVE ends(stream, length, k, until, kept) AS (
  SELECT stream, length, k, (since + length - 1) / length * length + length,
         (SELECT max(b.until) FROM topk_leaderboard AS b
          WHERE b.stream = w.stream AND b.window = w.length)
  FROM topk_leaderboard_windows AS w
  UNION ALL
  SELECT stream, length, k, until + length, kept FROM ends WHERE until + length <= unixepoch())
SELECT stream, length, k, until, coalesce(kept, 0) AS kept FROM ends WHERE until <= unixepoch();

CREATE VIEW IF NOT EXISTS topk_leaderboard_closed AS
SELECT e.stream, e.length AS window, e.until, t.rank, t.item, t.count, t.lower, t.upper, t.proven
FROM topk_leaderboard_ends AS e, topk(e.length, e.k, e.stream, 'hybrid', e.until) AS t
WHERE e.until > e.kept AND t.complete;

CREATE VIEW IF NOT EXISTS topk_leaderboard_changed AS
SELECT e.stream, e.length AS window, e.until, t.rank, t.item, t.count, t.lower, t.upper, t.proven
FROM topk_leaderboard_ends AS e, topk(e.length, e.k, e.stream, 'hybrid', e.until) AS t
WHERE e.until <= e.kept AND t.complete
EXCEPT SELECT * FROM topk_leaderboard;

-- Who entered, left, rose or fell, from one closing to the next.
CREATE VIEW IF NOT EXISTS topk_leaderboard_moves AS
SELECT b.stream, b.window, b.until, b.item, a.rank AS was, b.rank AS is_now,
       CASE WHEN a.rank IS NULL THEN 'entered' WHEN b.rank < a.rank THEN 'rose'
            WHEN b.rank > a.rank THEN 'fell' ELSE 'stayed' END AS move
FROM topk_leaderboard AS b LEFT JOIN topk_leaderboard AS a
  ON a.stream = b.stream AND a.window = b.window AND a.until = b.until - b.window
     AND a.item IS b.item
UNION ALL
SELECT a.stream, a.window, a.until + a.window, a.item, a.rank, NULL, 'left'
FROM topk_leaderboard AS a
WHERE a.until + a.window <= (SELECT max(m.until) FROM topk_leaderboard AS m
                             WHERE m.stream = a.stream AND m.window = a.window)
  AND NOT EXISTS (SELECT 1 FROM topk_leaderboard AS b
                  WHERE b.stream = a.stream AND b.window = a.window
                    AND b.until = a.until + a.window AND b.item IS a.item);
