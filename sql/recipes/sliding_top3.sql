-- A sliding report: at each event, the top 3 of the 60 seconds up to it.
--
-- The rows are made up, in temporary tables: put your own table in their place.
CREATE TEMP TABLE demo_hits(t INTEGER, page TEXT);
INSERT INTO demo_hits VALUES
  (0, '/'), (10, '/news'), (20, '/'), (55, '/shop'),
  (61, '/news'), (70, '/shop'), (95, '/shop'), (130, '/');
SELECT t, page,
       top_k(page, 3) OVER (
         ORDER BY t RANGE BETWEEN 59 PRECEDING AND CURRENT ROW) AS top_of_the_minute
FROM demo_hits;
-- | t    page   top_of_the_minute
-- | ---  -----  ------------------------------------------------------------------------------
-- | 0    /      [{"item":"/","count":1}]
-- | 10   /news  [{"item":"/","count":1},{"item":"/news","count":1}]
-- | 20   /      [{"item":"/","count":2},{"item":"/news","count":1}]
-- | 55   /shop  [{"item":"/","count":2},{"item":"/news","count":1},{"item":"/shop","count":1}]
-- | 61   /news  [{"item":"/news","count":2},{"item":"/","count":1},{"item":"/shop","count":1}]
-- | 70   /shop  [{"item":"/shop","count":2},{"item":"/","count":1},{"item":"/news","count":1}]
-- | 95   /shop  [{"item":"/shop","count":3},{"item":"/news","count":1}]
-- | 130  /      [{"item":"/","count":1},{"item":"/shop","count":1}]

-- The same as plain text, without the counts.
SELECT t, (SELECT group_concat(value ->> 'item', ', ') FROM json_each(top)) AS top
FROM (SELECT t, approx_top_k(page, 3) OVER (
        ORDER BY t RANGE BETWEEN 59 PRECEDING AND CURRENT ROW) AS top FROM demo_hits);
-- | t    top
-- | ---  ---------------
-- | 0    /
-- | 10   /, /news
-- | 20   /, /news
-- | 55   /, /news, /shop
-- | 61   /news, /, /shop
-- | 70   /shop, /, /news
-- | 95   /shop, /news
-- | 130  /, /shop
