-- approx_top_k_estimate(state [, k]): the top k of a state, in the form that approx_top_k returns.
--
-- k: default 10. NULL for a NULL state.
SELECT approx_top_k_estimate(approx_top_k_accumulate(value % 3), 2) AS top
FROM generate_series(1, 7);
-- | top
-- | ---------------------------------------------------------------------------------------------------------------
-- | [{"item":1,"count":3,"lower":3,"upper":3,"proven":true},{"item":0,"count":2,"lower":2,"upper":2,"proven":true}]
SELECT approx_top_k_estimate('no state');
-- | Error: approx_top_k_estimate: 'no state' is not a BLOB made by topk_state, approx_top_k_accumulate or _combine
