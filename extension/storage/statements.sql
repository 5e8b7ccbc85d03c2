-- The statements that run on the shadow tables of one stream, by the file that owns the table.
-- {pane} stands for the quoted name "schema"."stream_pane", and so on; {schema} for the quoted schema.
-- Times are microseconds everywhere but in the log, whose ts is in seconds: INTEGER where whole,
-- else REAL. FORMAT.md describes every column and blob.
--
-- Each `-- name:` becomes an enumerator of topk::storage::sql. Comments are not compiled in.

-- ---- shadow_tables.cpp: all of them

-- name: create_shared
CREATE TABLE {config}(key TEXT PRIMARY KEY, value) WITHOUT ROWID;
CREATE TABLE {tail}(seq INTEGER PRIMARY KEY, ts INTEGER, item, weight INTEGER, partition, now INTEGER, held INTEGER);
CREATE TABLE {pane}(level INTEGER NOT NULL, pane INTEGER NOT NULL, version INTEGER, body BLOB, PRIMARY KEY(level, pane));
CREATE TABLE {part}(level INTEGER, pane INTEGER, partition, version INTEGER, body BLOB, PRIMARY KEY(level, pane, partition)) WITHOUT ROWID;

-- name: create_log
CREATE TABLE {log}(ts, item, weight, partition, seq INTEGER, PRIMARY KEY(ts, seq)) WITHOUT ROWID;

-- name: create_blocks
CREATE TABLE {block}(last INTEGER PRIMARY KEY, first INTEGER, oldest INTEGER, newest INTEGER, events INTEGER, body BLOB, UNIQUE(newest, last), UNIQUE(oldest, last));

-- name: nothing
SELECT 1

-- name: named
SELECT 1 FROM {schema}.sqlite_schema WHERE lower(name) = lower(?1)

-- name: not_a_table
SELECT name, type FROM {schema}.sqlite_schema
 WHERE (type = 'view' OR (type = 'table' AND rootpage = 0)) AND lower(name) IN
   (lower(?1 || '_config'), lower(?1 || '_tail'), lower(?1 || '_pane'), lower(?1 || '_part'),
    lower(?1 || '_keys'), lower(?1 || '_ahead'), lower(?1 || ?2))

-- ---- change_counters.cpp: who has written since

-- name: data_version
PRAGMA {schema}.data_version

-- name: schema_version
PRAGMA {schema}.schema_version

-- name: hold
SELECT 1 FROM {config}, {tail} LIMIT 0

-- name: read_uncommitted
PRAGMA read_uncommitted

-- name: recursive_triggers
PRAGMA recursive_triggers

-- ---- config_table.cpp: format, seed, identity, head

-- name: get_config
SELECT value FROM {config} WHERE key = ?1

-- name: put_config
REPLACE INTO {config}(key, value) VALUES (?1, ?2)

-- ---- tail_table.cpp: committed events that are in no pane yet

-- name: put_tail
REPLACE INTO {tail}(seq, ts, item, weight, partition, now, held) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)

-- name: feed_tail
REPLACE INTO {tail}(seq, ts, item, weight, partition, now, held)
  SELECT seq, micros, item, weight, partition, now, held FROM topk_row_feed(?1)

-- name: tail_after
SELECT seq, ts, item, weight, partition, now, held FROM {tail} WHERE seq > ?1 ORDER BY seq

-- name: last_tail
SELECT max(seq) FROM {tail}

-- name: drop_tail
DELETE FROM {tail} WHERE seq <= ?1 AND held IS NULL

-- name: held_count
SELECT count(*) FROM {tail} WHERE seq <= ?1

-- name: release_held
UPDATE {tail} SET held = NULL WHERE held IS NOT NULL

-- name: forget_tail
DELETE FROM {tail} WHERE item = ?1 AND typeof(item) = typeof(?1)

-- name: clear_tail
DELETE FROM {tail};

-- ---- ahead_table.cpp: rows of the content table whose time has not come

-- name: create_ahead
CREATE TABLE {ahead}(ts INTEGER, item, weight INTEGER, partition, seq INTEGER, PRIMARY KEY(ts, item, weight, seq)) WITHOUT ROWID;

-- name: undo_ahead
DELETE FROM {ahead} WHERE ts = ?1 AND item = ?2 AND weight = ?3 AND seq =
  (SELECT seq FROM {ahead} WHERE ts = ?1 AND item = ?2 AND weight = ?3 AND partition IS ?4 LIMIT 1)

