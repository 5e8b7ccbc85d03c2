#!/usr/bin/env python3
"""Breaks one guarantee at a time, and requires that its test fails.

    tests/property/mutations.py                all of tests/property/mutations.txt
    tests/property/mutations.py --check        only that each text to replace is there, once
    tests/property/mutations.py --share        those in a .cpp that topk_unit_tests alone notices:
                                               a minute or so
    tests/property/mutations.py NAME...        these guarantees

Works on a copy of the tree in build/mutations. Each test must pass before anything is broken. A
mutation whose text is missing or there twice, that does not compile, or that no test notices is an
error. Ends with one line: "mutations: N broken, N noticed".
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SCRATCH = ROOT / "build" / "mutations"
COPIED = ("CMakeLists.txt", "CHANGELOG.md", "LICENSE", "extension", "sql", "tests")
TIMEOUT = 300  # seconds of one test


class Mutation:
    """One entry of mutations.txt: what to replace by what, and the command that must fail."""

    def __init__(self, name):
        self.name = name
        self.what = self.file = ""
        self.red = []
        self.old, self.new = [], []

    def places(self, root):
        """The files with the old text, each as often as it has it: one, if all is well.

        White space does not count: a formatter may break a line elsewhere.
        """
        files = root / self.file
        files = [files] if files.is_file() else sorted(files.rglob("*.?pp"))
        return [file for file in files for _ in self.pattern().finditer(file.read_text())]

    def pattern(self):
        tokens = re.findall(r"\w+|[^\w\s]", "\n".join(self.old))
        pattern = ""
        for before, token in zip([""] + tokens, tokens):
            both_words = re.match(r"\w", before) and re.match(r"\w", token)
            pattern += (r"\s+" if both_words else r"\s*") + re.escape(token)
        return re.compile(pattern.removeprefix(r"\s*"))

    def programs(self):
        return sorted({red.split(" ")[0] for red in self.red})

    def is_cheap(self):
        return self.file.endswith(".cpp") and self.programs() == ["topk_unit_tests"]

    def replaced(self, text):
        return self.pattern().sub(lambda _: "\n".join(self.new), text)


def read_mutations(path):
    """The entries of the list. mutations.txt opens with its grammar."""
    mutations = []
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if line.startswith("#") or not line.strip():
            continue
        if line.startswith("["):
            mutations.append(Mutation(line.strip("[]")))
            continue
        word, _, rest = line.partition(" ")
        one = mutations[-1]
        if word == "break":
            one.what = rest.strip()
        elif word == "file":
            one.file = rest.strip()
        elif word == "red":
            one.red.append(rest.strip())
        elif word == "-":
            one.old.append(rest)
        elif word == "+":
            one.new.append(rest)
        else:
            sys.exit(f"{path}:{number}: expected break, file, red, - or +: {line}")
    for one in mutations:
        if not (one.what and one.file and one.red and one.old):
            sys.exit(f"{path}: [{one.name}] lacks its break, file, red or - line")
    return mutations


def unfit(mutations):
    """Those that do not apply to the tree as it is."""
    bad = []
    for one in mutations:
        found = one.places(ROOT)
        if len(found) != 1:
            bad.append(one)
            print(f"{one.name}: {one.file} has {len(found)} places, not one, that read")
            print("    " + "\n    ".join(one.old))
    return bad


def copy_tree(target):
    """Copies what has changed, so that a second run builds little."""
    kept = set()
    for top in COPIED:
        source = ROOT / top
        files = [source] if source.is_file() else [f for f in source.rglob("*") if f.is_file()]
        for file in files:
            copy = target / file.relative_to(ROOT)
            kept.add(copy)
            if copy.exists() and copy.read_bytes() == file.read_bytes():
                continue
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(file, copy)
    for file in [f for f in target.rglob("*") if f.is_file()]:
        if file not in kept:
            file.unlink()


class Tree:
    """The copy and its build."""

    def __init__(self, targets):
        self.source = SCRATCH / "tree"
        self.build = SCRATCH / "build"
        self.jobs = os.environ.get("TOPK_JOBS", str(os.cpu_count()))
        copy_tree(self.source)
        self.run(
            ["cmake", "-S", self.source, "-B", self.build, "-G", "Ninja",
             "-DCMAKE_CXX_FLAGS=-O0 -w -DNDEBUG", "-DCMAKE_BUILD_TYPE=None",
             "-DTOPK_BUILD_TESTS=ON", "-DTOPK_LEAN_BUILD=ON"],
            "cmake failed")
        self.run(self.ninja(targets), "the unbroken tree does not build")

    def ninja(self, targets):
        return ["ninja", "-C", self.build, "-j", self.jobs, *targets]

    @staticmethod
    def run(command, complaint):
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if done.returncode != 0:
            print(done.stdout[-4000:])
            sys.exit(f"mutations: {complaint}")

    def test(self, red):
        """'passes', 'fails' or 'hangs': the command of a red line, a program of the build first."""
        program, arguments = red.split(" ", 1)
        arguments = re.findall(r'"[^"]*"|\S+', arguments)
        found = [f for f in (self.build / "tests").rglob(program) if f.is_file()]
        command = [str(found[0]), *(a.strip('"') for a in arguments)]
        if program != "topk_sql_script":
            command += ["--abort", "--warn", "NoTests"]  # a name with a comma is two of no test
        try:
            done = subprocess.run(command, cwd=self.source, capture_output=True, timeout=TIMEOUT)
        except subprocess.TimeoutExpired:
            return "hangs"
        return "passes" if done.returncode == 0 else "fails"

    def verdict(self, one):
        file = one.places(self.source)[0]
        sound = file.read_text()
        file.write_text(one.replaced(sound))
        try:
            if subprocess.run(self.ninja(one.programs()), capture_output=True).returncode != 0:
                return "DOES NOT COMPILE"
            outcomes = {red: self.test(red) for red in one.red}
        finally:
            file.write_text(sound)
        unnoticed = [red for red, outcome in outcomes.items() if outcome != "fails"]
        return "noticed" if not unnoticed else "NOT NOTICED by " + ", ".join(unnoticed)


def main(arguments):
    mutations = read_mutations(Path(__file__).with_suffix(".txt"))
    known = {one.name for one in mutations}
    names = [a for a in arguments if not a.startswith("-")]
    for name in names:
        if name not in known:
            sys.exit(f"mutations: no guarantee '{name}' in mutations.txt")
    if unfit(mutations):
        sys.exit("mutations: some do not apply: give them the text that is there now")
    if "--check" in arguments:
        print(f"mutations: all {len(mutations)} apply")
        return

    chosen = [one for one in mutations if not names or one.name in names]
    if "--share" in arguments:
        chosen = [one for one in chosen if one.is_cheap()]
    reds = sorted({red for one in chosen for red in one.red})
    tree = Tree(sorted({program for one in chosen for program in one.programs()}))
    for red in reds:
        if tree.test(red) != "passes":
            sys.exit(f"mutations: {red} does not pass in the unbroken tree")
    noticed = 0
    for one in chosen:
        verdict = tree.verdict(one)
        noticed += verdict == "noticed"
        print(f"{one.name}: {one.what}: {verdict}", flush=True)
    print(f"mutations: {len(chosen)} broken, {noticed} noticed")
    sys.exit(0 if noticed == len(chosen) else 1)


main(sys.argv[1:])
