-- Alerts: a view topk_alerts over topk_stats; its thresholds stand in a table that you edit.
--
-- One row for each thing that is wrong with a stream: stream, alert, value, threshold. Latencies and rates are
-- those of the connection that asks: keep one open for monitoring.
CREATE TABLE topk_thresholds(alert TEXT PRIMARY KEY, threshold REAL NOT NULL, meaning TEXT NOT NULL);
INSERT INTO topk_thresholds VALUES
  ('slow queries', 100, 'query p95 in milliseconds, at most'),
  ('few events', 1000, 'events a second in the last minute, at least'),
  ('dropped events', 1, 'percent of events late or rejected, at most'),
  ('memory', 80, 'percent of the budget in use, at most'),
  ('memory budget', 4194304, 'the memory option of the streams, in bytes: no alert of its own'),
  ('lag', 60, 'age of the newest event in seconds, at most'),
  ('unproven', 0.9, 'proven share of the answer, at least');

CREATE VIEW topk_alerts AS
WITH measured(stream, alert, value, is_least) AS (
  SELECT stream, 'slow queries', query_p95_us / 1000.0, 0 FROM topk_stats
  UNION ALL SELECT stream, 'few events', inserts_per_second, 1 FROM topk_stats
  UNION ALL SELECT stream, 'dropped events', 100.0 * (late + rejected) / max(events + late + rejected, 1), 0 FROM topk_stats
  UNION ALL SELECT stream, 'memory', 100.0 * memory_bytes / (SELECT threshold FROM topk_thresholds WHERE alert = 'memory budget'), 0
            FROM topk_stats
  UNION ALL SELECT stream, 'lag', lag_seconds, 0 FROM topk_stats
  UNION ALL SELECT stream, 'unproven', proven_share, 1 FROM topk_stats)
SELECT stream, alert, value, threshold, meaning
FROM measured JOIN topk_thresholds USING (alert)
WHERE iif(is_least, value < threshold, value > threshold);

-- A stream with old events, one of four too late:
CREATE VIRTUAL TABLE plays USING topk_stream(seed=1);
INSERT INTO plays(item, ts) VALUES ('a', 1763632800), ('b', 1763632860), ('a', 1763632920), ('x', 1700000000);
SELECT stream, alert, iif(alert = 'lag', 'days', round(value)) AS value, threshold, meaning FROM topk_alerts ORDER BY alert;
-- | stream  alert           value  threshold  meaning
-- | ------  --------------  -----  ---------  --------------------------------------------
-- | plays   dropped events  25.0   1.0        percent of events late or rejected, at most
-- | plays   few events      0.0    1000.0     events a second in the last minute, at least
-- | plays   lag             days   60.0       age of the newest event in seconds, at most

-- Thresholds are rows.
UPDATE topk_thresholds SET threshold = 30 WHERE alert = 'dropped events';
DELETE FROM topk_thresholds WHERE alert IN ('few events', 'lag');
SELECT count(*) AS alerts FROM topk_alerts;
-- | alerts
-- | ------
-- | 0