-- name: put_ahead
INSERT INTO {ahead}(ts, item, weight, partition, seq) VALUES (?1, ?2, ?3, ?4,
  1 + coalesce((SELECT max(seq) FROM {ahead} WHERE ts = ?1 AND item = ?2 AND weight = ?3), 0))

-- name: any_ahead
SELECT 1 FROM {ahead} WHERE ts > ?1 AND ts <= ?2 LIMIT 1

-- name: newest_ahead
SELECT ts FROM {ahead} WHERE ts <= ?1 ORDER BY ts DESC LIMIT 1

-- name: each_ahead
SELECT ts, item, weight, partition, seq FROM {ahead} WHERE ts > ?1 AND ts <= ?2 ORDER BY ts, item, weight, seq

-- name: drop_ahead
DELETE FROM {ahead} WHERE (ts, item, weight, seq) <= (?1, ?2, ?3, ?4)

-- name: forget_ahead
DELETE FROM {ahead} WHERE item = ?1 AND typeof(item) = typeof(?1)

-- name: clear_ahead
DELETE FROM {ahead};

-- ---- log_table.cpp: every retained event

-- name: put_log
REPLACE INTO {log}(ts, item, weight, partition, seq) VALUES (?1, ?2, ?3, ?4, ?5)

-- name: feed_log
REPLACE INTO {log}(ts, item, weight, partition, seq)
  SELECT seconds, item, weight, partition, seq FROM topk_row_feed(?1)

-- name: log_held
REPLACE INTO {log}(ts, item, weight, partition, seq)
  SELECT CASE WHEN ts % 1000000 = 0 THEN ts / 1000000
            WHEN ts BETWEEN -8589934592000000 AND 8589934592000000 THEN ts / 1000000.0
            ELSE ts / 1000000 + ts % 1000000 / 1000000.0 END, item, weight, partition, seq
    FROM {tail} WHERE held IS NOT NULL

-- name: expire_log
DELETE FROM {log} WHERE (ts, seq) IN (SELECT ts, seq FROM {log} WHERE ts <= ?1 ORDER BY ts, seq LIMIT ?2)

-- name: forget_log
DELETE FROM {log} WHERE item = ?1 AND typeof(item) = typeof(?1)

-- name: clear_log
DELETE FROM {log};

-- name: log_span
SELECT ts, item, weight, partition, seq FROM {log} WHERE ts > ?1 AND ts <= ?2

-- name: held_span
 UNION ALL SELECT CASE WHEN ts % 1000000 = 0 THEN ts / 1000000
            WHEN ts BETWEEN -8589934592000000 AND 8589934592000000 THEN ts / 1000000.0
            ELSE ts / 1000000 + ts % 1000000 / 1000000.0 END, item, weight, partition, seq
   FROM {tail} WHERE held IS NOT NULL AND ts > ?3 AND ts <= ?4

-- name: log_by_seq
SELECT ts, item, weight, partition, seq FROM {log} ORDER BY seq

-- name: log_root
SELECT rootpage FROM {schema}.sqlite_schema WHERE type = 'table' AND lower(name) = lower(?1)

-- ---- block_table.cpp: the log in blocks

-- name: put_block
REPLACE INTO {block}(last, first, oldest, newest, events, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6)

-- name: block_after
SELECT last, first, oldest, newest, events, body FROM {block}
 WHERE last > ?1 AND (+newest > ?2 OR typeof(newest) <> 'integer')
   AND (+oldest <= ?3 OR typeof(oldest) <> 'integer') ORDER BY last LIMIT 1

-- name: block_since
SELECT coalesce((SELECT first - 1 FROM {block} WHERE last = (SELECT min(last) FROM {block} WHERE newest > ?1)),
                (SELECT max(last) FROM {block}), 0)

-- name: count_up
WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < ?1) SELECT count(*) FROM n

-- name: each_block
SELECT last, first, oldest, newest, events FROM {block} ORDER BY last

-- name: blocks_until
SELECT last, first, oldest, newest, events, length(body) FROM {block} WHERE newest <= ?1 ORDER BY newest, last LIMIT ?2

-- name: blocks_reaching
SELECT last, first, oldest, newest, events, length(body) FROM {block} WHERE oldest <= ?1 ORDER BY oldest, last LIMIT ?2

-- name: drop_block
DELETE FROM {block} WHERE last = ?1

-- name: clear_blocks
DELETE FROM {block};

-- name: block_figures
SELECT coalesce(sum(events), 0), coalesce(sum(length(body)), 0) FROM {block}

-- ---- pane_table.cpp: summaries, whole ones in pane, those of one partition in part

