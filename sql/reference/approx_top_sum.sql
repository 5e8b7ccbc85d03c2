-- approx_top_sum(x, weight, k [, counters]): the k items with the largest sums of weight, as a JSON
-- array of {"value", "sum", "lower", "upper", "proven"}.
--
-- weight: an integer from -2^40 to 2^40; a row whose item or weight is NULL is not counted.
-- k, counters and the bounds: as for approx_top_k.
SELECT approx_top_sum(column1, column2, 2) AS top
FROM (VALUES ('tea', 4), ('coffee', 9), ('tea', 7), ('milk', 1), ('coffee', -3));
-- | top
-- | ---------------------------------------------------------------------------------------------------------------------------
-- | [{"value":"tea","sum":11,"lower":11,"upper":11,"proven":true},{"value":"coffee","sum":6,"lower":6,"upper":6,"proven":true}]
SELECT approx_top_sum('tea', 1.5, 1);
-- | Error: weight=1.5: expected an integer from -1099511627776 to 1099511627776 (2^40) (19)
