-- topk_stats: one row per stream of this connection's databases; topk_stats('name') for one.
--
-- Columns: stream; events, weight, late, rejected; first_ts, last_ts (unix seconds), lag_seconds (now - last_ts);
-- panes, tail_rows, log_rows; memory_bytes, disk_bytes; evictions, max_error (of any count in the longest
-- window), proven_share (of its top k); inserts_per_second, queries, query_p50_us, query_p95_us, query_p99_us (of
-- this connection).
CREATE VIRTUAL TABLE plays USING topk_stream(retain='30 days', seed=1);
INSERT INTO plays(item, ts) VALUES ('a', 1763632800), ('b', 1763632860), ('a', 1763632920), ('x', 1700000000);
SELECT stream, events, weight, late, rejected, first_ts, last_ts FROM topk_stats;
-- | stream  events  weight  late  rejected  first_ts    last_ts
-- | ------  ------  ------  ----  --------  ----------  ----------
-- | plays   3       3       1     0         1763632800  1763632920
SELECT tail_rows, log_rows, evictions, max_error, proven_share, memory_bytes > 0 AS in_memory FROM topk_stats('plays');
-- | tail_rows  log_rows  evictions  max_error  proven_share  in_memory
-- | ---------  --------  ---------  ---------  ------------  ---------
-- | 3          3         0          0          1.0           1
