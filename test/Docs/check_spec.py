"""Holds the reference to what it says: check_spec.py AWGC ROOT FOLDER.

A rule is a paragraph that begins with its label, `**[topic.name.1]**`, and ends with the line `Tests:` and paths of tests: at least one
that accepts, or runs, and one that refuses, or rejects, unless a line `Refused: nothing, WHY.` or `Accepted: nothing, WHY.` follows. Labels
are unique, the tests are there, every kind of diagnostic is in some rule. What a test shows is told by its commands: one that runs a
tool or a program accepts, one that is to fail with 1, or an error that is expected, refuses; whole programs not called `fail-` run
before they fail. Tests in C++ are taken on trust for both. A block marked `awg` is a program that runs, or whose
tests pass, and prints what a block marked `text` says right behind it; one marked `awg refused KIND` is refused with that
kind alone, in words that begin as such a block says. The README's programs are held to the same.
"""

import pathlib
import re
import subprocess
import sys

command, root, folder = sys.argv[1].split(), pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3])
failures, labels, rules = [], set(), []

TOOL = re.compile(r"%awgc|%awg-opt|%python|%awg_build/bin/|^\s*(env( \S+=\S+)* )?%t")
FAILS = re.compile(r"^\s*(env( \S+=\S+)* )?not |exit_code\.py 1 ")
MISUSES = re.compile(r"exit_code\.py [2-9]")
EXPECTED = re.compile(r"[A-Z0-9]: .*error: |expected-error")


def shows(path):
    """What a test shows, as far as its commands and expectations tell: "Accepted", "Refused"."""
    if path.suffix == ".cpp":
        return {"Accepted", "Refused"}
    text = path.read_text()
    lines = re.findall(r"RUN: (.*)", re.sub(r"\\\n.*RUN: ", "", text))
    commands = [part for line in lines for part in re.split(r"\||&&|;", line) if TOOL.search(part)]
    isProgram = "programs" in path.parts and not path.name.startswith("fail-")
    accepts = isProgram or any(not FAILS.search(part) and not MISUSES.search(part) for part in commands)
    refuses = any(FAILS.search(part) for part in commands) or EXPECTED.search(text)
    return ({"Accepted"} if accepts else set()) | ({"Refused"} if refuses else set())


def check_kinds(label, paths, nothing):
    shown = set().union(*(shows(root / path) for path in paths if (root / path).is_file()))
    for word in ("Accepted", "Refused"):
        if (word in shown) == (word == nothing):
            failures.append(f"{label}: " + (f"`{word}: nothing`, but a test shows something" if nothing == word
                                            else f"no test of what is {word.lower()}, and no `{word}: nothing, WHY.`"))


def check_rule(page, paragraph):
    label = re.match(r"\*\*\[([a-z]+\.[a-z]+\.\d+)\]\*\* ", paragraph)
    text, marker, tests = paragraph.partition("\nTests: ")
    tests, _, nothing = tests.partition("\n") if re.search(r"\n(Refused|Accepted): ", tests) else (tests, "", "")
    reason = re.fullmatch(r"(Refused|Accepted): nothing, [^\n]+\.", nothing)
    if not label or not marker:
        failures.append(f"{page}: no label or no tests: {paragraph[:60]}")
        return
    if label[1] in labels:
        failures.append(f"{page}: two rules are called {label[1]}")
    labels.add(label[1])
    rules.append(text)
    paths = re.findall(r"`([^`]+)`", tests)
    if not paths or re.sub(r"`[^`]+`|\s", "", tests):
        failures.append(f"{label[1]}: the tests are paths in backquotes, with spaces between")
    if nothing and not reason:
        failures.append(f"{label[1]}: behind the tests stands `Refused: nothing, WHY.` or nothing: {nothing}")
    check_kinds(label[1], paths, reason and reason[1])
    for path in paths:
        if not path.startswith("test/") or not (root / path).is_file():
            failures.append(f"{label[1]}: there is no test {path}")


def check_program(page, line, marks, program, output):
    path = folder / f"{page.stem}-{line}.awg"
    path.write_text(program)
    action = "check" if marks else "run" if "fn main" in program else "test"
    done = subprocess.run([*command, action, path], capture_output=True, text=True)
    kinds = set(re.findall(r"error: .*\[([a-z-]+)\]$", done.stderr, re.MULTILINE))
    wanted = {marks.removeprefix("refused ")} if marks else set()
    report = done.stderr.replace(str(path), (output or "").split(":")[0])
    if kinds != wanted or done.returncode != bool(wanted):
        failures.append(f"{page.name}:{line}: expected {wanted or 'no error'}, found {kinds or done.stderr[-300:]}")
    elif output is not None and not (report.startswith(output) if marks else done.stdout == output):
        failures.append(f"{page.name}:{line}: prints {report if marks else done.stdout!r}")


pages = [*sorted((root / "lang/spec").glob("*.md")), root / "README.md"]
for page in pages:
    text = page.read_text()
    for paragraph in re.split(r"\n\s*\n", text):
        if paragraph.startswith("**["):
            check_rule(page.name, paragraph.strip())
    for block in re.finditer(r"^```awg(?: ([a-z -]+))?\n(.*?)^```$(?:\n\n```text\n(.*?)^```$)?", text, re.MULTILINE | re.DOTALL):
        check_program(page, text.count("\n", 0, block.start()) + 1, block[1] or "", block[2], block[3])

kinds = re.findall(r'^AWG_DIAG\(\w+, "([a-z-]+)"', (root / "frontend/Diag/Kinds.def").read_text(), re.MULTILINE)
assert len(kinds) > 20 and len(labels) > 100
failures += [f"no rule mentions `{kind}`" for kind in kinds if not any(f"`{kind}`" in rule for rule in rules)]

print("\n".join(failures) or f"{len(rules)} rules")
sys.exit(bool(failures))
