-- What chart.sql draws with --rising: the items that have risen most from the time before the window to
-- the window. top.sh makes the table `settings`. The bar is the score, in standard deviations.
CREATE TEMP VIEW answer AS
SELECT rank, item, count, expected, score, proven, score_lower, score_upper, until
  FROM settings AS s, topk_trending(s.window, s.k, 'lines', 'fast', s.at, NULL, s.baseline) AS t;

CREATE TEMP VIEW rows_drawn AS
SELECT rank, item, proven, max(coalesce(score_lower, 0), 0) AS lower, score AS reached,
       coalesce(score_upper, score) AS upper,
       printf('%6s, expected %*s, score %+7.1f', printf('%,d', count),
              (SELECT max(length(printf('%,.1f', expected))) FROM answer), printf('%,.1f', expected), score) AS figures,
       CASE WHEN score_lower IS NULL OR score_upper IS NULL THEN '  no bounds'
            WHEN score_upper - score_lower > 1e-9 THEN printf('  %+.1f to %+.1f', score_lower, score_upper) ELSE '' END AS bounds
  FROM answer;

CREATE TEMP VIEW reached AS  -- what the baseline lacks: without events before, everything rises
SELECT coalesce(
         (SELECT CASE WHEN b.upper = 0 THEN ', which has no lines'
                      WHEN b.since < (SELECT first_ts FROM topk_stats('lines')) THEN ', which begins before the first line' END
            FROM settings AS s, topk_trending(s.window, 1, 'lines', 'fast', s.at, NULL, s.baseline) AS t,
                 topk_series(s.baseline, s.baseline, NULL, 'lines', 'fast', t.since) AS b), '') AS lacks;

CREATE TEMP VIEW title AS
SELECT coalesce(
         (SELECT printf('Rising in %s, against the %s before%s: %d of %d proven', s.span, s.baseline, lacks, sum(proven), count(*))
            FROM answer HAVING count(*) > 0),
         printf('Nothing rises in %s, against the %s before%s', s.span, s.baseline, lacks)) || s.left_out AS line
  FROM spans AS s, reached;
