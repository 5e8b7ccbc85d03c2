-- The figures of topk_stats in Prometheus' text format, by one SELECT: in the shell, .mode list and .headers off.
CREATE VIRTUAL TABLE plays USING topk_stream(seed=1);
INSERT INTO plays(item, ts) VALUES ('a', 1763632800), ('b', 1763632860), ('a', 1763632920), ('x', 1700000000);

CREATE VIEW topk_prometheus AS
WITH metric(name, type, help, stream, value, extra) AS (
  SELECT 'topk_events_total', 'counter', 'Events accepted', stream, events, '' FROM topk_stats
  UNION ALL SELECT 'topk_late_total', 'counter', 'Events older than retained', stream, late, '' FROM topk_stats
  UNION ALL SELECT 'topk_rejected_total', 'counter', 'Events refused', stream, rejected, '' FROM topk_stats
  UNION ALL SELECT 'topk_inserts_per_second', 'gauge', 'Events a second in the last minute', stream, inserts_per_second, '' FROM topk_stats
  UNION ALL SELECT 'topk_lag_seconds', 'gauge', 'Age of the newest event', stream, lag_seconds, '' FROM topk_stats
  UNION ALL SELECT 'topk_memory_bytes', 'gauge', 'Live state in memory', stream, memory_bytes, '' FROM topk_stats
  UNION ALL SELECT 'topk_disk_bytes', 'gauge', 'State on disk', stream, disk_bytes, '' FROM topk_stats
  UNION ALL SELECT 'topk_max_error', 'gauge', 'Greatest error of a count', stream, max_error, '' FROM topk_stats
  UNION ALL SELECT 'topk_proven_share', 'gauge', 'Share of the answer that is proven', stream, proven_share, '' FROM topk_stats
  UNION ALL SELECT 'topk_query_seconds', 'summary', 'Time of a query', stream, query_p50_us / 1e6, ',quantile="0.5"' FROM topk_stats
  UNION ALL SELECT 'topk_query_seconds', 'summary', 'Time of a query', stream, query_p95_us / 1e6, ',quantile="0.95"' FROM topk_stats
  UNION ALL SELECT 'topk_query_seconds', 'summary', 'Time of a query', stream, query_p99_us / 1e6, ',quantile="0.99"' FROM topk_stats
  UNION ALL SELECT 'topk_query_seconds_count', NULL, NULL, stream, queries, '' FROM topk_stats)
SELECT iif(type IS NOT NULL AND row_number() OVER (PARTITION BY name ORDER BY stream, extra) = 1,
           '# HELP ' || name || ' ' || help || char(10) || '# TYPE ' || name || ' ' || type || char(10), '') ||
       name || '{stream="' || replace(replace(replace(stream, '\', '\\'), '"', '\"'), char(10), '\n') || '"' || extra || '} ' || value AS text
FROM metric WHERE value IS NOT NULL ORDER BY name, stream, extra;

SELECT text FROM topk_prometheus WHERE text LIKE '%topk_events_total%' OR text LIKE '%topk_late%' OR text LIKE '%topk_proven%';
-- | text
-- | -----------------------------------------------------------
-- | # HELP topk_events_total Events accepted
-- | # TYPE topk_events_total counter
-- | topk_events_total{stream="plays"} 3
-- | 
-- | # HELP topk_late_total Events older than retained
-- | # TYPE topk_late_total counter
-- | topk_late_total{stream="plays"} 1
-- | 
-- | # HELP topk_proven_share Share of the answer that is proven
-- | # TYPE topk_proven_share gauge
-- | topk_proven_share{stream="plays"} 1.0
SELECT count(*) AS lines, sum(text GLOB '*{stream="plays"*} *[0-9]*') AS well_formed FROM topk_prometheus;
-- | lines  well_formed
-- | -----  -----------
-- | 13     13
