-- count_min_sketch(x, eps, confidence [, seed]): aggregate and window function; a linear Count-Min
-- sketch as a BLOB.
--
-- eps and confidence: between 0 and 1; seed: an integer, default 0. The estimate of an item is
-- never below the true count, and it is above it by more than eps * N (N rows counted) with a
-- probability of at most 1 - confidence. A sketch has ln(1 / (1 - confidence)) rows of e / eps
-- counters (Cormode, Muthukrishnan, J. Algorithms 55(1), 2005).
SELECT cms_estimate(count_min_sketch(value % 10, 0.01, 0.99), 3) AS threes
FROM generate_series(1, 100);
-- | threes
-- | ------
-- | 10
SELECT value, cms_estimate(
         count_min_sketch(value % 2, 0.1, 0.9) OVER (ORDER BY value ROWS 3 PRECEDING), 1) AS odd
FROM generate_series(1, 5);
-- | value  odd
-- | -----  ---
-- | 1      1
-- | 2      1
-- | 3      2
-- | 4      2
-- | 5      2
SELECT count_min_sketch(1, 2, 0.9);
-- | Error: count_min_sketch: eps=2, confidence=0.9: eps: expected a number between 0 and 1, exclusive
