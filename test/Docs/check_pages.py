"""Compiles the programs of the diagnostics' pages: check_pages.py AWGC ROOT FOLDER.

Every kind of frontend/Diag/Kinds.def has a page in lang/errors; of its two programs the first is refused with that kind
alone, the second is accepted. A program of several files has a line `// FILE.awg` above each. "Refused by `awgc ...`:"
names what refuses, if it is not `awgc check`; a page about no program says a command that is refused. Also checks that every relative link in the repository's Markdown leads somewhere.
"""

import pathlib
import re
import subprocess
import sys

command, root, folder = sys.argv[1].split(), pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3])
failures = []


def kinds_of(*arguments):
    """The kinds that the compiler reports, and its exit code if it is neither 0 nor 1."""
    done = subprocess.run([*command, *arguments], capture_output=True, text=True)
    kinds = re.findall(r"error: .*\[([a-z-]+)\]$", done.stderr, re.MULTILINE)
    if done.returncode != bool(kinds):
        kinds.append(f"exit code {done.returncode}: {done.stderr[-300:]}")
    return kinds


def written(program):
    """Writes the files of a program; gives the first one's path."""
    parts = re.split(r"^// (\w+\.awg)\n", program, flags=re.MULTILINE)[1:] or ["program.awg", program]
    for name, text in zip(parts[::2], parts[1::2]):
        (folder / name).write_text(text)
    return folder / parts[0]


kinds = re.findall(r'^AWG_DIAG\(\w+, "([a-z-]+)"', (root / "frontend/Diag/Kinds.def").read_text(), re.MULTILINE)
assert len(kinds) > 20
for kind in kinds:
    page = root / "lang/errors" / f"{kind}.md"
    if not page.exists():
        failures.append(f"{kind} has no page")
        continue
    programs = re.findall(r"```awg\n(.*?)```", page.read_text(), re.DOTALL)
    if not programs:
        refused = re.search(r"^Refused: `awgc (.*?)`", page.read_text(), re.MULTILINE)
        if not refused or kinds_of(*refused[1].split()) != [kind]:
            failures.append(f"{kind}: no program, and no command that is refused")
        continue
    refused, mended = programs
    by = re.search(r"^Refused by `awgc (.*?)`:", page.read_text(), re.MULTILINE)
    if (found := kinds_of(*(by[1].split() if by else ["check"]), written(refused))) != [kind]:
        failures.append(f"{kind}: the first program is refused with {found}")
    if found := kinds_of("--emit=obj", "-o", folder / "program.o", written(mended)):
        failures.append(f"{kind}: the mended program is refused with {found}")

for page in root.rglob("*.md"):
    if any(part.startswith(("build", ".")) for part in page.relative_to(root).parts):
        continue
    for link in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text()):
        if not (page.parent / link).exists():
            failures.append(f"{page.relative_to(root)}: {link} is not there")

print("\n".join(failures) or "all pages are right")
sys.exit(bool(failures))
