-- What chart.sql draws: the most frequent items. top.sh makes the table `settings`.
CREATE TEMP VIEW answer AS
SELECT rank, item, count, lower, upper, proven, total_lower, total_upper, until
  FROM settings AS s, topk(s.window, s.k, 'lines', 'fast', s.at) AS t;

CREATE TEMP VIEW rows_drawn AS
SELECT rank, item, proven, lower, count AS reached, coalesce(upper, count) AS upper,
       printf('%9s', printf('%,d', count)) AS figures,
       CASE WHEN upper IS NULL THEN printf('  at least %,d', lower)
            WHEN lower < upper THEN printf('  %,d to %,d', lower, upper) ELSE '' END AS bounds
  FROM answer;

CREATE TEMP VIEW title AS
SELECT coalesce(
         (SELECT printf('Top %d of %s: %s event%s, %d of %d proven', s.k, s.span,
                        iif(max(total_lower) = max(total_upper), printf('%,d', max(total_upper)),
                            printf('%,d to %,d', max(total_lower), max(total_upper))),
                        iif(max(total_upper) = 1, '', 's'), sum(proven), count(*))
            FROM answer HAVING count(*) > 0),
         'Nothing in ' || s.span) || s.left_out AS line
  FROM spans AS s;
