-- topk_spans(width, stream, after, partition, entries, least): the spans of a stream that have closed
-- and have an event, each with its state: what an exporter ships to where sources are added up.
--
--   width       length of a span, such as '10s': a multiple of what the stream's finest panes are (a
--               60th of the shortest window), at most `retain`. Spans are (until - width, until], on
--               whole multiples of width since 1970, UTC
--   stream      required, NULL for the default stream
--   after       a time: only spans that end later. Absent or NULL: as far back as panes are as
--               narrow as the spans; at most 100,000 spans
--   partition,  as for topk_state()
--   entries, least
--
-- Rows, the oldest first: since, until, events (how many), version, state (as topk_state() makes it).
-- A span has closed once the clock, or an event of the stream, has reached its end.
--
-- Where `after` is so far back that spans can no longer be told apart, because they have expired or
-- panes have become coarser, that is an error that names the first end that is left, never fewer
-- rows: an exporter that was away for too long must know that something is missing.
--
-- version rises with every committed change of the stream and does not fall while the file lives: of
-- two states of one span, the one with the greater version is newer. Rows in an open transaction
-- are counted; read it outside, as a rollback takes their version back, too.
--
-- What has changed since it was shipped has another number of events, also after late events and
-- retractions; events alone is cheap: nothing is merged. The state is made for the rows that show
-- it, when they do: a statement that writes to the stream meanwhile ships what it has written.
-- After `forget`, events is an estimate: delete from your table what you have noted, so that all is
-- shipped again; and after `rebuild` or `delete-all`, which may leave spans without a row: the
-- SELECT from `shipped` below shows those.
--
-- Cost: reading the panes of the time once, and for each state that is read what topk_state() costs.
CREATE VIRTUAL TABLE plays USING topk_stream(windows='10min,1hour', seed=1);
INSERT INTO plays(item, ts) VALUES ('a', '2025-11-20 10:00:03'), ('b', '2025-11-20 10:00:09'),
  ('a', '2025-11-20 10:00:25'), ('a', '2025-11-20 10:00:31');
-- The exporter's own table: what has been shipped and acknowledged.
CREATE TABLE shipped(until INTEGER PRIMARY KEY, events INTEGER);
SELECT time(until, 'unixepoch') AS until, s.events, length(state) AS bytes
FROM topk_spans('10s', 'plays', '2025-11-20 10:00') AS s LEFT JOIN shipped USING(until)
WHERE shipped.events IS NOT s.events;
-- | until     events  bytes
-- | --------  ------  -----
-- | 10:00:10  2       26
-- | 10:00:30  1       23
-- | 10:00:40  1       23
INSERT OR REPLACE INTO shipped
SELECT until, events FROM topk_spans('10s', 'plays', '2025-11-20 10:00');
-- A late event, and what is to be shipped now:
INSERT INTO plays(item, ts) VALUES ('c', '2025-11-20 10:00:05');
SELECT time(until, 'unixepoch') AS until, s.events, length(state) AS bytes
FROM topk_spans('10s', 'plays', '2025-11-20 10:00') AS s LEFT JOIN shipped USING(until)
WHERE shipped.events IS NOT s.events;
-- | until     events  bytes
-- | --------  ------  -----
-- | 10:00:10  3       29
-- Spans that were shipped and are gone, as after delete-all:
SELECT until FROM shipped
WHERE until NOT IN (SELECT until FROM topk_spans('10s', 'plays', '2025-11-20 10:00'));
SELECT count(*) FROM topk_spans('15s', 'plays', '2025-11-20 10:00');
-- | Error: width='15s': expected a multiple of 10s, which is what the finest panes of stream "main"."plays" are, up to retain='1hour'
SELECT count(*) FROM topk_spans('13.5s', 'plays');
-- | Error: width='13.5s': expected a multiple of 10s, which is what the finest panes of stream "main"."plays" are, up to retain='1hour'
SELECT count(*) FROM topk_spans('1min', 'plays', '2025-11-20 08:00');
-- | Error: topk_spans: after='2025-11-20 08:00' is too far back for width='1min': the first span that can still be told apart ends at 1763629320
