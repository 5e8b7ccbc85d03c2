-- The rows of an answer as a bar chart, one text line each, in plain SQL. counts.sql or rising.sql says
-- what an answer is, top.sh makes the table `settings`.
--
-- A bar is █ up to the lower bound, ▓ up to the count, ░ up to the upper bound.
WITH RECURSIVE top AS MATERIALIZED (SELECT * FROM rows_drawn),
-- A log may hold escape sequences, which a terminal would obey: every control character becomes a
-- dot.
spelled(rank, item, code) AS (
  SELECT rank, item, 1 FROM top
  UNION ALL
  SELECT rank, replace(item, char(code), '.'), iif(code = 31, 127, code + 1) FROM spelled WHERE code < 160
),
cells AS (
  SELECT top.*, spelled.item AS name,
         CAST(round(1.0 * s.width * top.lower / max(upper) OVER ()) AS INTEGER) AS until_lower,
         CAST(round(1.0 * s.width * top.reached / max(upper) OVER ()) AS INTEGER) AS until_count,
         CAST(round(1.0 * s.width * top.upper / max(upper) OVER ()) AS INTEGER) AS until_upper,
         max(max(length(spelled.item)) OVER (), 4) AS longest, s.name_width
    FROM top JOIN spelled USING (rank), settings AS s
   WHERE spelled.code = 160
)
SELECT line FROM title
UNION ALL
SELECT line FROM (
  SELECT printf('%3d %s %-!*.*s %s  %s%s%s%s', rank, iif(proven, '✓', ' '), min(longest, name_width), min(longest, name_width),
                iif(length(name) > name_width, substr(name, 1, name_width - 1) || '…', name),
                figures,
                replace(hex(zeroblob(until_lower)), '00', '█'),
                replace(hex(zeroblob(until_count - until_lower)), '00', '▓'),
                replace(hex(zeroblob(until_upper - until_count)), '00', '░'),
                bounds) AS line
    FROM cells ORDER BY rank);
