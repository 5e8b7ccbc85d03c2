"""The traps that the examples and their README describe are as described.  /usr/bin/python3 traps_test.py LIBRARY"""
import ctypes
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path

library = os.path.abspath(sys.argv[1])
examples = Path(__file__).resolve().parents[3] / "examples"
failures = 0
claims = 0


def claim(text, holds, detail=""):
    global failures, claims
    claims += 1
    if not holds:
        failures += 1
        print(f"FAIL  {text}  {detail}")


folder = Path(tempfile.mkdtemp())

# ---- Python without extension loading: this is what its connections look like

stub = folder / "python/sqlite3"
stub.mkdir(parents=True)
(stub / "__init__.py").write_text("class Connection: pass\ndef connect(database): return Connection()\n")
for script in ("plays.py", "rebuild_progress.py"):
    told = subprocess.run([sys.executable, examples / "python" / script], capture_output=True, text=True,
                          env={**os.environ, "PYTHONPATH": str(stub.parent)})
    claim(f"{script} says what to use instead of a Python without extension loading",
          told.returncode == 1 and "without extension loading" in told.stderr and "/usr/bin/python3" in told.stderr
          and "Traceback" not in told.stderr, told)

# ---- names of the entry point: letters of the file's name, without lib, up to the first dot


def load(path, *entry_point):
    db = sqlite3.connect(":memory:")
    db.enable_load_extension(True)
    try:
        db.execute(f"SELECT load_extension(?{', ?' * len(entry_point)})", (path, *entry_point)).fetchall()
        return db.execute("SELECT topk_version()").fetchone()[0]
    except sqlite3.OperationalError as error:
        return str(error)


version = load(library)
claim("the library loads", re.fullmatch(r"\d+\.\d+\.\d+", version), version)
for name, loads in (("topk-0.1.so", True), ("libtopk.so.0", True), ("topk-x64.so", False), ("mytopk.so", False)):
    copy = str(folder / name)
    shutil.copy(library, copy)
    said = load(copy)
    claim(f"{name} loads: {loads}", said == version if loads else "undefined symbol: sqlite3_" in said, said)
    claim(f"{name} loads with the entry point named", load(copy, "sqlite3_topk_init") == version)

# ---- two copies of SQLite in one process: each with a copy of the library


class Sqlite:
    """A connection in memory of one copy of SQLite, through C."""

    def __init__(self, path):
        self.c = ctypes.CDLL(path)
        self.db = ctypes.c_void_p()
        self.call("sqlite3_open", b":memory:", ctypes.byref(self.db))
        self.call("sqlite3_enable_load_extension", self.db, 1)

    def call(self, name, *arguments):
        code = getattr(self.c, name)(*arguments)
        assert code == 0, (name, code)

    def load(self, path):
        error = ctypes.c_char_p()
        code = self.c.sqlite3_load_extension(self.db, path.encode(), None, ctypes.byref(error))
        return None if code == 0 else error.value.decode()

    def rows(self, sql):
        found = []
        row = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.POINTER(ctypes.c_char_p),
                               ctypes.POINTER(ctypes.c_char_p))(
            lambda _, count, values, __: found.append(tuple(values[i].decode() for i in range(count))) or 0)
        self.call("sqlite3_exec", self.db, sql.encode(), row, None, None)
        return found


with open("/proc/self/maps") as maps:
    loaded = re.search(r"(/\S*libsqlite3\.so\S*)", maps.read())
if loaded:
    second = folder / "second"
    second.mkdir()
    shutil.copy(loaded[1], second / "libsqlite3-second.so")
    shutil.copy(library, second / "topk.so")
    connections = [Sqlite(loaded[1]), Sqlite(str(second / "libsqlite3-second.so"))]
    address = [ctypes.cast(c.c.sqlite3_open, ctypes.c_void_p).value for c in connections]
    claim("there are two copies of SQLite in this process", address[0] != address[1], address)
    loads = [connections[0].load(library), connections[1].load(str(second / "topk.so"))]
    refused = Sqlite(str(second / "libsqlite3-second.so")).load(library)
    claim("one file of the library refuses to serve a second copy of SQLite",
          refused is not None and "two copies of SQLite" in refused, refused)
    claim("each of two copies of SQLite loads a copy of the library", loads == [None, None], loads)
    for turn in range(3):
        for number, connection in enumerate(connections):
            connection.rows(f"INSERT INTO cms_add(item, weight) VALUES ('of {number}', {turn + 1})")
    for number, connection in enumerate(connections):
        found = connection.rows("SELECT item, count, lower, upper FROM topk('1day', 5)")
        claim("each of two copies of SQLite has its own answer", found == [(f"of {number}", "6", "6", "6")], found)
else:
    print("two copies of SQLite: left out, this Python has SQLite inside")

shutil.rmtree(folder)
if failures:
    sys.exit(f"{failures} of {claims} claims failed")
print(f"names, two copies of SQLite, a Python without loading: {claims} claims")
