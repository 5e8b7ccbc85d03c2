-- cms_estimate(sketch, x): how often x was counted, at least; more by eps * N at most, with the sketch's confidence.
SELECT cms_estimate(sketch, 'a') AS a, cms_estimate(sketch, 'b') AS b, cms_estimate(sketch, NULL) AS none FROM (SELECT count_min_sketch(column1, 0.01, 0.99) AS sketch FROM (VALUES ('a'), ('b'), ('a')));
-- | a  b  none
-- | -  -  ----
-- | 2  1
SELECT cms_estimate(x'd50201', 'a');
-- | Error: cms_estimate: damaged count-min sketch: too short
