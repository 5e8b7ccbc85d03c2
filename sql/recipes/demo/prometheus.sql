-- prometheus.sql on a stream of three events, and a fourth that was late.
--
-- Start sqlite3 in the folder sql/, load topk, then: .read recipes/demo/prometheus.sql
-- Everything happens inside a savepoint that is rolled back: nothing is left in your database.
SAVEPOINT demo;
.read recipes/prometheus.sql
CREATE VIRTUAL TABLE demo_plays USING topk_stream(seed=1);
INSERT INTO demo_plays(item, ts) VALUES
  ('a', 1763632800), ('b', 1763632860), ('a', 1763632920), ('x', 1700000000);
SELECT text FROM topk_prometheus
WHERE text LIKE '%topk_events%' OR text LIKE '%topk_late%'
   OR text LIKE '%topk_proven%' OR text LIKE '%topk_query%';
-- | text
-- | --------------------------------------------------------------------------------
-- | # HELP topk_events_total Events accepted
-- | # TYPE topk_events_total counter
-- | topk_events_total{stream="demo_plays"} 3
-- | # HELP topk_late_total Events older than what is retained, dropped
-- | # TYPE topk_late_total counter
-- | topk_late_total{stream="demo_plays"} 1
-- | # HELP topk_proven_share Share of the top K of the longest window that is proven
-- | # TYPE topk_proven_share gauge
-- | topk_proven_share{stream="demo_plays"} 1.0
-- | # HELP topk_query_seconds Time of a query, on the connection that asks
-- | # TYPE topk_query_seconds summary
-- | topk_query_seconds{stream="demo_plays",quantile="0.5"} NaN
-- | topk_query_seconds{stream="demo_plays",quantile="0.95"} NaN
-- | topk_query_seconds{stream="demo_plays",quantile="0.99"} NaN
-- | topk_query_seconds_count{stream="demo_plays"} 0
ROLLBACK TO demo;
RELEASE demo;
