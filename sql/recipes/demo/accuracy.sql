-- accuracy.sql on three days of a stream whose memory is too small for its 3,000 items.
--
-- Start sqlite3 in the folder sql/, load topk, then: .read recipes/demo/accuracy.sql
-- Everything happens inside a savepoint that is rolled back: nothing is left in your database.
SAVEPOINT demo;
.read recipes/accuracy.sql
CREATE VIRTUAL TABLE demo_plays USING topk_stream(retain='3 days', memory=16384, k=10, seed=1);
INSERT INTO demo_plays(item, ts)
WITH RECURSIVE n(i, x) AS (
  SELECT 0, 1 UNION ALL SELECT i + 1, x * 48271 % 2147483647 FROM n WHERE i < 60000)
SELECT 'song ' || CAST(pow(3000, x / 2147483647.0) AS INTEGER), 1763632800 + i * 4 FROM n;
INSERT INTO topk_accuracy_sample(stream, "window", k)
VALUES ('demo_plays', '1hour', 10), ('demo_plays', '1day', 10), ('demo_plays', 'all', 10);
INSERT INTO topk_accuracy_sample(stream, "window", k, at)
SELECT 'demo_plays', '1hour', 10, last_ts - 40000 FROM topk_stats('demo_plays');
SELECT "window", at, compared, precision, round(mean_relative_error, 4) AS mean,
       round(worst_relative_error, 4) AS worst, bounds_broken, proofs_broken
FROM topk_accuracy WHERE stream = 'demo_plays';
-- | window  at          compared  precision  mean    worst   bounds_broken  proofs_broken
-- | ------  ----------  --------  ---------  ------  ------  -------------  -------------
-- | 1hour   latest      10        1.0        0.0     0.0     0              0
-- | 1day    latest      10        1.0        0.0331  0.0755  0              0
-- | all     latest      10        1.0        0.0382  0.0889  0              0
-- | 1hour   1763832800  10        0.9        0.1061  0.3333  0              0
SELECT stream, since, until, seconds, items, round(confidence, 2) AS confidence,
       round(weight_share, 2) AS weight_share
FROM topk_coverage WHERE stream = 'demo_plays';
-- | stream      since       until       seconds  items  confidence  weight_share
-- | ----------  ----------  ----------  -------  -----  ----------  ------------
-- | demo_plays  1763786400  1763872800  86400    100    0.14        0.42
ROLLBACK TO demo;
RELEASE demo;
