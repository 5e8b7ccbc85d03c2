"""examples/python/rebuild_progress.py: the bar, and Ctrl-C.  /usr/bin/python3 rebuild_progress_test.py LIBRARY"""
import hashlib
import importlib.util
import os
import pty
import select
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

library = os.path.abspath(sys.argv[1])
script = Path(__file__).resolve().parents[3] / "examples/python/rebuild_progress.py"
failures = 0
claims = 0


def claim(text, holds, detail=""):
    global failures, claims
    claims += 1
    if not holds:
        failures += 1
        print(f"FAIL  {text}  {detail}")


def connect(database):
    db = sqlite3.connect(database)
    db.enable_load_extension(True)
    db.load_extension(library)
    return db


def fill(database, events):
    db = connect(database)
    db.execute("CREATE VIRTUAL TABLE plays USING topk_stream(retain='30 days')")
    with db:
        db.execute("WITH RECURSIVE n(i) AS (VALUES (0) UNION ALL SELECT i + 1 FROM n LIMIT ?) "
                   "INSERT INTO plays(item, ts) SELECT 'song ' || i * 7919 % (1 + i % 997), 1714564800 + i FROM n",
                   (events,))
    db.close()


def stored(database):
    """A digest of the shadow tables, read without the extension."""
    digest = hashlib.sha256()
    db = sqlite3.connect(database)
    for (table,) in db.execute("SELECT name FROM sqlite_schema WHERE name GLOB 'plays_*' ORDER BY name").fetchall():
        for row in db.execute(f"SELECT * FROM {table}"):
            digest.update(repr((table, row)).encode())
    db.close()
    return digest.hexdigest()


def top(db, mode):
    return db.execute("SELECT item, count FROM topk('30days', 20, 'plays', ?, 'latest')", (mode,)).fetchall()


def percents(text):
    return [int(word) for word in text.replace("%", " ").split() if word.isdigit()]


def run_piped(database, interrupt):
    """No terminal: lines. With interrupt, SIGINT once the first line has come."""
    child = subprocess.Popen([sys.executable, script, "--library", library, database], text=True,
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    first = child.stderr.readline()
    if interrupt:
        child.send_signal(signal.SIGINT)
    out, err = child.communicate(timeout=300)
    return child.returncode, out, first + err


def run_in_terminal(database, interrupt):
    """With a terminal: a bar. With interrupt, the key Ctrl-C once a tenth is done."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.execv(sys.executable, [sys.executable, str(script), "--library", library, database])
    text = ""
    while True:
        ready, _, _ = select.select([terminal], [], [], 300)
        try:
            chunk = os.read(terminal, 4096) if ready else b""
        except OSError:  # how Linux says that the other end is closed
            chunk = b""
        if not chunk:
            break
        text += chunk.decode()
        if interrupt and "[####" in text:
            os.write(terminal, b"\x03")
            interrupt = False
    os.close(terminal)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), text, text


folder = tempfile.TemporaryDirectory()
database = os.path.join(folder.name, "plays.db")
events = 1_000_000
fill(database, events)
before = stored(database)

# A rebuild may be over before the signal is there, on a busy machine: then again, with a stream of twice the length.
for kind, run in (("SIGINT", run_piped), ("Ctrl-C in a terminal", run_in_terminal)):
    for attempt in range(5):
        code, out, shown = run(database, True)
        if code != 0:
            break
        database = os.path.join(folder.name, f"{kind} {attempt}.db")
        events *= 2
        fill(database, events)
        before = stored(database)
    claim(f"{kind} stops the rebuild", code == 130, (code, out))
    claim(f"{kind} is answered in words", "is as it was before" in out and "Traceback" not in shown, (out, shown))
    claim(f"{kind} came before the end", "100 %" not in shown, shown)
    claim(f"{kind} leaves every stored row as it was", stored(database) == before)

code, out, shown = run_piped(database, False)
claim("without a terminal: a line for each tenth", percents(shown) == list(range(0, 101, 10)), shown)
claim("the rebuild is reported", code == 0 and "Rebuilt plays in" in out, (code, out))
rebuilt = stored(database)
claim("a complete rebuild rewrites the stream, so an interrupted one would be seen", rebuilt != before)
code, _, shown = run_in_terminal(database, False)
bar = percents(shown.split("Rebuilt")[0].replace("#", " ").replace(".", " ").replace("[", " ").replace("]", " "))
claim("in a terminal: a bar that only grows", code == 0 and bar == sorted(bar) and len(bar) > 20 and bar[-1] == 100, shown)
claim("the bar is drawn over itself", shown.count("\r[") > 20 and "[" + 40 * "#" + "]" in shown, shown)

# The estimate behind the bar.
spec = importlib.util.spec_from_file_location("rebuild_progress", script)
example = importlib.util.module_from_spec(spec)
spec.loader.exec_module(example)
db = connect(database)
fractions = []
claim("rebuild() says that it is complete", example.rebuild(db, "plays", fractions.append) is True)
claim("the estimate ends near 100 %", 0.9 <= fractions[-1] <= 1.1, fractions[-1:])
claim("approximate and exact agree after a rebuild", top(db, "hybrid") == top(db, "exact") != [])
db.execute("INSERT INTO plays(plays) VALUES ('integrity-check')")
db.commit()

# sqlite3_interrupt from another thread, which is not waited for and meets the rebuild where it likes.
before = stored(database)
stopped = 0
for _ in range(5):
    under_way = threading.Event()
    db.set_progress_handler(lambda: under_way.set(), 100)
    thread = threading.Thread(target=lambda: (under_way.wait(300), db.interrupt()))
    thread.start()
    try:
        db.execute("INSERT INTO plays(plays) VALUES ('rebuild')")
        db.rollback()  # it was too late
    except sqlite3.OperationalError as error:
        stopped += 1
        claim("an interrupted rebuild says so", "interrupted" in str(error), error)
        db.rollback()
    thread.join()
    db.set_progress_handler(None, 0)
    claim("sqlite3_interrupt leaves every stored row as it was", stored(database) == before)
claim("sqlite3_interrupt stopped a rebuild", stopped > 0)
db.close()

if failures:
    sys.exit(f"{failures} of {claims} claims failed")
print(f"the bar and Ctrl-C, {claims} claims on {events:,} events")
