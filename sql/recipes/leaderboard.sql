-- Leaderboard: the top K of each window that has closed, kept for good.
--
-- Creates tables and views named topk_leaderboard..; reading the file again changes none of them.
-- demo/leaderboard.sql shows them at work. SQLite runs nothing by itself: run the first statement
-- whenever you like, and the second if late events or retractions matter:
--
--   INSERT INTO topk_leaderboard SELECT * FROM topk_leaderboard_closed;
--   REPLACE INTO topk_leaderboard SELECT * FROM topk_leaderboard_changed;
--
-- A window is since < ts <= until, and closes one second after its end: an event of the last second
-- is in it. Windows end at whole minutes, hours or days of UTC: every `length` seconds since 1970.
-- That began on a Thursday, so weeks end when Thursday begins; with shift = 4 * 86400 they end when
-- Monday begins.
--
-- The first statement adds each window that has closed since the last run. It adds none twice, and
-- misses none after a pause, as far back as the stream retains events. A window without events has
-- no rows. With a log the rows are exact, no matter how late the statement runs.
--
-- The second statement brings the windows that are still retained up to date. A rank that is gone
-- (after retractions, `forget`, or with a smaller k) is a row without an item, and is deleted. A
-- stream without a log knows old windows less and less exactly; such an answer replaces nothing: a
-- window changes only while the new answer is exact.
--
-- Windows that cannot be answered are left out: topk_leaderboard_skipped lists them.
CREATE TABLE IF NOT EXISTS topk_leaderboard_windows(
  stream TEXT, length INTEGER CHECK (length > 0), k INTEGER NOT NULL DEFAULT 10,
  since INTEGER NOT NULL,            -- windows that begin earlier are not kept
  shift INTEGER NOT NULL DEFAULT 0,  -- windows end this many seconds later
  PRIMARY KEY(stream, length));
CREATE TABLE IF NOT EXISTS topk_leaderboard(
  stream TEXT, window INTEGER, until INTEGER, rank INTEGER, item, count INTEGER,
  lower INTEGER, upper INTEGER, proven INTEGER, PRIMARY KEY(stream, window, until, rank));
CREATE TRIGGER IF NOT EXISTS topk_leaderboard_gone AFTER INSERT ON topk_leaderboard
WHEN NEW.item IS NULL BEGIN
  DELETE FROM topk_leaderboard WHERE stream = NEW.stream AND window = NEW.window
    AND until = NEW.until AND rank = NEW.rank;
END;

-- Each row of topk_leaderboard_windows, with the figures of its stream, and what is wrong.
CREATE VIEW IF NOT EXISTS topk_leaderboard_asked AS
WITH streams AS MATERIALIZED (
  SELECT s.stream, s.events, s.last_ts, s.jump_to, r.until - r.since AS retain
  FROM topk_stats AS s LEFT JOIN topk_series(s.retain, s.retain, NULL, s.stream, 'fast', 0) AS r)
SELECT w.*, s.last_ts, s.jump_to, s.retain,
       CASE WHEN s.stream IS NULL THEN 'no such stream'
            WHEN s.events IS NULL THEN 'the stream cannot be read'
            WHEN typeof(w.length) <> 'integer' OR w.length > s.retain
              THEN 'length: expected whole seconds, at most ' || s.retain || ', which are retained'
            WHEN typeof(w.k) <> 'integer' OR w.k NOT BETWEEN 1 AND 100000
              THEN 'k: expected a whole number from 1 to 100000'
            WHEN typeof(w.since) <> 'integer' OR typeof(w.shift) <> 'integer'
              THEN 'since, shift: expected whole seconds' END AS problem
FROM topk_leaderboard_windows AS w LEFT JOIN streams AS s
  ON w.stream COLLATE NOCASE IN (s.stream, 'main.' || s.stream);

CREATE VIEW IF NOT EXISTS topk_leaderboard_skipped AS
SELECT stream, length, k, problem FROM topk_leaderboard_asked WHERE problem NOTNULL;

-- The ends of all windows that have closed and may be retained; kept is the last that has rows.
CREATE VIEW IF NOT EXISTS topk_leaderboard_ends AS
WITH RECURSIVE starts AS MATERIALIZED (
  -- An hour more than is retained: a stream may be behind its newest event, by its max_skew.
  SELECT stream, length, k, shift,
         max(since, iif(jump_to IS NULL, CAST(min(last_ts, unixepoch()) - retain AS INTEGER) - 3600,
                        since)) AS since,
         (SELECT max(b.until) FROM topk_leaderboard AS b
          WHERE b.stream = w.stream AND b.window = w.length) AS kept
  FROM topk_leaderboard_asked AS w WHERE problem IS NULL AND last_ts NOTNULL),
ends(stream, length, k, until, kept) AS (
  SELECT stream, length, k,
         (since - shift + length - 1) / length * length + length + shift, kept
  FROM starts
  UNION ALL
  SELECT stream, length, k, until + length, kept FROM ends WHERE until + length < unixepoch())
SELECT stream, length, k, until, coalesce(kept, 0) AS kept FROM ends WHERE until < unixepoch();

CREATE VIEW IF NOT EXISTS topk_leaderboard_closed AS
SELECT e.stream, e.length AS window, e.until, t.rank, t.item, t.count, t.lower, t.upper, t.proven
FROM topk_leaderboard_ends AS e, topk(e.length, e.k, e.stream, 'hybrid', e.until) AS t
WHERE e.until > e.kept AND t.complete;

CREATE VIEW IF NOT EXISTS topk_leaderboard_changed AS
WITH old AS MATERIALIZED (SELECT * FROM topk_leaderboard_ends WHERE until <= kept),
fresh AS MATERIALIZED (
  SELECT e.stream, e.length AS window, e.until, t.rank, t.item, t.count, t.lower, t.upper, t.proven,
         min(t.proven AND t.lower = t.upper) OVER (PARTITION BY e.stream, e.length, e.until)
           AS is_exact
  FROM old AS e, topk(e.length, e.k, e.stream, 'hybrid', e.until) AS t
  WHERE t.complete),
gone AS MATERIALIZED (
  SELECT b.stream, b.window, b.until, b.rank
  FROM old AS e JOIN topk_leaderboard AS b
    ON b.stream = e.stream AND b.window = e.length AND b.until = e.until
  EXCEPT SELECT stream, window, until, rank FROM fresh)
SELECT * FROM (
  SELECT stream, window, until, rank, item, count, lower, upper, proven FROM fresh WHERE is_exact
  EXCEPT SELECT * FROM topk_leaderboard)
UNION ALL
SELECT b.stream, b.window, b.until, b.rank, NULL, NULL, NULL, NULL, NULL
FROM gone AS g JOIN topk_leaderboard AS b
  ON b.stream = g.stream AND b.window = g.window AND b.until = g.until AND b.rank = g.rank
JOIN topk_leaderboard_windows AS w ON w.stream = b.stream AND w.length = b.window
WHERE b.rank > w.k
   OR ((b.stream, b.window, b.until) NOT IN (
         SELECT stream, window, until FROM fresh WHERE NOT is_exact)
       AND EXISTS (SELECT 1 FROM topk_count(w.length, b.item, w.stream, 'hybrid', b.until) AS c
                   WHERE c.complete AND c.lower = c.upper));

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
