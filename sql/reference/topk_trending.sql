-- topk_trending(window, k, stream, mode, at, partition, baseline, direction, against): the items
-- that have risen or fallen most in a window, compared with the time before it.
--
--   window, k, stream,  as for topk(), except that 'all' is an error: nothing is before it
--   mode, at, partition
--   baseline            how much time before the window it is compared with; default: as long as
--                       the window. The window is at - window < ts <= at, the baseline lies before
--                       it: at - window - baseline < ts <= at - window
--   direction           'rise' (default) or 'fall'
--   against             'share' (default): an item is expected to have the same share of the events
--                       in the window as in the baseline; if traffic doubles, nothing rises, and if
--                       it stops altogether, nothing falls.
--                       'time': as many events per second as before; if traffic doubles, all rises
--
-- Columns: rank, item, count (in the window), expected (the count in the baseline, scaled to the
-- events or the time of the window), score, proven; hidden: lower, upper (of count),
-- expected_lower, expected_upper, score_lower, score_upper, since, until (of the window),
-- baseline_since (until is since), confidence (share of the rows proven), source (what was read).
-- Rows have a score above 0 ('fall': below 0), so there may be fewer than k. Order: the strongest
-- rise ('fall': the strongest fall) first, then count, then item.
--
-- score = (c - r b) / sqrt(c + r r b), with c and b the counts in window and baseline, each at
-- least 0, and r = total of the window / total of the baseline, each total at least 0; for 'time',
-- and where the baseline's total is 0, r = length of the window / length of the baseline. Of a window
-- as of now, only the part that has passed counts. expected = r b; with c = b = 0 the score is 0.
-- It says by how many standard deviations the two rates differ. Why not the ratio c / expected: one
-- event after none is infinitely more, and would come first; 100 after 50 would come before 10,000
-- after 6,000. Why not the difference: the most frequent items would come first by chance alone.
-- For one item a score of 3 is rare by chance, but there are many items: among 10,000 that have not
-- changed, about 13 have it. By chance, hardly one item in a million reaches a score of 5.
--
-- Always score_lower <= score of the true counts <= score_upper; proven = 1: the item is certainly
-- in the exact top K of this question, and its score is certainly above 0 ('fall': below 0). That is
-- not a test of significance: an exact answer is proven, whatever its scores.
-- 'exact' counts the log, or your table, in one pass over both windows. 'hybrid' returns the rows
-- of exact, and reads only the part of the log that can change them: little or nothing if something
-- has risen sharply; perhaps all of it if nothing has, and the rows differ by chance alone. Without
-- a log, or of a table that is not tracked, 'hybrid' answers as 'fast', as topk() does.
--
-- window and baseline must both be retained (option retain; default: the stream's longest window, so
-- that without a larger retain there is no baseline for that window); else it is an error that says
-- what is retained. A stream may be younger than that: before its first event there was nothing, so
-- every item rises. As long as no event has expired, late events that were not taken may lie in the
-- time asked for; then upper, expected_upper and the bounds of the score are NULL, and nothing is
-- proven.
--
-- windows decide how good fast answers are, for the baseline too: the panes of a stream are made for
-- its declared windows. Declare each length that you ask for: a month against the month before, asked
-- of a stream with windows='1day,7days', proves nothing.
--
-- Daily rhythms: the hour before is a poor baseline at 8 in the morning, as everything rises.
-- 'share' compensates for the traffic as a whole; where each item has a daily rhythm of its own, take
-- a baseline of whole days: topk_trending('1day', 10, 's', 'fast', NULL, NULL, '7 days') compares with
-- the week before (retain='8 days'), topk_trending('1hour', 10, 's', 'fast', NULL, NULL, '23 hours')
-- with the rest of a day. To compare this hour with the same hour yesterday, join topk() and
-- topk_count(), as below; this gives no bounds of the score, and misses items that are not among
-- the rows of topk().
--
-- Cost: both windows are kept and move on as those of topk() do, so asking again after some events
-- reads only what has changed. Scores are computed only of items frequent enough to reach the top: no
-- score is above the square root of the count.
CREATE VIRTUAL TABLE plays USING topk_stream(windows='1hour', retain='2 hours', seed=1);
INSERT INTO plays(item, ts) SELECT 'song ' || (value % 3), 1763632800 + value FROM generate_series(1, 7200);
INSERT INTO plays(item, ts) SELECT 'new', 1763636400 + 30 * value FROM generate_series(1, 100);
INSERT INTO plays(item, ts) SELECT 'gone', 1763632800 + 36 * value FROM generate_series(1, 100);
SELECT * FROM topk_trending('1hour', 3, 'plays', 'fast', 'latest');
-- | rank  item  count  expected  score  proven
-- | ----  ----  -----  --------  -----  ------
-- | 1     new   100    0.0       10.0   1
SELECT * FROM topk_trending('1hour', 3, 'plays', 'fast', 'latest', NULL, NULL, 'fall');
-- | rank  item  count  expected  score  proven
-- | ----  ----  -----  --------  -----  ------
-- | 1     gone  0      100.0     -10.0  1
SELECT item, count, lower, upper, expected_lower, expected_upper, round(score_lower, 3) AS score_lower,
       round(score_upper, 3) AS score_upper
FROM topk_trending('10min', 1, 'plays', 'exact', 1763636400 + 600, NULL, '1hour');
-- | item  count  lower  upper  expected_lower  expected_upper  score_lower  score_upper
-- | ----  -----  -----  -----  --------------  --------------  -----------  -----------
-- | new   20     20     20     0.0             0.0             4.472        4.472
-- Ten minutes with twice the events of the ten before: all has risen by 'time', not by 'share'.
INSERT INTO plays(item, ts) SELECT 'song ' || (value % 3), 1763640000 + value / 2 FROM generate_series(1, 1200);
SELECT item, count, expected FROM topk_trending('10min', 3, 'plays', 'fast', 1763640600);
-- | item    count  expected
-- | ------  -----  ----------------
-- | song 0  400    399.001663893511
-- | song 2  400    399.001663893511
SELECT item, count, expected, round(score, 3) AS score
FROM topk_trending('10min', 3, 'plays', 'fast', 1763640600, NULL, NULL, 'rise', 'time');
-- | item    count  expected  score
-- | ------  -----  --------  -----
-- | song 0  400    200.0     8.165
-- | song 2  400    200.0     8.165
-- | song 1  399    201.0     8.083
-- These ten minutes against the same ones an hour earlier:
SELECT t.item, t.count, y.count AS before
FROM topk('10min', 100, 'plays', 'fast', 1763640600) AS t,
     topk_count('10min', t.item, 'plays', 'fast', 1763640600 - 3600) AS y
ORDER BY (t.count - y.count) / sqrt(t.count + y.count) DESC LIMIT 3;
-- | item    count  before
-- | ------  -----  ------
-- | song 0  400    200
-- | song 2  400    200
-- | song 1  399    200
-- A baseline that is not retained is an error that names the retain needed.
SELECT * FROM topk_trending('1hour', 3, 'plays', 'fast', 'latest', NULL, '1 day');
-- | Error: window='1hour' and baseline='1 day' span 25hours, more than stream "main"."plays" retains: retain='2hours'; create it with retain='25hours'
SELECT * FROM topk_trending('1hour', 3, 'plays', 'fast', 'latest', NULL, '1hour', 'up');
-- | Error: direction='up': expected 'rise' or 'fall'
