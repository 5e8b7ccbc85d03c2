-- The figures of topk_stats in Prometheus' text format: SELECT text FROM topk_prometheus.
--
-- Creates the view topk_prometheus; demo/prometheus.sql shows it at work. In the shell: .mode list
-- and .headers off.
--
-- One line per row, in order. Names of streams are escaped as the format requires. An unknown value
-- has no line: a stream without events has no lag, one that cannot be read has only topk_readable
-- 0. Without queries the quantiles are NaN. Counters fall when a stream is emptied or rebuilt,
-- which rate() treats as a restart. Latencies and the rate need a connection that stays open: see
-- alerts.sql.
CREATE VIEW IF NOT EXISTS topk_prometheus AS
WITH figures AS MATERIALIZED (SELECT *, memory_budget FROM topk_stats),
family(name, type, help) AS (VALUES
  ('topk_readable', 'gauge', '1 where the figures of the stream can be read, else 0'),
  ('topk_events_total', 'counter', 'Events accepted'),
  ('topk_late_total', 'counter', 'Events older than what is retained, dropped'),
  ('topk_rejected_total', 'counter', 'Rows refused'),
  ('topk_evictions_total', 'counter', 'Candidates that lost their place in a summary'),
  ('topk_weight', 'gauge', 'Sum of the weights of all events, retractions subtracted'),
  ('topk_first_event_timestamp_seconds', 'gauge', 'Time of the oldest event ever accepted'),
  ('topk_last_event_timestamp_seconds', 'gauge', 'Time of the newest event ever accepted'),
  ('topk_lag_seconds', 'gauge', 'Age of the newest event'),
  ('topk_panes', 'gauge', 'Summaries stored, over all partitions'),
  ('topk_tail_rows', 'gauge', 'Events that are in no summary yet'),
  ('topk_log_rows', 'gauge', 'Events in the log'),
  ('topk_memory_bytes', 'gauge', 'Live state in memory, on the connection that asks'),
  ('topk_memory_budget_bytes', 'gauge', 'The memory option'),
  ('topk_disk_bytes', 'gauge', 'State on disk'),
  ('topk_max_error', 'gauge', 'Greatest width of the bounds of a count in the longest window'),
  ('topk_proven_share', 'gauge', 'Share of the top K of the longest window that is proven'),
  ('topk_inserts_per_second', 'gauge', 'Events a second in the last minute'),
  ('topk_query_seconds', 'summary', 'Time of a query, on the connection that asks')),
sample(family, suffix, stream, label, value) AS (
  SELECT 'topk_readable', '', stream, '', events IS NOT NULL FROM figures
  UNION ALL SELECT 'topk_events_total', '', stream, '', events FROM figures
  UNION ALL SELECT 'topk_late_total', '', stream, '', late FROM figures
  UNION ALL SELECT 'topk_rejected_total', '', stream, '', rejected FROM figures
  UNION ALL SELECT 'topk_evictions_total', '', stream, '', evictions FROM figures
  UNION ALL SELECT 'topk_weight', '', stream, '', weight FROM figures
  UNION ALL SELECT 'topk_first_event_timestamp_seconds', '', stream, '', first_ts FROM figures
  UNION ALL SELECT 'topk_last_event_timestamp_seconds', '', stream, '', last_ts FROM figures
  UNION ALL SELECT 'topk_lag_seconds', '', stream, '', lag_seconds FROM figures
  UNION ALL SELECT 'topk_panes', '', stream, '', panes FROM figures
  UNION ALL SELECT 'topk_tail_rows', '', stream, '', tail_rows FROM figures
  UNION ALL SELECT 'topk_log_rows', '', stream, '', log_rows FROM figures
  UNION ALL SELECT 'topk_memory_bytes', '', stream, '', memory_bytes FROM figures
  UNION ALL SELECT 'topk_memory_budget_bytes', '', stream, '', memory_budget FROM figures
  UNION ALL SELECT 'topk_disk_bytes', '', stream, '', disk_bytes FROM figures
  UNION ALL SELECT 'topk_max_error', '', stream, '', max_error FROM figures
  UNION ALL SELECT 'topk_proven_share', '', stream, '', proven_share FROM figures
  UNION ALL SELECT 'topk_inserts_per_second', '', stream, '', inserts_per_second FROM figures
  UNION ALL SELECT 'topk_query_seconds', '', stream, ',quantile="0.5"',
                   iif(queries = 0, 'NaN', query_p50_us / 1e6) FROM figures
  UNION ALL SELECT 'topk_query_seconds', '', stream, ',quantile="0.95"',
                   iif(queries = 0, 'NaN', query_p95_us / 1e6) FROM figures
  UNION ALL SELECT 'topk_query_seconds', '', stream, ',quantile="0.99"',
                   iif(queries = 0, 'NaN', query_p99_us / 1e6) FROM figures
  UNION ALL SELECT 'topk_query_seconds', '_count', stream, '', queries FROM figures),
line(family, place, stream, label, text) AS (
  SELECT family, 2, stream, suffix || label,
         family || suffix || '{stream="' ||
           replace(replace(replace(stream, '\', '\\'), '"', '\"'), char(10), '\n') || '"' ||
           label || '} ' || value
    FROM sample WHERE value IS NOT NULL
  UNION ALL SELECT name, 0, NULL, NULL, '# HELP ' || name || ' ' || help FROM family
             WHERE name IN (SELECT family FROM sample WHERE value IS NOT NULL)
  UNION ALL SELECT name, 1, NULL, NULL, '# TYPE ' || name || ' ' || type FROM family
             WHERE name IN (SELECT family FROM sample WHERE value IS NOT NULL))
SELECT text FROM line ORDER BY family, place, stream, label;
