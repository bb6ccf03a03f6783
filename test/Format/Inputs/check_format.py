"""Formats every .awg file of the repository that parses: check_format.py AWGC ROOT FOLDER.

Formatting must keep the syntax tree and the comments, and change nothing a second time; also when all line ends but those
that comments need have been taken out before.
"""

import pathlib
import re
import subprocess
import sys

command, root, folder = sys.argv[1].split(), pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3])
path = folder / "program.awg"
failures = []


def awgc(*arguments):
    return subprocess.run([*command, *arguments, path], capture_output=True, text=True)


def tree(text):
    path.write_text(text)
    done = awgc("--emit=ast")
    return done.stdout if done.returncode == 0 else None


def comments(text):
    """What stands behind `//` outside strings, and the number of lines that only are comments."""
    found = (re.match(r'((?:[^"/]|"(?:[^"\\]|\\.)*"|/(?!/))*)(//.*)?$', line) for line in text.split("\n"))
    return [match[2].rstrip() for match in found if match and match[2]]


def joined(text):
    out = []
    for line in (line.strip() for line in text.split("\n")):
        out.append(line + ("\n" if "//" in line else " "))
        if line.startswith("//"):
            out[-1] = "\n" + out[-1]
    return "".join(out)


def check(name, text):
    before = tree(text)
    if before is None:
        return False
    if awgc("fmt").returncode:
        failures.append(f"{name}: fmt fails")
        return True
    once = path.read_text()
    if tree(once) != before:
        failures.append(f"{name}: fmt changes the tree")
    if comments(once) != comments(text):
        failures.append(f"{name}: fmt changes comments")
    if awgc("fmt", "--check").returncode:
        failures.append(f"{name}: fmt changes its own output")
    return True


count = 0
for file in sorted(root.rglob("*.awg")):
    if file.relative_to(root).parts[0].startswith("build"):
        continue
    text = file.read_text(errors="replace")
    count += check(file.relative_to(root), text)
    if "Check" not in file.parts:
        count += check(f"{file.relative_to(root)}, joined", joined(text))
assert count > 200, count

print("\n".join(failures) or f"{count} texts are formatted well")
sys.exit(bool(failures))
