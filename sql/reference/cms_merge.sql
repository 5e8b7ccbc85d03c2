-- cms_merge(sketch): aggregate and window function; adds up sketches of the same shape and seed.
SELECT cms_estimate(cms_merge(sketch), 3) AS threes
FROM (SELECT count_min_sketch(value % 10, 0.01, 0.99) AS sketch
      FROM generate_series(1, 100) GROUP BY value / 25);
-- | threes
-- | ------
-- | 10
SELECT cms_merge(sketch) FROM (
  SELECT count_min_sketch(1, 0.1, 0.9, 1) AS sketch
  UNION ALL SELECT count_min_sketch(1, 0.1, 0.9, 2));
-- | Error: cms_merge: sketches of different shape or seed: 3 x 28 counters, seed 1; and 3 x 28 counters, seed 2
