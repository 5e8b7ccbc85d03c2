"""A progress bar over 'rebuild', and a Ctrl-C that leaves the stream as it was.

    /usr/bin/python3 examples/python/rebuild_progress.py [--library topk.so] [database stream]

Without a database: a stream of 500,000 events in memory. A terminal shows a bar, anything else a
line for each tenth.

Trap: Python handles Ctrl-C between two of its own instructions, and a rebuild is one long call into
C. The progress handler gives Python a turn: without one, Ctrl-C waits for the end of the rebuild.
"""
import argparse
import signal
import sqlite3
import sys
import time
from pathlib import Path

# A rebuild reads the log twice, for the newest time and to count. Between events SQLite executes some
# instructions, so that this handler gets its turns.
INSTRUCTIONS_PER_EVENT = 0.138
INSTRUCTIONS_PER_CALL = 100


def rebuild(db, stream, show):
    """Rebuilds the stream, calling show(fraction) as it goes on. False if Ctrl-C stopped it."""
    events = db.execute("SELECT log_rows FROM topk_stats(?)", (stream,)).fetchone()[0]
    calls = 0
    stop = False

    def on_ctrl_c(_signal, _frame):
        nonlocal stop
        stop = True

    def on_progress():
        nonlocal calls
        calls += 1
        show(calls * INSTRUCTIONS_PER_CALL / (max(events, 1) * INSTRUCTIONS_PER_EVENT))
        return stop  # anything but 0 stops the statement

    previous = signal.signal(signal.SIGINT, on_ctrl_c)
    db.set_progress_handler(on_progress, INSTRUCTIONS_PER_CALL)
    try:
        with db:  # commits, or rolls back if it fails
            name = '"' + stream.replace('"', '""') + '"'
            db.execute(f"INSERT INTO {name}({name}) VALUES ('rebuild')")
    except sqlite3.OperationalError:
        if not stop:
            raise
        return False
    finally:
        db.set_progress_handler(None, 0)
        signal.signal(signal.SIGINT, previous)
    return True


class Bar:
    """Draws the share that is done: an estimate, so only finish() draws 100 %."""

    def __init__(self, out):
        self.out = out
        self.percent = -1

    def show(self, fraction):
        self.draw(min(int(fraction * 100), 99))

    def draw(self, percent):
        if self.out.isatty():
            if percent > self.percent:
                done = percent * 40 // 100
                self.out.write(f"\r[{'#' * done}{'.' * (40 - done)}] {percent:3} %")
                self.percent = percent
        elif percent // 10 > self.percent // 10:
            self.out.write(f"{percent // 10 * 10} %\n")
            self.percent = percent
        self.out.flush()

    def finish(self, is_complete):
        if is_complete:
            self.draw(100)
        if self.out.isatty():
            self.out.write("\n")


def make_demo(db):
    print("Making a stream of 500,000 events")
    db.execute("CREATE VIRTUAL TABLE plays USING topk_stream(retain='30 days')")
    with db:
        db.execute("INSERT INTO plays(item, ts) "
                   "SELECT 'song ' || abs(random()) % (1 + abs(random()) % 1000), 1714564800 + value "
                   "FROM (WITH RECURSIVE n(value) AS (VALUES (0) UNION ALL SELECT value + 1 FROM n LIMIT 500000) "
                   "SELECT value FROM n)")


def main():
    parser = argparse.ArgumentParser(description="Rebuilds a stream, with a progress bar.")
    parser.add_argument("--library", default=Path(__file__).resolve().parents[2] / "build/release/topk.so")
    parser.add_argument("database", nargs="?")
    parser.add_argument("stream", nargs="?", default="plays")
    options = parser.parse_args()

    db = sqlite3.connect(options.database or ":memory:")
    if not hasattr(db, "enable_load_extension"):
        sys.exit(f"{sys.executable} was built without extension loading: use /usr/bin/python3")
    db.enable_load_extension(True)
    db.load_extension(str(options.library))
    db.enable_load_extension(False)
    if options.database is None:
        make_demo(db)

    bar = Bar(sys.stderr)
    start = time.monotonic()
    is_complete = rebuild(db, options.stream, bar.show)
    bar.finish(is_complete)
    if not is_complete:
        print(f"Stopped. Stream {options.stream} is as it was before.")
        sys.exit(130)
    print(f"Rebuilt {options.stream} in {time.monotonic() - start:.1f} s")


if __name__ == "__main__":
    main()
