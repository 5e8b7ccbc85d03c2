-- Alerts: the view topk_alerts over topk_stats; its thresholds are rows of a table that you edit.
--
-- Creates the tables topk_thresholds and topk_rising_watch and the views topk_alerts and
-- topk_rising_..; reading the file again changes none of them. demo/alerts.sql shows them at work.
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
-- items that have not changed, a score above 5 is rare.
--
-- A row that cannot be watched is left out, and topk_rising_skipped states why: there is no such
-- stream; a value is wrong; the stream does not retain the window and the baseline together; or its
-- first event is younger than the beginning of the baseline, so that all items would seem to rise.
CREATE TABLE IF NOT EXISTS topk_rising_watch(
  stream TEXT NOT NULL, window NOT NULL,
  baseline,                             -- the time before the window; NULL: as long as the window
  score REAL NOT NULL DEFAULT 5,        -- N
  k INTEGER NOT NULL DEFAULT 100);      -- at most this many items
CREATE UNIQUE INDEX IF NOT EXISTS topk_rising_watch_once
  ON topk_rising_watch(stream, window, coalesce(baseline, window));

-- The lengths in use, in seconds; NULL for a value that is not a length. '1.5 h' is a number and a
-- unit; of ISO 8601 'PT5M' and 'P2D' are read, 'P1DT12H' is not.
CREATE VIEW IF NOT EXISTS topk_rising_lengths AS
WITH unit(name, seconds) AS (VALUES
  ('', 1), ('ms', 0.001), ('s', 1), ('sec', 1), ('second', 1), ('seconds', 1), ('m', 60),
  ('min', 60), ('minute', 60), ('minutes', 60), ('h', 3600), ('hr', 3600), ('hour', 3600),
  ('hours', 3600), ('d', 86400), ('day', 86400), ('days', 86400), ('w', 604800), ('week', 604800),
  ('weeks', 604800)),
given(length, text) AS (
  SELECT length, lower(trim(length))
  FROM (SELECT window AS length FROM topk_rising_watch
        UNION SELECT baseline FROM topk_rising_watch UNION SELECT retain FROM topk_stats)),
spelled AS (
  SELECT length, CASE WHEN text GLOB 'pt*[0-9][hms]' THEN substr(text, 3)
                      WHEN text GLOB 'p*[0-9][dw]' THEN substr(text, 2) ELSE text END AS text
  FROM given),
parts AS (
  SELECT length, rtrim(text, 'abcdefghijklmnopqrstuvwxyz ') AS number,
         ltrim(text, '0123456789. ') AS name FROM spelled)
SELECT length,
       CASE WHEN typeof(length) IN ('integer', 'real') THEN length
            WHEN typeof(length) = 'text' AND number GLOB '[0-9]*' AND number NOT GLOB '*[^0-9.]*'
              AND number NOT GLOB '*.*.*' AND number NOT GLOB '*.' THEN number * u.seconds
       END AS seconds
FROM parts LEFT JOIN unit AS u USING (name);

CREATE VIEW IF NOT EXISTS topk_rising_checked AS
WITH lengths AS MATERIALIZED (SELECT length, seconds FROM topk_rising_lengths WHERE seconds > 1e-6),
streams AS MATERIALIZED (
  SELECT s.stream, s.events, s.first_ts, l.seconds AS retain
  FROM topk_stats AS s LEFT JOIN lengths AS l ON l.length = s.retain),
watched AS MATERIALIZED (
  SELECT w.*, a.seconds AS window_seconds, b.seconds AS baseline_seconds
  FROM topk_rising_watch AS w LEFT JOIN lengths AS a ON a.length = w.window
  LEFT JOIN lengths AS b ON b.length = coalesce(w.baseline, w.window))
SELECT w.stream, w.window, w.baseline, w.score, w.k,
       CASE WHEN s.stream IS NULL THEN 'no such stream'
            WHEN s.events IS NULL THEN 'the stream cannot be read'
            WHEN typeof(w.score) <> 'real' THEN 'score: expected a number'
            WHEN typeof(w.k) <> 'integer' OR w.k NOT BETWEEN 1 AND 100000
              THEN 'k: expected a whole number from 1 to 100000'
            WHEN w.window_seconds IS NULL THEN 'window: expected a length such as ''5min'''
            WHEN w.baseline_seconds IS NULL THEN 'baseline: expected a length such as ''5min'''
            WHEN w.window_seconds + w.baseline_seconds > s.retain
              THEN 'window and baseline: together at most ' || s.retain || ' s, which are retained'
            WHEN s.first_ts IS NULL
              OR s.first_ts > unixepoch() - w.window_seconds - w.baseline_seconds
              THEN 'the baseline begins before the first event of the stream' END AS problem
FROM watched AS w LEFT JOIN streams AS s
  ON w.stream COLLATE NOCASE IN (s.stream, 'main.' || s.stream);

CREATE VIEW IF NOT EXISTS topk_rising_skipped AS
SELECT stream, window, baseline, problem FROM topk_rising_checked WHERE problem NOTNULL;

CREATE VIEW IF NOT EXISTS topk_rising_alerts AS
WITH watched AS MATERIALIZED (SELECT * FROM topk_rising_checked WHERE problem IS NULL)
SELECT w.stream, w.window, t.item, t.score, w.score AS threshold, t.count, t.expected, t.until
FROM watched AS w, topk_trending(w.window, w.k, w.stream, 'fast', NULL, NULL, w.baseline) AS t
WHERE t.proven AND t.score_lower > w.score;
