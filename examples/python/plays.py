"""The top 5 songs of the last hour, from Python.

    /usr/bin/python3 examples/python/plays.py [topk.so [database]]

Trap: not every Python can load extensions. Debian's /usr/bin/python3 can; those of pyenv and of
python.org for macOS cannot, unless they were built with --enable-loadable-sqlite-extensions.
"""
import sqlite3
import sys
from pathlib import Path

library = sys.argv[1] if len(sys.argv) > 1 else str(Path(__file__).resolve().parents[2] / "build/release/topk.so")
database = sys.argv[2] if len(sys.argv) > 2 else ":memory:"

db = sqlite3.connect(database)
if not hasattr(db, "enable_load_extension"):
    sys.exit(f"{sys.executable} was built without extension loading: use /usr/bin/python3, "
             "or the packages pysqlite3-binary or apsw")
db.enable_load_extension(True)
db.load_extension(library)
db.enable_load_extension(False)  # so that no SQL can load another one

songs = ["Take Five", "So What", "Naima", "Blue Train", "Footprints"]
noon = 1714564800  # 2024-05-01 12:00:00 UTC
db.execute("CREATE VIRTUAL TABLE plays USING topk_stream(k=100)")
with db:  # one transaction: a commit per event would be slow in a file
    db.executemany("INSERT INTO plays(item, ts) VALUES (?, ?)",
                   ((songs[min(i % 5, i % 7)], noon + i) for i in range(7000)))

# 'latest': as of the newest event; without it, as of now.
for rank, song, count, lower, upper in db.execute(
        "SELECT rank, item, count, lower, upper FROM topk('1hour', 5, 'plays', 'fast', 'latest')"):
    print(f"{rank}. {song}: {count} plays, between {lower} and {upper}")
