"""States added up in another SQL engine by the statement of sql/recipes/sums.sql.

    sums_test.py LIBRARY duckdb|postgresql

Random states, cut, with retractions, some empty, some that hide what has little: the engine's rows
must be those of approx_top_k_combine, each of them. DuckDB is @duckdb/node-api, looked for in the
current folder; PostgreSQL is a server of its own in a temporary folder. Prints "ok" and how much was
compared; exits with 77 where the engine is not installed.
"""

import glob
import json
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
ALL = 1 << 20
NOW = 1759999800


def recipe():
    """The statement for other engines, without its LIMIT."""
    text = (ROOT / "sql/recipes/sums.sql").read_text()
    statement = text[text.index("WITH absent AS") :]
    statement = statement[: statement.index(";")]
    assert " LIMIT 3" in statement
    return statement.replace(" LIMIT 3", "")


def states(db, rng):
    """Random states in table shipped(source, state)."""
    db.execute("DROP TABLE IF EXISTS shipped")
    db.execute("CREATE TABLE shipped(source TEXT PRIMARY KEY, state BLOB)")
    distinct = rng.choice([5, 60, 400])
    for source in range(rng.randint(1, 12)):
        db.execute(f"CREATE VIRTUAL TABLE s USING topk_stream(seed={source}, log=off)")
        retracts = rng.random() < 0.5
        rows = [
            (
                f"ítem '{int(distinct ** rng.random())}'",
                NOW - rng.randint(0, 900),
                rng.choice([1, 1, 2, -1, -2] if retracts else [1, 1, 5]),
            )
            for _ in range(rng.choice([0, 3, 100, 1500]))
        ]
        db.execute("BEGIN")
        db.executemany("INSERT INTO s(item, ts, weight) VALUES (?, ?, ?)", rows)
        db.execute("COMMIT")
        entries, least = rng.choice([3, 30, 1000]), rng.choice([None, None, 4])
        db.execute(
            "INSERT INTO shipped SELECT ?, topk_state('1hour', 's', ?, NULL, ?, ?)",
            (f"source {source}", NOW, entries, least),
        )
        db.execute("DROP TABLE s")


def in_duckdb(sets, statement, folder):
    if not Path("node_modules/@duckdb/node-api").exists():
        return None
    (folder / "sets.json").write_text(json.dumps(sets))
    program = """
      const { readFileSync } = require('fs');
      const { DuckDBInstance } = require('@duckdb/node-api');
      (async () => {
        const db = await (await DuckDBInstance.create(':memory:')).connect();
        const out = [];
        for (const set of JSON.parse(readFileSync(process.argv[1], 'utf8'))) {
          await db.run('CREATE OR REPLACE TABLE demo_rows(source TEXT, item TEXT, lower BIGINT, upper BIGINT)');
          const text = (x) => x === null ? 'NULL' : typeof x === 'number' ? `${x}` : `'${x.replaceAll("'", "''")}'`;
          await db.run('INSERT INTO demo_rows VALUES ' + set.map((r) => `(${r.map(text)})`).join(','));
          const reader = await db.runAndReadAll(process.argv[2]);
          out.push(reader.getRows().map(([item, lower, upper]) => [item, Number(lower), Number(upper)]));
        }
        console.log(JSON.stringify(out));
      })();
    """
    done = subprocess.run(
        ["node", "-e", program, folder / "sets.json", statement],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "NODE_PATH": str(Path("node_modules").resolve())},
    )
    if done.returncode != 0:
        sys.exit(done.stderr)
    return json.loads(done.stdout)


def in_postgresql(sets, statement, folder):
    found = sorted(glob.glob("/usr/lib/postgresql/*/bin/initdb"))
    if not found:
        return None
    bin_folder = Path(found[-1]).parent
    as_user = []
    if os.geteuid() == 0:  # the server refuses to run as root
        as_user = ["runuser", "-u", "postgres", "--"]
        shutil.chown(folder, "postgres")
    data = folder / "data"

    def run(*command, **options):
        done = subprocess.run(
            [*as_user, *map(str, command)],
            text=True,
            check=False,
            cwd=folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            **options,
        )
        if done.returncode != 0:
            sys.exit(f"{command}: {done.stdout}")
        return done.stdout

    run(bin_folder / "initdb", "-D", data, "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
    server = f"-c listen_addresses='' -c unix_socket_directories='{folder}' -c fsync=off"
    run(bin_folder / "pg_ctl", "-D", data, "-w", "-l", folder / "log", "-o", server, "start")
    try:
        out = []
        for rows in sets:
            script = "CREATE TEMP TABLE demo_rows(source TEXT, item TEXT, lower BIGINT, upper BIGINT);\n"
            script += "COPY demo_rows FROM STDIN;\n"
            for row in rows:
                script += "\t".join("\\N" if x is None else str(x) for x in row) + "\n"
            script += "\\.\n" + statement + ";\n"
            shown = run("psql", "-h", folder, "-d", "postgres", "-qAtX", "-F", "\t", input=script)
            answer = [line.split("\t") for line in shown.splitlines()]
            out.append([[item, int(lower), int(upper)] for item, lower, upper in answer])
        return out
    finally:
        run(bin_folder / "pg_ctl", "-D", data, "-m", "immediate", "stop")


def main():
    library, engine = sys.argv[1:]
    db = sqlite3.connect(":memory:", isolation_level=None)
    db.enable_load_extension(True)
    db.load_extension(str(Path(library).with_suffix("")))
    rng = random.Random(18)
    sets, wanted = [], []
    for _ in range(40):
        states(db, rng)
        sets.append(
            db.execute(
                "SELECT source, item, signed_lower, signed_upper FROM shipped, topk_each(state, ?)",
                (ALL,),
            ).fetchall()
        )
        wanted.append(
            db.execute(
                "SELECT item, lower, upper FROM topk_each((SELECT approx_top_k_combine(state, ?) "
                "FROM shipped), ?) WHERE item IS NOT NULL AND upper > 0",
                (ALL, ALL),
            ).fetchall()
        )
    with tempfile.TemporaryDirectory() as name:
        engines = {"duckdb": in_duckdb, "postgresql": in_postgresql}
        got = engines[engine](sets, recipe(), Path(name))
    if got is None:
        print(f"{engine} is not installed")
        return 77
    rows = open_rows = 0
    for theirs, ours in zip(got, wanted):
        if sorted(map(tuple, theirs)) != sorted(ours):
            sys.exit(f"{engine}: {sorted(map(tuple, theirs))[:5]}... instead of {sorted(ours)[:5]}...")
        rows += len(ours)
        open_rows += sum(lower < upper for _, lower, upper in ours)
    if rows < 1000 or open_rows < 200 or len(got) != len(wanted):
        sys.exit(f"only {rows} rows, {open_rows} with room between their bounds")
    print(f"ok: {len(got)} sets of states, {rows} rows, {open_rows} of them with lower < upper")
    return 0


if __name__ == "__main__":
    sys.exit(main())
