-- Alerts: a view topk_alerts over topk_stats; its thresholds stand in a table that you edit.
--
-- One row for each thing that is wrong with a stream: stream, alert, value, threshold, meaning. UPDATE a threshold
-- to move it, DELETE its row to have that alert no more. What is not known raises no alert: the lag of a stream
-- without events, the rate in the second when a connection first meets a stream. Latencies are those of the
-- connection that asks; the rate is that of all writers since it asked before, so ask from one that stays open.
CREATE TABLE topk_thresholds(alert TEXT PRIMARY KEY, threshold REAL NOT NULL, meaning TEXT NOT NULL);
INSERT INTO topk_thresholds VALUES
  ('slow queries', 100, 'query p95 in milliseconds, at most'),
  ('few events', 1000, 'events a second in the last minute, at least'),
  ('dropped events', 1, 'percent of all events late or rejected, at most'),
  ('memory', 80, 'percent of the memory option in use, at most'),
  ('lag', 60, 'age of the newest event in seconds, at most'),
  ('unproven', 0.9, 'proven share of the top K, at least'),
  ('unreadable', 0, 'streams whose figures cannot be read, at most');

CREATE VIEW topk_alerts AS
WITH figures AS MATERIALIZED (SELECT *, memory_budget FROM topk_stats),
measured(stream, alert, value, is_least) AS (
  SELECT stream, 'slow queries', query_p95_us / 1000.0, 0 FROM figures
  UNION ALL SELECT stream, 'few events', inserts_per_second, 1 FROM figures
  UNION ALL SELECT stream, 'dropped events', 100.0 * (late + rejected) / max(events + late + rejected, 1), 0 FROM figures
  UNION ALL SELECT stream, 'memory', 100.0 * memory_bytes / memory_budget, 0 FROM figures
  UNION ALL SELECT stream, 'lag', lag_seconds, 0 FROM figures
  UNION ALL SELECT stream, 'unproven', proven_share, 1 FROM figures
  UNION ALL SELECT stream, 'unreadable', events IS NULL, 0 FROM figures)
SELECT stream, alert, value, threshold, meaning
FROM measured JOIN topk_thresholds USING (alert)
WHERE iif(is_least, value < threshold, value > threshold);

-- Shown on a stream with old events, one of four too late:
CREATE VIRTUAL TABLE plays USING topk_stream(seed=1);
INSERT INTO plays(item, ts) VALUES ('a', 1763632800), ('b', 1763632860), ('a', 1763632920), ('x', 1700000000);
SELECT stream, alert, iif(alert = 'dropped events', value, '...') AS value, threshold, meaning FROM topk_alerts ORDER BY alert;
-- | stream  alert           value  threshold  meaning
-- | ------  --------------  -----  ---------  -----------------------------------------------
-- | plays   dropped events  25.0   1.0        percent of all events late or rejected, at most
-- | plays   few events      ...    1000.0     events a second in the last minute, at least
-- | plays   lag             ...    60.0       age of the newest event in seconds, at most

-- Thresholds are rows.
UPDATE topk_thresholds SET threshold = 30 WHERE alert = 'dropped events';
DELETE FROM topk_thresholds WHERE alert IN ('few events', 'lag');
SELECT count(*) AS alerts FROM topk_alerts;
-- | alerts
-- | ------
-- | 0
