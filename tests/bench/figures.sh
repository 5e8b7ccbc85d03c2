#!/usr/bin/env bash
# First figures: cost of a bulk INSERT beside an empty virtual table and a plain one, latency of topk,
# bytes, precision. Needs build/release/topk.so (tests/run.sh or examples/quickstart.sh builds it).
#
#   tests/bench/figures.sh [EVENTS]      default 10,000,000 in one day; some minutes
#
# CPU seconds are SQLite's own (.timer), A B A B in one run.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
events=${1:-10000000}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cc -O2 -shared -fPIC -o "$work/emptyvtab.so" tests/bench/empty_vtab.c

# Zipf by inverse transform of a uniform number in (0, 1]: rank = ((N^(1-s) - 1) u + 1)^(1/(1-s)).
rank() { case $1 in 1.0) echo "pow(1000000, u)" ;; *) echo "pow((pow(1000000, 1.0 - $1) - 1) * u + 1, 1 / (1.0 - $1))" ;; esac; }
fill() {
  echo "WITH RECURSIVE c(x) AS (SELECT 0 UNION ALL SELECT x + 1 FROM c WHERE x + 1 < $events)
INSERT INTO src SELECT 1700000000 + x * 86400 / $events, printf('item%011d', CAST($(rank "$1") AS INTEGER)) FROM
 (SELECT x, (random() & 0xFFFFFFFF) / 4294967296.0 AS u FROM c);"
}

for s in 0.8 1.0 1.2; do
  db=$work/$s.db
  {
    echo ".load build/release/topk"; echo ".load $work/emptyvtab"
    echo "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA temp_store=MEMORY; CREATE TABLE src(ts INTEGER, item TEXT);"
    fill "$s"
    if [ "$s" = 1.0 ]; then
      for turn in 1 2; do
        echo "CREATE TABLE plain$turn(item, ts, weight, partition);"
        echo "CREATE VIRTUAL TABLE off$turn USING topk_stream(log=off); CREATE VIRTUAL TABLE on$turn USING topk_stream();"
        echo ".timer on"
        for into in empty_vtab plain$turn off$turn on$turn; do
          echo ".print INSERT INTO $into SELECT, $events rows"
          echo "INSERT INTO $into(item, ts) SELECT item, ts FROM src;"
        done
        echo ".timer off"
        echo "DROP TABLE plain$turn; $([ $turn = 1 ] && echo 'DROP TABLE off1; DROP TABLE on1;')"
      done
      echo "ALTER TABLE on2 RENAME TO s;"
    else
      echo "CREATE VIRTUAL TABLE s USING topk_stream(log=off); INSERT INTO s(item, ts) SELECT item, ts FROM src;"
    fi
  } | sqlite3 "$db"
  {
    echo ".load build/release/topk"
    if [ "$s" = 1.0 ]; then
      echo ".print topk('1day', 10): first after opening, then again three times, then exact"
      echo ".timer on"
      for _ in 1 2 3 4; do echo "SELECT count(*) FROM topk('1day', 10, 's', 'fast', 'latest');"; done
      echo "SELECT count(*) FROM topk('1day', 10, 's', 'exact', 'latest');"
      echo ".timer off"
      echo "SELECT 'bytes in memory ' || memory_bytes FROM topk_stats('s');"
      echo "SELECT 'bytes on disk ' || sum(pgsize) || ' without log, ' || (SELECT sum(pgsize) FROM dbstat WHERE name = 's_log') || ' log' FROM dbstat WHERE name IN ('s_pane', 's_part', 's_tail', 's_config', 's_keys');"
    fi
    echo "CREATE TEMP TABLE truth AS SELECT item, count(*) AS n FROM src WHERE ts > (SELECT max(ts) FROM src) - 86400 GROUP BY item;"
    echo "CREATE INDEX temp.by_item ON truth(item);"
    for k in 10 100; do
      echo "SELECT 'Zipf $s: precision@$k ' || ((SELECT count(*) FROM topk('1day', $k, 's', 'fast', 'latest') WHERE item IN (SELECT item FROM truth ORDER BY n DESC, item LIMIT $k)) * 1.0 / $k) || ', average relative error ' || (SELECT round(avg(abs(t.count - g.n) * 1.0 / g.n), 5) FROM topk('1day', $k, 's', 'fast', 'latest') t JOIN truth g USING (item)) || ', bounds broken ' || (SELECT count(*) FROM topk('1day', $k, 's', 'fast', 'latest') t JOIN truth g USING (item) WHERE g.n NOT BETWEEN t.lower AND t.upper);"
    done
    echo "SELECT 'bounds of 2,000 random items: broken ' || sum(g.n NOT BETWEEN t.lower AND t.upper) FROM (SELECT * FROM truth ORDER BY random() LIMIT 2000) g, topk_count('1day', g.item, 's', 'fast', 'latest') t;"
  } | sqlite3 "$db"
done
