-- Top K per hour and category, of any table, in one pass over it.
--
-- The rows are made up, in temporary tables: put your own table in their place.
CREATE TEMP TABLE demo_sales(at TEXT, category TEXT, product TEXT);
INSERT INTO demo_sales VALUES
  ('2025-11-20 10:05', 'drinks', 'tea'), ('2025-11-20 10:12', 'drinks', 'coffee'),
  ('2025-11-20 10:31', 'drinks', 'tea'),
  ('2025-11-20 10:40', 'bread', 'rye'), ('2025-11-20 10:58', 'bread', 'bagel'),
  ('2025-11-20 10:59', 'bread', 'rye'),
  ('2025-11-20 11:02', 'drinks', 'coffee'), ('2025-11-20 11:20', 'drinks', 'coffee'),
  ('2025-11-20 11:45', 'drinks', 'milk');
SELECT t.hour, t.category, row.value ->> 'item' AS product, row.value ->> 'count' AS sold
FROM (SELECT strftime('%H', at) AS hour, category, approx_top_k(product, 2) AS top
      FROM demo_sales GROUP BY 1, 2) AS t,
     json_each(t.top) AS row
ORDER BY t.hour, t.category, row.key;
-- | hour  category  product  sold
-- | ----  --------  -------  ----
-- | 10    bread     rye      2
-- | 10    bread     bagel    1
-- | 10    drinks    tea      2
-- | 10    drinks    coffee   1
-- | 11    drinks    coffee   2
-- | 11    drinks    milk     1
