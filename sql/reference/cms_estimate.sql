-- cms_estimate(sketch, x): the count of x in a Count-Min sketch. It is never too small, and with
-- the confidence of the sketch it is at most eps * N too large (N rows counted). NULL if x is NULL.
SELECT cms_estimate(sketch, 'a') AS a, cms_estimate(sketch, 'b') AS b,
       cms_estimate(sketch, NULL) AS none
FROM (SELECT count_min_sketch(column1, 0.01, 0.99) AS sketch FROM (VALUES ('a'), ('b'), ('a')));
-- | a  b  none
-- | -  -  ----
-- | 2  1
SELECT cms_estimate(x'd50201', 'a');
-- | Error: cms_estimate: count-min sketch: shorter than its checksum