-- name: get_pane
SELECT version, body FROM {pane} WHERE level = ?1 AND pane = ?2

-- name: put_pane
REPLACE INTO {pane}(level, pane, version, body) VALUES (?1, ?2, ?3, ?4)

-- name: each_pane
SELECT pane, version, body FROM {pane} WHERE level = ?1 AND pane BETWEEN ?2 AND ?3 ORDER BY pane

-- name: next_pane
SELECT pane FROM {pane} WHERE level = ?1 AND pane >= ?2 ORDER BY pane LIMIT 1

-- name: expire_panes
DELETE FROM {pane} WHERE (level, pane) IN
  (SELECT level, pane FROM {pane} WHERE level = ?1 AND pane <= ?2 ORDER BY pane LIMIT ?3)

-- name: get_part
SELECT version, body FROM {part} WHERE level = ?1 AND pane = ?2 AND partition = ?3

-- name: put_part
REPLACE INTO {part}(level, pane, partition, version, body) VALUES (?1, ?2, ?3, ?4, ?5)

-- name: each_part_of
SELECT p.pane, q.version, q.body
  FROM {pane} AS p CROSS JOIN {part} AS q ON q.level = p.level AND q.pane = p.pane AND q.partition = ?4
 WHERE p.level = ?1 AND p.pane BETWEEN ?2 AND ?3 ORDER BY p.pane

-- name: each_unparted
SELECT p.pane, coalesce(q.version, p.version), coalesce(q.body, p.body)
  FROM {pane} AS p LEFT JOIN {pane} AS q ON q.level = p.level + 64 AND q.pane = p.pane
 WHERE p.level = ?1 AND p.pane BETWEEN ?2 AND ?3 ORDER BY p.pane

-- name: own_unparted
SELECT pane, version, body FROM {pane} WHERE level = ?1 AND pane BETWEEN ?2 AND ?3 ORDER BY +pane

-- name: has_parts
SELECT 1 FROM {part} LIMIT 1

-- name: each_part
SELECT partition, pane, version, body FROM {part} WHERE level = ?1 AND pane BETWEEN ?2 AND ?3
 ORDER BY +partition, +pane

-- name: expire_parts
DELETE FROM {part} WHERE (level, pane, partition) IN
  (SELECT level, pane, partition FROM {part} WHERE level = ?1 AND pane <= ?2 ORDER BY pane LIMIT ?3)

-- name: pane_bytes
SELECT (SELECT coalesce(sum(min(length(body) + 24, ?4)), 0) FROM {pane} WHERE level = ?1 AND pane BETWEEN ?2 AND ?3) +
       (SELECT coalesce(sum(min(length(body) + 24, ?4)), 0) FROM {pane} WHERE level = ?5 AND pane BETWEEN ?2 AND ?3) +
       (SELECT coalesce(sum(min(length(body) + 24, ?4)), 0) FROM {part} WHERE level = ?1 AND pane BETWEEN ?2 AND ?3)

-- name: pane_figures
SELECT (SELECT count(*) FROM {pane}),
       (SELECT coalesce(sum(length(body) + 16), 0) FROM {pane}) +
       (SELECT coalesce(sum(length(body) + length(partition) + 16), 0) FROM {part}) +
       (SELECT coalesce(sum(length(value) + length(key)), 0) FROM {config})

-- name: clear_panes
DELETE FROM {pane};
DELETE FROM {part};

-- ---- key_table.cpp: the partitions

-- name: create_keys
CREATE TABLE {keys}(id INTEGER PRIMARY KEY, partition UNIQUE);

-- name: keys_after
SELECT id, partition FROM {keys} WHERE id > ?1 ORDER BY id

-- name: has_key
SELECT 1 FROM {keys} WHERE partition = ?1 AND typeof(partition) = typeof(?1)

-- name: put_key
INSERT OR IGNORE INTO {keys}(partition) VALUES (?1)

-- name: drop_keys
DELETE FROM {keys} WHERE partition NOT IN (SELECT partition FROM {part})
  AND partition NOT IN (SELECT partition FROM {tail} WHERE partition IS NOT NULL)

-- name: drop_keys_but_ahead
DELETE FROM {keys} WHERE partition NOT IN (SELECT partition FROM {part})
  AND partition NOT IN (SELECT partition FROM {tail} WHERE partition IS NOT NULL)
  AND partition NOT IN (SELECT partition FROM {ahead} WHERE partition IS NOT NULL)

-- name: clear_keys
DELETE FROM {keys};
