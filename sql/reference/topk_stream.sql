-- topk_stream: the module of a stream.
--
--   CREATE VIRTUAL TABLE name USING topk_stream(option=value, ...)
--
-- Columns as for cms_add. Every option may be left out:
--   windows='1min,5min,1hour,1day'  the windows answered at full quality
--   k=100                           the largest K at full quality
--   log=on                          off: no log, so no exact mode, and nothing to read back
--   retain                          how long panes and log are kept, counted back from the newest
--                                   event, and how late an event may be: an older one is dropped,
--                                   and counted as late in topk_stats; default: the longest window
--   memory=16MiB                    the limit of the stream's RAM on each connection; default 16
--                                   MiB, or 16 KiB times k if that is more
--   past=2MiB                       how much of the file, about, may go to fine panes that no
--                                   window as of now needs: they answer questions about the past.
--                                   0: none
--   max_item_bytes=1024             the longest item
--   max_skew='1min'                 how far ahead of the clock ts may be
--   max_partitions=1000000          how many partitions there may be
--   seed                            the seed of the hash; default random
--   content='t', item='c', ts='c', weight='c', partition='c'
--                                   counts a table of yours instead of a log of its own
-- An event of weight 0 is accepted, and changes nothing.
-- Two values are the same item if GROUP BY puts them in one group, as 1 and 1.0. The exception is
-- ill-formed text in a UTF-16 database: it is the item that it becomes when SQLite stores UTF-8
-- there.
-- Lengths of time: ms s min h day week, '1.5h', 'PT15M', or seconds; no months or years.
CREATE VIRTUAL TABLE plays USING topk_stream(windows='1hour,1day', retain='30 days', seed=1);
INSERT INTO plays(item, ts, weight, partition) VALUES
  ('Blue in Green', '2025-11-20 10:00', 3, 'de'), ('So What', '2025-11-20 10:20', 2, 'fr'),
  ('Blue in Green', '2025-11-20 10:40', 1, 'fr'), ('So What', '2025-11-20 10:59', 3, 'de');
SELECT datetime(ts, 'unixepoch') AS at, item, weight, partition FROM plays ORDER BY ts;
-- | at                   item           weight  partition
-- | -------------------  -------------  ------  ---------
-- | 2025-11-20 10:00:00  Blue in Green  3       de
-- | 2025-11-20 10:20:00  So What        2       fr
-- | 2025-11-20 10:40:00  Blue in Green  1       fr
-- | 2025-11-20 10:59:00  So What        3       de
SELECT rank, item, count, lower, upper, proven FROM topk('1hour', 10, 'plays', 'fast', 'latest');
-- | rank  item           count  lower  upper  proven
-- | ----  -------------  -----  -----  -----  ------
-- | 1     So What        5      5      5      1
-- | 2     Blue in Green  4      4      4      1

-- Commands go through the hidden column named like the table: rebuild, integrity-check, optimize,
-- prune (expires by the clock, which removes everything from a stream of past events), delete-all,
-- forget (with item), track and untrack (with content=).
INSERT INTO plays(plays) VALUES ('integrity-check');
INSERT INTO plays(plays, item) VALUES ('forget', 'So What');
SELECT rank, item, count FROM topk('1hour', 10, 'plays', 'fast', 'latest');
-- | rank  item           count
-- | ----  -------------  -----
-- | 1     Blue in Green  4

-- A table of your own instead of the log; triggers keep the stream in step with it.
CREATE TABLE sales(at INTEGER, product TEXT, n INTEGER);
CREATE VIRTUAL TABLE sold USING topk_stream(
  content='sales', item='product', ts='at', weight='n', retain='30 days');
INSERT INTO sold(sold) VALUES ('track');
INSERT INTO sales VALUES (1763632800, 'tea', 4), (1763632801, 'coffee', 3), (1763632802, 'tea', 1);
DELETE FROM sales WHERE n = 4;
SELECT item, count FROM topk('1day', 10, 'sold', 'fast', 'latest');
-- | item    count
-- | ------  -----
-- | coffee  3
-- | tea     1

-- The error for a wrong option names it, and lists what is allowed.
CREATE VIRTUAL TABLE bad USING topk_stream(window='1min');
-- | Error: topk_stream: unknown option 'window'; allowed: windows, k, log, retain, memory, past, max_item_bytes, max_skew, max_partitions, seed, content, item, ts, weight, partition
