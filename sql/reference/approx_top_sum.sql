-- approx_top_sum(x, weight, k): the k items with the largest sums of weight, as a JSON array of
-- {"value", "sum"}.
--
-- weight: an integer from -2^40 to 2^40; a row whose item or weight is NULL is not counted.
SELECT approx_top_sum(column1, column2, 2) AS top
FROM (VALUES ('tea', 4), ('coffee', 9), ('tea', 7), ('milk', 1), ('coffee', -3));
-- | top
-- | -----------------------------------------------------
-- | [{"value":"tea","sum":11},{"value":"coffee","sum":6}]
SELECT approx_top_sum('tea', 1.5, 1);
-- | Error: weight=1.5: expected an integer from -1099511627776 to 1099511627776 (2^40) (19)
