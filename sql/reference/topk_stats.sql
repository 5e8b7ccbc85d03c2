-- topk_stats: one row per stream of this connection's databases; topk_stats('name') for only one.
--
-- stream                 its name as topk() takes it: quoted if needed, with the schema unless it
--                        is a plain name in main
-- events, weight         events accepted, your own uncommitted ones too; the sum of their weights
-- late                   events dropped: older than retention allows on arrival
-- rejected               rows refused: by INSERT OR IGNORE and from tracked tables, counted in the
--                        file; by failed statements, on this connection only, since these undo what
--                        they wrote
-- first_ts, last_ts      smallest and largest ts ever accepted, unix seconds; NULL without events
-- lag_seconds            now - last_ts; below 0 if the newest event is dated ahead (max_skew)
-- panes                  summaries stored, over all partitions together
-- tail_rows, log_rows    events not yet flushed into panes; events in the log (0 with log=off,
--                        content=)
-- memory_bytes           what this connection holds for the stream, at most memory_budget plus 256
--                        KiB; topk_stats itself leaves nothing in memory
-- disk_bytes             size of the rows in shadow tables, approximately; whole pages take about
--                        15 % more, and twice as much if items are so long that a summary of few
--                        items fills a page
-- evictions              candidates evicted from full summaries, ever
-- max_error              largest upper - lower of the top k, and of any unknown item, in the
--                        longest window that ends with the newest event
-- proven_share           share of its top k (the option) that is proven; 1.0 without rows
-- inserts_per_second     events accepted from all writers over the last 60 s: since this connection
--                        last looked at the stream 60 s ago or earlier (a commit, a read of new
--                        events, topk_stats), or since it first looked. NULL in the second in which
--                        it first looks, unless events came since. Events rolled back are not
--                        counted.
-- queries                calls of topk, topk_count, topk_trending and topk_series on the stream, on
--                        this connection
-- query_p50_us, query_p95_us, query_p99_us
--                        latency from the call to the first row, in microseconds, rounded up (0
--                        without queries): the smallest one that 50, 95, 99 % of the last 1,000
--                        queries do not exceed
-- retain, windows        the options, in a form that CREATE accepts
-- expired                accepted events that are no longer retained, including those that expired
--                        while a history was loaded. Summaries expire as a whole, in the widest
--                        panes, so an event may count as retained for up to 1/60 of `retain`
--                        longer. It is computed from the stored summaries: `rebuild` starts it
--                        again (events are then those that it found), `forget` does not change it
-- counted_at             content=: when the table was last counted as a whole, unix seconds; NULL:
--                        never
-- stale                  content=: 1 if no triggers follow the table, so that it may have changed
--                        since counted_at; 0 if they do. Both are NULL without content=
-- jump_to                a time to which the stream's watermark would jump, ahead by more than
--                        `retain`, unix seconds; NULL: none. It waits until a commit at least 60 s
--                        later by the clock confirms it; until then nothing expires by it. `prune`
--                        takes the clock as it is now, and ends the wait
-- past_bytes             what the file now holds for questions about the past, in bytes, about
-- past                   the option: how much that may be; 0 for streams of the first release
-- memory_budget          hidden (name it to see it): the memory option, in bytes
--
-- Per connection, and starting at zero in the next: memory_bytes, part of rejected, queries,
-- latencies and inserts_per_second. A schema change elsewhere leaves them alone; DROP, and ALTER
-- TABLE .. RENAME on another connection, reset them. All other figures are the same on every
-- connection. Seconds, shares and rates have at most three digits after the point; shares and rates
-- are rounded down, so that 1.0 means all. A damaged stream has NULLs; topk_stats('name') is then
-- an error that states what is wrong.
CREATE VIRTUAL TABLE plays USING topk_stream(retain='30 days', seed=1);
INSERT INTO plays(item, ts) VALUES
  ('a', 1763632800), ('b', 1763632860), ('a', 1763632920), ('x', 1700000000);
SELECT stream, events, weight, late, rejected, first_ts, last_ts FROM topk_stats;
-- | stream  events  weight  late  rejected  first_ts    last_ts
-- | ------  ------  ------  ----  --------  ----------  ----------
-- | plays   3       3       1     0         1763632800  1763632920
SELECT retain, windows, expired, counted_at, stale FROM topk_stats('plays');
-- | retain  windows               expired  counted_at  stale
-- | ------  --------------------  -------  ----------  -----
-- | 30days  1min,5min,1hour,1day  0
SELECT tail_rows, log_rows, evictions, max_error, proven_share, memory_bytes > 0 AS in_memory,
       memory_budget
FROM topk_stats('plays');
-- | tail_rows  log_rows  evictions  max_error  proven_share  in_memory  memory_budget
-- | ---------  --------  ---------  ---------  ------------  ---------  -------------
-- | 3          3         0          0          1.0           1          16777216
INSERT OR IGNORE INTO plays(item) VALUES (NULL), ('a');
SELECT count(*) AS items FROM topk('1min', 10, 'plays');
-- | items
-- | -----
-- | 1
SELECT events, rejected, queries, query_p50_us > 0 AS has_latency FROM topk_stats;
-- | events  rejected  queries  has_latency
-- | ------  --------  -------  -----------
-- | 4       1         1        1
