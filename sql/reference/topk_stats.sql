-- topk_stats: one row per stream of this connection's databases; topk_stats('name') for one.
--
-- stream                 as topk() takes it: quoted where needed, with the schema unless it is main's and plain
-- events, weight         accepted, and the sum of their weights; own uncommitted ones included
-- late, rejected         dropped as older than retained; refused: by OR IGNORE and of tracked tables for good, those of
--                        failed statements on this connection only, as their statement undoes all that it wrote
-- first_ts, last_ts      least and greatest ts ever accepted, unix seconds; NULL without events
-- lag_seconds            now - last_ts; below 0 where the newest event is dated ahead (max_skew)
-- panes                  summaries stored, over all partitions taken together
-- tail_rows, log_rows    events in no pane yet; events in the log (0 with log=off and content=)
-- memory_bytes           of this connection's state of the stream, what topk_stats itself needed included
-- disk_bytes             of the rows in shadow tables, nearly; pages, with what is free in them, take some 15 % more,
--                        and twice as much where items are so long that summaries of few items fill a page
-- evictions              of candidates from full summaries, ever
-- max_error              greatest upper - lower of the top k, and of any item unknown, in the longest window that ends
--                        with the newest event; proven_share: of its top k (the option), 1.0 without rows
-- inserts_per_second     events accepted from all writers, over the last 60 s: since this connection last looked at
--                        the stream (by a commit, a read of new events, topk_stats) 60 s ago or earlier; since it
--                        first looked if that is later. NULL in the second when it first meets the stream, unless
--                        events came since. What is rolled back, by anybody, is not counted.
-- queries, query_p50_us, query_p95_us, query_p99_us: of this connection: topk and topk_count on the stream, from the
--                        call to the first row, in microseconds, rounded up; of the last 1,000 queries the least
--                        latency that 50, 95, 99 % of them do not exceed; 0 without queries
-- memory_budget          hidden (name it): the memory option, in bytes
--
-- Of this connection, and begun anew by the next: memory_bytes, rejected in part, queries and latencies,
-- inserts_per_second (what it has seen). A schema change elsewhere leaves them alone; ALTER TABLE .. RENAME elsewhere,
-- and DROP, begin them anew. All other figures are the stream's, the same on every connection.
-- A damaged stream has NULLs, and topk_stats('name') says what is wrong with it.
CREATE VIRTUAL TABLE plays USING topk_stream(retain='30 days', seed=1);
INSERT INTO plays(item, ts) VALUES ('a', 1763632800), ('b', 1763632860), ('a', 1763632920), ('x', 1700000000);
SELECT stream, events, weight, late, rejected, first_ts, last_ts FROM topk_stats;
-- | stream  events  weight  late  rejected  first_ts    last_ts
-- | ------  ------  ------  ----  --------  ----------  ----------
-- | plays   3       3       1     0         1763632800  1763632920
SELECT tail_rows, log_rows, evictions, max_error, proven_share, memory_bytes > 0 AS in_memory, memory_budget FROM topk_stats('plays');
-- | tail_rows  log_rows  evictions  max_error  proven_share  in_memory  memory_budget
-- | ---------  --------  ---------  ---------  ------------  ---------  -------------
-- | 3          3         0          0          1.0           1          4194304
INSERT OR IGNORE INTO plays(item) VALUES (NULL), ('a');
SELECT count(*) AS items FROM topk('1min', 10, 'plays');
-- | items
-- | -----
-- | 1
SELECT events, rejected, queries, query_p50_us > 0 AS has_latency FROM topk_stats;
-- | events  rejected  queries  has_latency
-- | ------  --------  -------  -----------
-- | 4       1         1        1
