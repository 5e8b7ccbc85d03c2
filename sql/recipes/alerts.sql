-- Alerts: the view topk_alerts over topk_stats; its thresholds are rows of a table that you edit.
--
-- Creates the table topk_thresholds and the view topk_alerts; reading the file again changes
-- neither. demo/alerts.sql shows them at work.
--
-- topk_alerts has one row for each problem of a stream: stream, alert, value, threshold, meaning.
-- UPDATE a threshold to move it; DELETE its row to switch that alert off. An unknown value raises
-- no alert: the lag of a stream without events, the rate in the second in which a connection first
-- uses a stream. Latencies are those of the connection that asks; the rate covers all writers, but
-- only since this connection last asked. So ask from a connection that stays open, best the one
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
  UNION ALL SELECT stream, 'unproven', proven_share, 1 FROM figures
  UNION ALL SELECT stream, 'unreadable', events IS NULL, 0 FROM figures)
SELECT stream, alert, value, threshold, meaning
FROM measured JOIN topk_thresholds USING (alert)
WHERE iif(is_least, value < threshold, value > threshold);
