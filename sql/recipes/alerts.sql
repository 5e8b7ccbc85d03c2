-- Alerts: the view topk_alerts over topk_stats; its thresholds are rows of a table that you edit.
--
-- Creates the tables topk_thresholds and topk_rising_watch and the views topk_alerts and
-- topk_rising_alerts; reading the file again changes none of them. demo/alerts.sql shows them at
-- work.
--
-- topk_alerts has one row for each problem of a stream: stream, alert, value, threshold, meaning.
-- UPDATE a threshold to move it; DELETE its row to switch that alert off. An unknown value raises
-- no alert: the lag of a stream without events, the rate in the second in which a connection first
-- uses a stream. Latencies are those of the connection that asks; the rate covers all writers, but
-- only since this connection last asked. So ask from a connection that stays open, ideally the one
-- that serves queries: on a new connection 'slow queries' and 'few events' cannot fire.
CREATE TABLE IF NOT EXISTS topk_thresholds(
  alert TEXT PRIMARY KEY, threshold REAL NOT NULL, meaning TEXT NOT NULL);
INSERT INTO topk_thresholds
SELECT * FROM (VALUES
  ('slow queries', 100, 'query p95 in milliseconds, at most'),
  ('few events', 1000, 'events a second in the last minute, at least'),
  ('dropped events', 1, 'percent of all events late or rejected, at most'),
  ('memory', 100, 'percent of what the memory option allows in use, at most'),
  ('lag', 60, 'age of the newest event in seconds, at most'),
  ('clock jump', 0, 'streams that hold back a jump of their clock by more than they retain, at most'),
  ('unproven', 0.9, 'proven share of the top K, at least'),
  ('unreadable', 0, 'streams whose figures cannot be read, at most'))
WHERE NOT EXISTS (SELECT 1 FROM topk_thresholds);

CREATE VIEW IF NOT EXISTS topk_alerts AS
WITH figures AS MATERIALIZED (SELECT *, memory_budget FROM topk_stats),
measured(stream, alert, value, is_least) AS (
  SELECT stream, 'slow queries', query_p95_us / 1000.0, 0 FROM figures
  UNION ALL SELECT stream, 'few events', inserts_per_second, 1 FROM figures
  UNION ALL SELECT stream, 'dropped events',
                   100.0 * (late + rejected) / max(events + late + rejected, 1), 0 FROM figures
  UNION ALL SELECT stream, 'memory', 100.0 * memory_bytes / (memory_budget + 262144), 0 FROM figures
  UNION ALL SELECT stream, 'lag', lag_seconds, 0 FROM figures
  UNION ALL SELECT stream, 'clock jump', jump_to IS NOT NULL, 0 FROM figures WHERE events NOTNULL
  UNION ALL SELECT stream, 'unproven', proven_share, 1 FROM figures
  UNION ALL SELECT stream, 'unreadable', events IS NULL, 0 FROM figures)
SELECT stream, alert, value, threshold, meaning
FROM measured JOIN topk_thresholds USING (alert)
WHERE iif(is_least, value < threshold, value > threshold);

-- Items whose score is above N: name the streams to watch, each with a window and an N.
--
--   INSERT INTO topk_rising_watch(stream, window, score) VALUES ('plays', '5min', 8);
--
-- topk_rising_alerts has one row for each item whose score in topk_trending() is certainly above N:
-- score_lower is above N, and the item is proven. An item that may be above N raises no alert.
-- Reading the view does not acknowledge an alert: its row stays while the item rises. Among 10,000
-- items that have not changed, a score above 5 is rare. A stream must retain the window and the
-- baseline together.
CREATE TABLE IF NOT EXISTS topk_rising_watch(
  stream TEXT NOT NULL, window NOT NULL,
  baseline,                             -- the time before the window; NULL: as long as the window
  score REAL NOT NULL DEFAULT 5,        -- N
  k INTEGER NOT NULL DEFAULT 100,       -- at most so many items
  PRIMARY KEY(stream, window));

CREATE VIEW IF NOT EXISTS topk_rising_alerts AS
SELECT w.stream, w.window, t.item, t.score, w.score AS threshold, t.count, t.expected, t.until
FROM topk_rising_watch AS w,
     topk_trending(w.window, w.k, w.stream, 'fast', NULL, NULL, w.baseline) AS t
WHERE t.proven AND t.score_lower > w.score;
