-- topk(window, k, stream, mode, at, partition): the top K of a window of a stream.
--
-- window: '90s' '5min' '1hour' '2 weeks' 'PT15M', seconds, or 'all'; default: the stream's longest.
-- k: 1 .. 100,000, default 10.
-- stream: a name, also 'schema.name'; default topk_events, or no rows if there is no stream at all.
-- mode: 'fast' (sketches only, the default); 'exact' = 'accurate' (counts the log); 'hybrid' (the
-- rows of exact, reading only the part of the log that the bounds leave open).
-- at: the end of the window, as for ts, or 'latest' (the newest event); default now.
-- partition: only this one; WHERE partition IS NULL: only events without one.
-- NULL, or an argument left out: the default. WHERE window = '1hour' AND k = 3 names arguments.
-- One argument too many is an error; a condition on a hidden column filters the rows.
-- Columns: rank, item, count, lower, upper, proven, complete; hidden: total_lower, total_upper
-- (bounds of the weight in the window), since, until (unix seconds: since < ts <= until),
-- confidence (share of the rows proven), source (what was read).
-- Always lower <= true count <= upper; proven = 1: the item is certainly in the exact top K.
-- complete = 0: the window begins before the retained time, and events of it may have been dropped.
-- Then upper is NULL, proven is 0, and lower is 0 if a dropped event may have been a retraction.
-- As of now, a window shorter than the stream's shortest counts back from the clock, over at least
-- the last two whole seconds; others count back from the end of the stream's finest pane.
CREATE VIRTUAL TABLE plays USING topk_stream(retain='30 days', seed=1);
INSERT INTO plays(item, ts, partition)
SELECT 'song ' || CAST(value % 10 * (value % 7) / 10 AS INTEGER), 1763632800 + value,
       iif(value % 3, 'de', 'fr')
FROM generate_series(1, 3000);
SELECT * FROM topk('1hour', 3, 'plays', 'fast', 'latest');
-- | rank  item    count  lower  upper  proven  complete
-- | ----  ------  -----  -----  -----  ------  --------
-- | 1     song 0  1544   1544   1544   1       1
-- | 2     song 1  599    599    599    1       1
-- | 3     song 2  386    386    386    1       1
SELECT rank, item, count FROM topk('20min', 3, 'plays', 'exact', 1763632800 + 1500);
-- | rank  item    count
-- | ----  ------  -----
-- | 1     song 0  618
-- | 2     song 1  239
-- | 3     song 2  154
SELECT rank, item, count, source, total_upper, until - since AS seconds
FROM topk('1hour', 3, 'plays', 'hybrid', 'latest');
-- | rank  item    count  source  total_upper  seconds
-- | ----  ------  -----  ------  -----------  -------
-- | 1     song 0  1544   sketch  3000         3600
-- | 2     song 1  599    sketch  3000         3600
-- | 3     song 2  386    sketch  3000         3600
SELECT rank, item, count FROM topk('1hour', 3, 'plays', 'fast', 'latest', 'fr');
-- | rank  item    count
-- | ----  ------  -----
-- | 1     song 0  513
-- | 2     song 1  201
-- | 3     song 2  127

-- As of 100 seconds ago, the first 100 seconds of the window are no longer retained.
CREATE VIRTUAL TABLE recent USING topk_stream(windows='1min', retain='5min', seed=1);
INSERT INTO recent(item, ts) SELECT 'a', 1763632800 + value FROM generate_series(1, 600);
SELECT * FROM topk('5min', 1, 'recent', 'fast', 'latest');
-- | rank  item  count  lower  upper  proven  complete
-- | ----  ----  -----  -----  -----  ------  --------
-- | 1     a     300    300    300    1       1
SELECT * FROM topk('5min', 1, 'recent', 'fast', 1763632800 + 500);
-- | rank  item  count  lower  upper  proven  complete
-- | ----  ----  -----  -----  -----  ------  --------
-- | 1     a     200    200           0       0

-- A question that cannot be answered is an error that states what is possible.
SELECT * FROM topk('60 days', 3, 'plays');
-- | Error: window='60 days' is longer than what stream "main"."plays" retains: retain='30days'
SELECT * FROM topk('1hour', 0, 'plays');
-- | Error: k=0: expected a whole number from 1 to 100000
SELECT * FROM topk('1hour', 3, 'player');
-- | Error: no such stream: 'player'; existing streams: 'plays', 'recent'
