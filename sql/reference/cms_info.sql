-- cms_info(sketch): shape, seed, total, eps and confidence of a Count-Min sketch, as a JSON object.
SELECT cms_info(count_min_sketch(value, 0.01, 0.99, 7)) AS info FROM generate_series(1, 100);
-- | info
-- | -----------------------------------------------------------------------------------
-- | {"width":272,"depth":5,"seed":7,"eps":0.00999368,"confidence":0.993262,"total":100}
