-- choose_memory.sql on 60,000 plays of 15,584 songs; then a stream moves to more memory.
--
-- Start sqlite3 in the folder sql/, load topk, then: .read recipes/demo/choose_memory.sql
-- Everything happens inside a savepoint that is rolled back: nothing is left in your database.
SAVEPOINT demo;
CREATE TEMP TABLE demo_history(song, played_at);
INSERT INTO demo_history
WITH RECURSIVE n(i, x) AS (
  SELECT 0, 1 UNION ALL SELECT i + 1, x * 48271 % 2147483647 FROM n WHERE i < 59999)
SELECT 'song ' || CAST(pow(60000, x / 2147483647.0) AS INTEGER), 1763632800 + i * 1.2 FROM n;
CREATE TEMP VIEW choose_memory_events AS SELECT song AS item, played_at AS ts FROM demo_history;
.read recipes/choose_memory.sql
-- | stream             memory_budget  right  proven  widest  largest
-- | -----------------  -------------  -----  ------  ------  -------
-- | temp.topk_in_32k   32768          49     40      35      3887
-- | temp.topk_in_256k  262144         49     46      28      3887
-- | temp.topk_in_4m    4194304        50     50      0       3887
-- | stream             memory_budget  max_error  proven_share
-- | -----------------  -------------  ---------  ------------
-- | temp.topk_in_32k   32768          53         0.51
-- | temp.topk_in_256k  262144         53         0.55
-- | temp.topk_in_4m    4194304        0          1.0

-- Options are fixed when a stream is created. To change one, create a second stream, fill it from
-- the log of the first, and give it the first one's name.
CREATE VIRTUAL TABLE demo_plays USING topk_stream(memory='32KiB', seed=1);
INSERT INTO demo_plays(item, ts) SELECT song, played_at FROM demo_history;
CREATE VIRTUAL TABLE demo_larger USING topk_stream(memory='512KiB', seed=1);
INSERT INTO demo_larger SELECT item, ts, weight, partition FROM demo_plays;
DROP TABLE demo_plays;
ALTER TABLE demo_larger RENAME TO demo_plays;
SELECT stream, memory_budget, events FROM topk_stats('demo_plays');
-- | stream      memory_budget  events
-- | ----------  -------------  ------
-- | demo_plays  524288         60000
ROLLBACK TO demo;
RELEASE demo;
