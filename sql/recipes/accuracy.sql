-- Observed accuracy, which compares fast with exact on a sample of windows that you choose; and
-- coverage.
--
-- Creates the table topk_accuracy_sample and the views topk_accuracy.. and topk_coverage.
-- demo/accuracy.sql shows them at work.
--
-- A row of topk_accuracy_sample is a question to compare: a window (NULL: the longest), its K and
-- its end. exact reads the log (or the table of content=) of that window, so sample only as much as
-- you have time for. topk_accuracy has one row per question:
--   compared              rows of exact, at most K
--   precision             share of them that fast returns too: precision@K
--   mean_relative_error   of fast's counts of the exact top K; worst_relative_error: the largest
--   bounds_broken         items whose true count is outside [lower, upper]: always 0
--   proofs_broken         items that fast calls proven and exact does not return: always 0
-- topk_accuracy_skipped lists the questions about a stream that is not there or cannot be read, and
-- those with a wrong k.
CREATE TABLE IF NOT EXISTS topk_accuracy_sample(
  stream TEXT NOT NULL, "window", k INTEGER NOT NULL DEFAULT 100, at NOT NULL DEFAULT 'latest');

CREATE VIEW IF NOT EXISTS topk_accuracy_checked AS
WITH streams AS MATERIALIZED (SELECT stream, events FROM topk_stats)
SELECT a.rowid AS id, a.stream, a."window", a.k, a.at,
       CASE WHEN s.stream IS NULL THEN 'no such stream'
            WHEN s.events IS NULL THEN 'the stream cannot be read'
            WHEN typeof(a.k) <> 'integer' OR a.k NOT BETWEEN 1 AND 100000
              THEN 'k: expected a whole number from 1 to 100000' END AS problem
FROM topk_accuracy_sample AS a LEFT JOIN streams AS s
  ON a.stream COLLATE NOCASE IN (s.stream, 'main.' || s.stream);

CREATE VIEW IF NOT EXISTS topk_accuracy_skipped AS
SELECT stream, "window", k, at, problem FROM topk_accuracy_checked WHERE problem NOTNULL;

CREATE VIEW IF NOT EXISTS topk_accuracy AS
WITH asked AS MATERIALIZED (
  SELECT id, stream, "window", k, at FROM topk_accuracy_checked WHERE problem IS NULL),
exact_rows AS MATERIALIZED (
  SELECT id, e.rank, e.item, e.count
  FROM asked AS a, topk(a."window", a.k, a.stream, 'exact', a.at) AS e),
fast_rows AS MATERIALIZED (
  SELECT id, f.item, f.lower, f.proven
  FROM asked AS a, topk(a."window", a.k, a.stream, 'fast', a.at) AS f),
-- Each item of exact, with the count and bounds that fast gives it.
checked AS MATERIALIZED (
  SELECT e.id, e.count, abs(c.count - e.count) * 1.0 / e.count AS relative_error,
         e.count NOT BETWEEN c.lower AND c.upper AS is_broken,
         EXISTS (SELECT 1 FROM fast_rows AS f WHERE f.id = e.id AND f.item = e.item) AS is_found
  FROM exact_rows AS e JOIN asked AS a USING (id),
       topk_count(a."window", e.item, a.stream, 'fast', a.at) AS c),
-- Each item that only fast returns. Its true count is at most that of the last row of a full exact
-- answer; if exact returned fewer than K rows, it is 0.
others AS MATERIALIZED (
  SELECT f.id, f.proven,
         f.lower > coalesce((SELECT e.count FROM exact_rows AS e
                             WHERE e.id = f.id AND e.rank = a.k), 0) AS is_broken
  FROM fast_rows AS f JOIN asked AS a USING (id)
  WHERE NOT EXISTS (SELECT 1 FROM exact_rows AS e WHERE e.id = f.id AND e.item = f.item))
SELECT stream, "window", k, at,
       (SELECT count(*) FROM checked WHERE checked.id = asked.id) AS compared,
       (SELECT avg(is_found) FROM checked WHERE checked.id = asked.id) AS precision,
       (SELECT avg(relative_error) FROM checked WHERE checked.id = asked.id) AS mean_relative_error,
       (SELECT max(relative_error) FROM checked WHERE checked.id = asked.id)
         AS worst_relative_error,
       coalesce((SELECT sum(is_broken) FROM checked WHERE checked.id = asked.id), 0) +
         coalesce((SELECT sum(is_broken) FROM others WHERE others.id = asked.id), 0)
         AS bounds_broken,
       coalesce((SELECT sum(proven) FROM others WHERE others.id = asked.id), 0) AS proofs_broken
FROM asked;

-- Coverage: what the answer of fast is based on, for the longest window up to the newest event.
--   since, until   the time actually covered (retention may cut it short)
--   confidence     share of the rows that are proven
--   weight_share   the top 100 hold at least this share of the window's weight
-- Needs no log.
CREATE VIEW IF NOT EXISTS topk_coverage AS
SELECT s.stream, t.since, t.until, t.until - t.since AS seconds, count(*) AS items, t.confidence,
       sum(t.lower) * 1.0 / t.total_upper AS weight_share
FROM (SELECT stream FROM topk_stats WHERE events > 0) AS s,
     topk(NULL, 100, s.stream, 'fast', 'latest') AS t
GROUP BY s.stream;
