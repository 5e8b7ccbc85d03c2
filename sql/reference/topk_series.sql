-- topk_series(window, step, item, stream, mode, at, partition): one item over time, a row for each
-- step of the window. For a sparkline, a traffic curve, this hour next to the same hour yesterday.
--
--   window, stream,    as for topk()
--   mode, partition
--   step               a length such as '1min', or a number of seconds; at most 100,000 rows result
--   item               any type, as for topk_count(); NULL: all items together
--   at                 steps end at `at`, at - step, ... Absent or 'now': on whole steps of the
--                      clock (UTC), so that the last one is still growing and each other one keeps
--                      its place from one question to the next
--
-- Rows, the oldest first, including steps without events: since, until (a step is since < ts <=
-- until), count, lower, upper, complete, as of topk_count() for that step; but a count that rounds to
-- 0 stays 0, where topk_count() shows 1 of an item that may be there, so that a curve adds up. If the
-- window is not a multiple of the step, the first row is shorter.
--
-- A step that begins and ends where panes do is as exact as the panes are. A pane that two steps
-- share counts between 0 and all of it in each of them: so with windows='1day', whose panes are 20
-- minutes, steps of '1min' say little. Ask for steps of at least a 60th of the stream's shortest
-- window, on whole minutes and hours, or use mode 'exact' or 'hybrid': those read the log or your
-- table in one scan, 'hybrid' only from the first step that is left open to the last. A step longer
-- than the window is an error.
--
-- Each stored pane is read once, however many steps there are. It is kept for the next item, so a
-- join with topk() costs the panes of one series, or of two if topk() did not show the items
-- before.
CREATE VIRTUAL TABLE plays USING topk_stream(seed=1);
INSERT INTO plays(item, ts) VALUES
  ('a', '2025-11-20 09:57:10'), ('b', '2025-11-20 09:57:20'), ('a', '2025-11-20 09:59:30'),
  ('a', '2025-11-20 09:59:40'), ('a', '2025-11-20 10:00:00');
SELECT * FROM topk_series('4min', '1min', 'a', 'plays', 'fast', '2025-11-20 10:00');
-- | since       until       count  lower  upper  complete
-- | ----------  ----------  -----  -----  -----  --------
-- | 1763632560  1763632620  0      0      0      1
-- | 1763632620  1763632680  1      1      1      1
-- | 1763632680  1763632740  0      0      0      1
-- | 1763632740  1763632800  3      3      3      1
SELECT time(until, 'unixepoch') AS until, count AS all_items
FROM topk_series('4min', '1min', NULL, 'plays', 'fast', '2025-11-20 10:00');
-- | until     all_items
-- | --------  ---------
-- | 09:57:00  0
-- | 09:58:00  2
-- | 09:59:00  0
-- | 10:00:00  3
-- The items of a window, each with its curve:
SELECT t.rank, t.item, t.count, group_concat(s.count, ' ') AS curve
FROM topk('4min', 2, 'plays', 'fast', '2025-11-20 10:00') AS t,
     topk_series('4min', '1min', t.item, 'plays', 'fast', '2025-11-20 10:00') AS s
GROUP BY t.rank;
-- | rank  item  count  curve
-- | ----  ----  -----  -------
-- | 1     a     4      0 1 0 3
-- | 2     b     1      0 1 0 0
SELECT * FROM topk_series('1day', '1ms', 'a', 'plays');
-- | Error: step='1ms' makes 86400000 rows of window='1day'; a series has at most 100000
