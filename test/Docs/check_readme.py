"""Runs the commands of the README: check_readme.py BUILD ROOT FOLDER.

Each line of a block marked `sh` has to succeed, in a folder that holds the files that the README shows (a block whose first
line is `// NAME`) and sees `build`, `examples` and `runtime`. Of the script `./awg` only `run` is executed, by `awgc run`; its
other commands have to be those that it says it has.
"""

import os
import pathlib
import re
import subprocess
import sys

build, root, folder = map(pathlib.Path, sys.argv[1:])
text = (root / "README.md").read_text()
failures = []

for name in ("examples", "runtime"):
    (folder / name).symlink_to(root / name)
(folder / "build").symlink_to(build)
for name, program in re.findall(r"^```\w+\n// (\w+\.\w+)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
    (folder / name).write_text(program)
tools = folder / "tools"
tools.mkdir()
for name, target in {"awgc": build / "bin/awgc", "awg-opt": build / "bin/awg-opt"}.items():
    (tools / name).symlink_to(target)
for script, body in {folder / "awg": 'shift; exec awgc run "$@"', tools / "cc": 'exec clang "$@"'}.items():
    script.write_text(f"#!/bin/sh\n{body}\n")
    script.chmod(0o755)
environment = {**os.environ, "PATH": f"{tools}:{os.environ['PATH']}"}
usage = re.findall(r"^#   \./awg (\w+)", (root / "awg").read_text(), re.MULTILINE)

lines = [line.split("  #")[0].strip() for block in re.findall(r"^```sh\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
         for line in block.splitlines()]
assert len(lines) > 12 and len(usage) > 3
for line in filter(None, lines):
    command = re.match(r"\./awg (\w+)", line)
    if command and command[1] != "run":
        if command[1] not in usage:
            failures.append(f"{line}: ./awg knows no such command")
        continue
    done = subprocess.run(["bash", "-e", "-o", "pipefail", "-c", line], cwd=folder, env=environment, capture_output=True, text=True)
    if done.returncode:
        failures.append(f"{line}: exit code {done.returncode}: {done.stderr[-300:]}")

print("\n".join(failures) or f"{len(lines)} commands")
sys.exit(bool(failures))
