-- topk_trending(window, k, stream, mode, at, partition, baseline, direction, against): the items
-- that have risen most from the time before a window to the window; or fallen most.
--
--   window, k, stream,  as for topk(); 'all' is no window here, as nothing is before it
--   mode, at, partition
--   baseline            how much time before the window it is compared with; default: as long as
--                       the window. The window is at - window < ts <= at, the baseline what lies
--                       before it: at - window - baseline < ts <= at - window
--   direction           'rise' (default) or 'fall'
--   against             'share' (default): an item is expected to have its share of the baseline's
--                       events in the window, too; so twice the traffic makes nothing rise.
--                       'time': as many events per second as before; twice the traffic makes all rise
--
-- Columns: rank, item, count (in the window), expected (of the baseline's events, for as many events
-- or as much time as the window has), score, proven; hidden: lower, upper (of count),
-- expected_lower, expected_upper, score_lower, score_upper, since, until (of the window),
-- baseline_since (until is since), confidence (share of the rows proven), source (what was read).
-- Rows have a score above 0 ('fall': below 0), so there may be fewer than k. Order: score, then
-- count, then item.
--
-- score = (c - r b) / sqrt(c + r r b), with c and b the counts in window and baseline, each at least
-- 0, and r = total of the window / total of the baseline, or window / baseline for 'time' and where
-- the baseline's total is 0. expected = r b.
-- It says by how many standard deviations the two rates differ. Why not the ratio c / expected: one
-- event against none is infinitely more, and would lead; 100 against 50 would lead 10,000 against
-- 6,000. Why not the difference: the favourites of always would lead, by chance. A score of 3 is
-- rare by chance for one item, but there are many items: among 10,000 that have not changed, some
-- 13 have it. Of 5 there is hardly one in a million.
--
-- Always score_lower <= score of the true counts <= score_upper; proven = 1: the item is certainly
-- in the exact top K of this question, and its score is certainly above 0. That is not a test of
-- significance: an exact answer is proven, whatever its scores.
-- 'exact' counts the log, or your table, in one pass over both windows. 'hybrid' returns its rows,
-- and reads of the log only what can change them. Where something has risen sharply that is little or
-- nothing; where nothing has, and the rows differ by chance alone, it may be all.
--
-- window and baseline must both be retained (option retain; default: the stream's longest window),
-- else the error names the retain needed. A stream that is younger is no error: before its first
-- event there was nothing, so all that is new rises. Where late events were dropped from the time
-- asked for, bounds are NULL and nothing is proven.
--
-- Daily rhythms: the hour before is a poor baseline at 8 in the morning, as everything rises.
-- 'share' sees to the traffic as a whole; for items with a day of their own take a baseline of whole
-- days: topk_trending('1day', 10, 's', 'fast', NULL, NULL, '7 days') compares with the week before,
-- and topk_trending('1hour', 10, 's', 'fast', NULL, NULL, '23 hours') with the rest of a day. This
-- hour against the same hour yesterday is a join of topk() and topk_count(), as below, without bounds
-- of the score: it does not know of items that are not among the rows.
--
-- Cost: both windows are kept and move on as those of topk() do, so asking again after some events
-- reads what has changed. An item is looked at only while the root of its count can reach the top.
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
-- Against the traffic, or against the clock: in 10 minutes of 20 with twice the events, all has risen.
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
-- | Error: window='1hour' and baseline='1 day' reach back over 25hours, more than stream "main"."plays" retains: retain='2hours'; create it with retain='25hours'
SELECT * FROM topk_trending('1hour', 3, 'plays', 'fast', 'latest', NULL, '1hour', 'up');
-- | Error: direction='up': expected 'rise' or 'fall'
