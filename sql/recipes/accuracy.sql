-- Observed accuracy: what fast answers beside what exact counts, on a sample of windows that you choose; and coverage.
--
-- A row of topk_accuracy_sample is a question to compare: a window (NULL: the longest), its K and its end. exact reads
-- the log (or content=) of that window, so sample as much as you can wait for. topk_accuracy answers with a row each:
--   compared              rows of exact, at most K
--   precision             share of them that fast returns too: precision@K
--   mean_relative_error   of fast's counts of the exact top K; worst_relative_error the greatest
--   bounds_broken         of those items, and of what else fast returned, counts outside [lower, upper]: always 0
--   proofs_broken         items that fast calls proven and exact has not: always 0
CREATE TABLE topk_accuracy_sample(
  stream TEXT NOT NULL, "window", k INTEGER NOT NULL DEFAULT 100, at NOT NULL DEFAULT 'latest');

CREATE VIEW topk_accuracy AS
WITH asked AS MATERIALIZED (SELECT rowid AS id, stream, "window", k, at FROM topk_accuracy_sample),
exact_rows AS MATERIALIZED (
  SELECT id, e.rank, e.item, e.count FROM asked AS a, topk(a."window", a.k, a.stream, 'exact', a.at) AS e),
fast_rows AS MATERIALIZED (
  SELECT id, f.item, f.lower, f.proven FROM asked AS a, topk(a."window", a.k, a.stream, 'fast', a.at) AS f),
-- Each item of exact, with what fast says of it.
told AS MATERIALIZED (
  SELECT e.id, e.count, abs(c.count - e.count) * 1.0 / e.count AS relative_error,
         e.count NOT BETWEEN c.lower AND c.upper AS is_broken,
         EXISTS (SELECT 1 FROM fast_rows AS f WHERE f.id = e.id AND f.item = e.item) AS is_found
  FROM exact_rows AS e JOIN asked AS a USING (id), topk_count(a."window", e.item, a.stream, 'fast', a.at) AS c),
-- Each item of fast that exact has not: it counts no more than the last of a full exact answer, else 0.
others AS MATERIALIZED (
  SELECT f.id, f.proven,
         f.lower > coalesce((SELECT e.count FROM exact_rows AS e WHERE e.id = f.id AND e.rank = a.k), 0) AS is_broken
  FROM fast_rows AS f JOIN asked AS a USING (id)
  WHERE NOT EXISTS (SELECT 1 FROM exact_rows AS e WHERE e.id = f.id AND e.item = f.item))
SELECT stream, "window", k, at,
       (SELECT count(*) FROM told WHERE told.id = asked.id) AS compared,
       (SELECT avg(is_found) FROM told WHERE told.id = asked.id) AS precision,
       (SELECT avg(relative_error) FROM told WHERE told.id = asked.id) AS mean_relative_error,
       (SELECT max(relative_error) FROM told WHERE told.id = asked.id) AS worst_relative_error,
       coalesce((SELECT sum(is_broken) FROM told WHERE told.id = asked.id), 0) +
         coalesce((SELECT sum(is_broken) FROM others WHERE others.id = asked.id), 0) AS bounds_broken,
       coalesce((SELECT sum(proven) FROM others WHERE others.id = asked.id), 0) AS proofs_broken
FROM asked;

-- Coverage: the longest window that ends with the newest event, as fast answers it. since and until: the time that is
-- really covered (retention may cut it short); confidence: share of the rows proven; weight_share: at least so much of
-- the window's weight is in its top 100. Needs no log.
CREATE VIEW topk_coverage AS
SELECT s.stream, t.since, t.until, t.until - t.since AS seconds, count(*) AS items, t.confidence,
       sum(t.lower) * 1.0 / t.total_upper AS weight_share
FROM (SELECT stream FROM topk_stats WHERE events > 0) AS s, topk(NULL, 100, s.stream, 'fast', 'latest') AS t
GROUP BY s.stream;

-- Shown on three days of a stream whose memory is too small for its 3,000 items:
CREATE VIRTUAL TABLE plays USING topk_stream(retain='3 days', memory=16384, k=10, seed=1);
INSERT INTO plays(item, ts)
WITH RECURSIVE n(i, x) AS (SELECT 0, 1 UNION ALL SELECT i + 1, x * 48271 % 2147483647 FROM n WHERE i < 60000)
SELECT 'song ' || CAST(pow(3000, x / 2147483647.0) AS INTEGER), 1763632800 + i * 4 FROM n;
INSERT INTO topk_accuracy_sample(stream, "window", k) VALUES ('plays', '1hour', 10), ('plays', '1day', 10), ('plays', 'all', 10);
INSERT INTO topk_accuracy_sample(stream, "window", k, at) SELECT 'plays', '1hour', 10, last_ts - 40000 FROM topk_stats('plays');
SELECT "window", at, compared, precision, round(mean_relative_error, 4) AS mean, round(worst_relative_error, 4) AS worst, bounds_broken, proofs_broken FROM topk_accuracy;
-- | window  at          compared  precision  mean    worst   bounds_broken  proofs_broken
-- | ------  ----------  --------  ---------  ------  ------  -------------  -------------
-- | 1hour   latest      10        1.0        0.0463  0.1538  0              0
-- | 1day    latest      10        1.0        0.0385  0.0912  0              0
-- | all     latest      10        1.0        0.0408  0.0938  0              0
-- | 1hour   1763832800  10        0.9        0.1238  0.3333  0              0
SELECT stream, since, until, seconds, items, round(confidence, 2) AS confidence, round(weight_share, 2) AS weight_share FROM topk_coverage;
-- | stream  since       until       seconds  items  confidence  weight_share
-- | ------  ----------  ----------  -------  -----  ----------  ------------
-- | plays   1763786400  1763872800  86400    100    0.1         0.4
