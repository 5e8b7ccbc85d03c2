-- alerts.sql on a stream of old events, one of four of them late.
--
-- Start sqlite3 in the folder sql/, load topk, then: .read recipes/demo/alerts.sql
-- Everything happens inside a savepoint that is rolled back: nothing is left in your database.
SAVEPOINT demo;
.read recipes/alerts.sql
CREATE VIRTUAL TABLE demo_plays USING topk_stream(seed=1);
INSERT INTO demo_plays(item, ts) VALUES
  ('a', 1763632800), ('b', 1763632860), ('a', 1763632920), ('x', 1700000000);
SELECT stream, alert, iif(alert = 'dropped events', value, '...') AS value, threshold, meaning
FROM topk_alerts WHERE stream = 'demo_plays' ORDER BY alert;
-- | stream      alert           value  threshold  meaning
-- | ----------  --------------  -----  ---------  -----------------------------------------------
-- | demo_plays  dropped events  25.0   1.0        percent of all events late or rejected, at most
-- | demo_plays  few events      ...    1000.0     events a second in the last minute, at least
-- | demo_plays  lag             ...    60.0       age of the newest event in seconds, at most

-- Thresholds are rows: move one, switch two alerts off.
UPDATE topk_thresholds SET threshold = 30 WHERE alert = 'dropped events';
DELETE FROM topk_thresholds WHERE alert IN ('few events', 'lag');
SELECT count(*) AS alerts FROM topk_alerts WHERE stream = 'demo_plays';
-- | alerts
-- | ------
-- | 0

-- What rises: 50 in the last 5 minutes, of an item that had 5 in the 5 minutes before.
CREATE VIRTUAL TABLE demo_tags USING topk_stream(windows='5min', retain='1hour', seed=1);
INSERT INTO demo_tags(item, ts)
SELECT 'tag ' || value % 4, unixepoch() - value FROM generate_series(1, 610);
INSERT INTO demo_tags(item, ts, weight) VALUES
  ('news', unixepoch() - 400, 5), ('news', unixepoch() - 60, 50);
INSERT INTO topk_rising_watch(stream, window, baseline, score) VALUES
  ('demo_tags', '5min', NULL, 5), ('demo_tags', '5min', '30min', 5), ('demo_teas', '5min', NULL, 5);
SELECT stream, window, item, count, score > threshold AS is_above FROM topk_rising_alerts;
-- | stream     window  item  count  is_above
-- | ---------  ------  ----  -----  --------
-- | demo_tags  5min    news  50     1
SELECT stream, window, baseline, problem FROM topk_rising_skipped;
-- | stream     window  baseline  problem
-- | ---------  ------  --------  --------------------------------------------------------
-- | demo_tags  5min    30min     the baseline begins before the first event of the stream
-- | demo_teas  5min              no such stream
ROLLBACK TO demo;
RELEASE demo;
