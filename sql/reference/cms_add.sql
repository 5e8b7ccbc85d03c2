-- cms_add: inserts events into the default stream, topk_events; the first INSERT creates it.
--
-- Columns: item; ts (unix seconds, or a full date, UTC unless it has an offset; default now);
-- weight (-2^40 .. 2^40, default 1; a negative one retracts); partition (default none). If ts or
-- weight is text that spells a number, it is read as SQLite's numeric affinity reads it: '4.0', '
-- 4' and '4e0' are 4. Reading the table returns the logged events. Commands go through the hidden
-- column cms_add, as for any stream (topk_stream.sql). cms_add has nothing to do with the Count-Min
-- functions, cms_estimate and others.
INSERT INTO cms_add(item) VALUES ('#sqlite'), ('#cpp'), ('#sqlite');
INSERT INTO cms_add(item, weight) VALUES ('#rust', 5), ('#rust', -3);
SELECT item, sum(weight) AS n FROM cms_add GROUP BY item ORDER BY n DESC, item;
-- | item     n
-- | -------  -
-- | #rust    2
-- | #sqlite  2
-- | #cpp     1
SELECT rank, item, count FROM topk('1min', 10);
-- | rank  item     count
-- | ----  -------  -----
-- | 1     #rust    2
-- | 2     #sqlite  2
-- | 3     #cpp     1

-- A bad value is an error that states what is expected; nothing of the statement is kept.
INSERT INTO cms_add(item) VALUES ('fine'), (NULL);
-- | Error: item is NULL: expected an INTEGER, REAL, TEXT or BLOB (19)
SELECT count(*) FROM cms_add WHERE item = 'fine';
-- | count(*)
-- | --------
-- | 0
