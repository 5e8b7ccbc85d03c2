"""Draws the README's chart from a run: what the top 10 of a day costs as the day's events grow.

    /usr/bin/python3 tests/bench/chart.py                       10 million events, some minutes
    /usr/bin/python3 tests/bench/chart.py --most 100000 --out chart.svg

Each size is a file of its own, in WAL mode: a table of events with an index, and a stream of the
same events without a log. The items follow Zipf's law, 1 million of them. A point of topk is the
median cost of the query, each after the commit of another event; one of GROUP BY the median of
three. CPU time.
"""
import argparse
import platform
import sqlite3
import statistics
import tempfile
import time
from math import ceil, floor, log10
from pathlib import Path

root = Path(__file__).resolve().parents[2]
DAY = 86_400
START = 1_763_596_800
EVENTS = f"""
    WITH RECURSIVE n(i, x) AS (
      SELECT 1, 48271 UNION ALL SELECT i + 1, x * 48271 % 2147483647 FROM n WHERE i < :events)
    SELECT printf('item%011d', pow(1e6, x / 2147483647.0)), {START} + i * {DAY} / :events FROM n"""
FAST = "SELECT * FROM topk('1day', 10, 'stream', 'fast', 'latest')"
GROUP_BY = f"""SELECT item, count(*) AS n FROM events INDEXED BY by_item WHERE ts > {START}
               GROUP BY item ORDER BY n DESC, item LIMIT 10"""


def cost(db, sql):
    start = time.process_time()
    db.execute(sql).fetchall()
    return time.process_time() - start


def measure(library, events, folder):
    """The costs of topk and of GROUP BY, in seconds of CPU."""
    db = sqlite3.connect(Path(folder) / f"{events}.db", isolation_level=None)
    db.enable_load_extension(True)
    db.load_extension(library)
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = NORMAL")
    db.execute("PRAGMA cache_size = -262144")
    db.execute("CREATE TABLE events(item TEXT, ts INTEGER)")
    db.execute("CREATE VIRTUAL TABLE stream USING topk_stream(log=off, seed=1)")
    db.execute(f"INSERT INTO events {EVENTS}", {"events": events})
    db.execute("CREATE INDEX by_item ON events(item, ts)")
    db.execute("INSERT INTO stream(item, ts) SELECT item, ts FROM events")
    exact = statistics.median(cost(db, GROUP_BY) for _ in range(3))
    fast = []
    for i in range(1000):
        db.execute("INSERT INTO stream(item, ts) VALUES ('item00000000007', ?)", (START + DAY + i // 10,))
        fast.append(cost(db, FAST))
    db.close()
    return statistics.median(fast), exact


# ---- the picture: both axes logarithmic

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM, INSET = 760, 380, 70, 130, 56, 58, 40
STYLE = """
  text { font: 13px system-ui, sans-serif; fill: #24292f }
  .title { font-size: 16px; font-weight: 600 } .small { font-size: 11px; fill: #57606a }
  .grid { stroke: #d0d7de } .fast { stroke: #0969da } .exact { stroke: #bc4c00 }
  .line { fill: none; stroke-width: 2.5 } .dot { fill: #fff; stroke-width: 2.5 }
  text.fast, text.exact { stroke: none; font-weight: 600 }
  text.fast { fill: #0969da } text.exact { fill: #bc4c00 }
  .back { fill: #fff }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 } .small { fill: #9198a1 } .grid { stroke: #3d444d } .back, .dot { fill: #0d1117 }
    .fast { stroke: #4493f8 } .exact { stroke: #f0883e }
    text.fast { fill: #4493f8 } text.exact { fill: #f0883e }
  }"""


def shown(seconds):
    for unit, size in (("s", 1), ("ms", 1e-3)):
        if seconds >= size:
            return f"{seconds / size:.0f} {unit}" if seconds >= 9.95 * size else f"{seconds / size:.2g} {unit}"
    return f"{seconds * 1e6:.0f} µs"


def draw(points):
    """points: (events, seconds of topk, seconds of GROUP BY), in rising order."""
    low = floor(log10(min(min(fast, exact) for _, fast, exact in points)))
    high = ceil(log10(max(max(fast, exact) for _, fast, exact in points)))
    first, last = log10(points[0][0]), log10(points[-1][0])

    def x(events):
        return LEFT + INSET + (log10(events) - first) / max(last - first, 1) * (WIDTH - LEFT - RIGHT - INSET)

    def y(seconds):
        return HEIGHT - BOTTOM - (log10(seconds) - low) / (high - low) * (HEIGHT - TOP - BOTTOM)

    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img">',
           "<title>Cost of the top 10 of a day, as the events in the day grow</title>",
           f"<style>{STYLE}\n</style>", f'<rect class="back" width="{WIDTH}" height="{HEIGHT}"/>',
           f'<text class="title" x="{LEFT}" y="28">The top 10 of a day: cost of one query</text>']
    for power in range(low, high + 1):
        at = y(10 ** power)
        out.append(f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{at:.0f}" y2="{at:.0f}"/>'
                   f'<text class="small" x="{LEFT - 8}" y="{at + 4:.0f}" text-anchor="end">{shown(10 ** power)}</text>')
    for events, _, _ in points:
        out.append(f'<text class="small" x="{x(events):.0f}" y="{HEIGHT - BOTTOM + 20}" '
                   f'text-anchor="middle">{events:,}</text>')
    out.append(f'<text class="small" x="{(LEFT + WIDTH - RIGHT) / 2:.0f}" y="{HEIGHT - 14}" text-anchor="middle">'
               f"events in the day · CPU time, SQLite {sqlite3.sqlite_version}, {platform.machine()}, "
               "both axes logarithmic</text>")
    for name, label, column in (("exact", "GROUP BY", 2), ("fast", "topk", 1)):
        spots = [(x(point[0]), y(point[column])) for point in points]
        out.append(f'<polyline class="line {name}" points="{" ".join(f"{a:.0f},{b:.0f}" for a, b in spots)}"/>')
        for (a, b), point in zip(spots, points):
            out.append(f'<circle class="dot {name}" cx="{a:.0f}" cy="{b:.0f}" r="4"/>'
                       f'<text x="{a:.0f}" y="{b - 12:.0f}" text-anchor="middle">{shown(point[column])}</text>')
        out.append(f'<text class="{name}" x="{spots[-1][0] + 28:.0f}" y="{spots[-1][1] + 4:.0f}">{label}</text>')
    return "\n".join(out + ["</svg>"]) + "\n"


def main():
    parser = argparse.ArgumentParser(description="Draws what the top 10 of a day costs, as its events grow.")
    parser.add_argument("--library", default=root / "build/release/topk.so")
    parser.add_argument("--most", type=int, default=10_000_000, help="events of the largest day")
    parser.add_argument("--out", default=root / "sql/guide/growth.svg")
    options = parser.parse_args()
    points = []
    events = 10_000
    while events <= options.most:
        with tempfile.TemporaryDirectory() as folder:
            points.append((events, *measure(str(options.library), events, folder)))
        print("{:,} events: topk {}, GROUP BY {}".format(events, *map(shown, points[-1][1:])), flush=True)
        events *= 10
    Path(options.out).write_text(draw(points), encoding="utf-8")


if __name__ == "__main__":
    main()
