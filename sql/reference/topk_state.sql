-- topk_state(window, stream, at, partition, entries, least): one window of a stream as a state, a
-- BLOB. States of several streams, processes, machines, days are added up by approx_top_k_combine
-- and read by topk_each and approx_top_k_estimate: bounds and proofs hold for the sum.
--
--   window, stream,   as for topk(); stream is required. The state says what topk() would answer in
--   at, partition     mode 'fast', events of one's own open transaction included
--   entries           at most so many items, those with the greatest counts: 1 to 1,048,576;
--                     default what a pane of the stream's coarsest level keeps (1,040 for k=100)
--   least             an integer from 1: only items that surely have that much are named in it.
--                     It counts weight, not people; and of two states of overlapping windows the
--                     difference can be less
--
-- States are portable: they hold items, not hashes, and no seed. Counts may be below 0 in them, where
-- more was retracted than there was: one stream's retraction meets another's event in the sum.
-- Where nothing is left out, what comes from topk_state is exact.
--
-- NULL: all of the window has expired. A window of which a part has expired is an error, where
-- topk() answers what is left: in a sum nobody would see that something is missing. Panes that an end
-- of the window cuts are an error, too, which names their width: take whole multiples of it, or ask
-- while the panes are fine (sql/guide/windows-k-memory.md). A partition without events, or a window
-- without events, gives a state of nothing.
--
-- Cost: that of topk() with the same arguments, and a pass over the entries of the window.
CREATE VIRTUAL TABLE north USING topk_stream(windows='1min,1hour', seed=1);
CREATE VIRTUAL TABLE south USING topk_stream(windows='1min,1hour', seed=2);
INSERT INTO north(item, ts, weight) VALUES
  ('tea', '2025-11-20 10:00:01', 5), ('milk', '2025-11-20 10:00:30', 2);
INSERT INTO south(item, ts, weight) VALUES
  ('tea', '2025-11-20 10:00:02', 4), ('milk', '2025-11-20 10:00:31', -1),
  ('rum', '2025-11-20 10:00:59', 1);
SELECT rank, item, count, lower, upper, proven FROM topk_each((
  SELECT approx_top_k_combine(state) FROM (
    SELECT topk_state('1min', 'north', '2025-11-20 10:01') AS state UNION ALL
    SELECT topk_state('1min', 'south', '2025-11-20 10:01'))), 10);
-- | rank  item  count  lower  upper  proven
-- | ----  ----  -----  -----  -----  ------
-- | 1     tea   9      9      9      1
-- | 2     milk  1      1      1      1
-- | 3     rum   1      1      1      1
-- Only what has at least 3:
SELECT item, count, absent_lower, absent_upper
FROM topk_each(topk_state('1min', 'south', '2025-11-20 10:01', NULL, NULL, 3), 10);
-- | item  count  absent_lower  absent_upper
-- | ----  -----  ------------  ------------
-- | tea   4      -1            1
SELECT topk_state('1min', 'north', '2025-11-20 09:00') IS NULL AS has_expired;
-- | has_expired
-- | -----------
-- | 1
SELECT topk_state('1hour', 'south', '2025-11-20 10:00');
-- | Error: topk_state: the window (1763629200, 1763632800] begins before what is retained, since 1763629259
SELECT topk_state('1min', 'south', '2025-11-20 10:01', NULL, 0);
-- | Error: entries=0: expected an integer from 1 to 1048576
