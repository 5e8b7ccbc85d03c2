#!/usr/bin/env python3
"""What exact answers about a content= table cost if its times are texts, compared with numbers and GROUP BY.

    tests/bench/text_times.py LIBRARY [ROWS]      LIBRARY: build/release/topk; 200,000 rows of one day

In one run of the sqlite3 shell, each statement twice, in turn. Prints CPU milliseconds a question.
"""

import re
import subprocess
import sys

LIBRARY = sys.argv[1]
ROWS = int(sys.argv[2]) if len(sys.argv) > 2 else 200_000
WINDOWS = (("1min", 60, 300), ("1hour", 3600, 60), ("1day", 86_400, 3))  # name, seconds, questions

SETUP = f"""
.load {LIBRARY}
CREATE TABLE n(item, at);
CREATE TABLE t(item, at);
INSERT INTO n SELECT 'item' || ((value * value * 7) % 5000), 1763632800 + value * 86400.0 / {ROWS}
  FROM generate_series(1, {ROWS});
INSERT INTO t SELECT item, strftime('%Y-%m-%d %H:%M:%f', at, 'unixepoch') FROM n;
CREATE INDEX n_at ON n(at);
CREATE INDEX t_at ON t(at);
CREATE VIRTUAL TABLE numbers USING topk_stream(content='n', item='item', ts='at', retain='30 days');
CREATE VIRTUAL TABLE texts USING topk_stream(content='t', item='item', ts='at', retain='30 days');
INSERT INTO numbers(numbers) VALUES('track');
INSERT INTO texts(texts) VALUES('track');
"""


def exact(stream, window, count):
    # The k depends on the row, so that each row asks.
    return (f"SELECT count(*) FROM generate_series(1, {count}) g, "
            f"topk('{window}', 10 + g.value * 0, '{stream}', 'exact', 'latest')")


def group_by(seconds, count):
    since = (f"strftime('%Y-%m-%d %H:%M:%f', (SELECT max(at) FROM n) - {seconds} + g.value * 1e-9, "
             "'unixepoch')")
    return (f"SELECT sum((SELECT sum(c) FROM (SELECT item, count(*) AS c FROM t WHERE at > {since} "
            f"GROUP BY item ORDER BY c DESC LIMIT 10))) FROM generate_series(1, {count}) g")


def main():
    runs = []
    for window, seconds, count in WINDOWS:
        turn = [(f"{window}: exact, text times", exact("texts", window, count), count),
                (f"{window}: exact, numbers", exact("numbers", window, count), count),
                (f"{window}: GROUP BY, text times", group_by(seconds, count), count)]
        runs += turn * 2
    for command in ("rebuild", "integrity-check"):
        turn = [(f"{command}, {stream}", f"INSERT INTO {stream}({stream}) VALUES('{command}')", 1)
                for stream in ("texts", "numbers")]
        runs += turn * 2
    script = SETUP + "".join(f".timer on\n{sql};\n.timer off\n" for _, sql, _ in runs)
    done = subprocess.run(["sqlite3", ":memory:"], input=script, capture_output=True, text=True)
    if done.stderr:
        sys.exit(done.stderr)
    times = re.findall(r"^Run Time: real \S+ user (\S+) sys (\S+)", done.stdout, re.M)
    if len(times) != len(runs):
        sys.exit(f"{len(times)} times of {len(runs)} statements:\n{done.stdout}")
    costs = {}
    for (name, _, count), (user, system) in zip(runs, times):
        costs.setdefault(name, []).append((float(user) + float(system)) / count * 1000)
    for name, each in costs.items():
        print(f"{name:28} " + "  ".join(f"{one:9.3f} ms" for one in each))


main()
