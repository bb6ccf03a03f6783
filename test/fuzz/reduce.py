"""Makes a program small: reduce.py FILE COMMAND drops lines of FILE as long as COMMAND, a shell line in which {} stands for
the file, succeeds. The result is FILE.min.awg."""

import pathlib
import subprocess
import sys

source, command = pathlib.Path(sys.argv[1]), sys.argv[2]
result = pathlib.Path(f"{source}.min.awg")


def holds(lines):
    result.write_text("\n".join(lines) + "\n")
    return subprocess.run(command.replace("{}", str(result)), shell=True, capture_output=True).returncode == 0


def balanced(lines):
    """Runs of lines in which every brace that opens is closed, longest first."""
    runs = []
    for first in range(len(lines)):
        depth = 0
        for last in range(first, len(lines)):
            depth += lines[last].count("{") - lines[last].count("}")
            if depth <= 0:
                if depth == 0:
                    runs.append((first, last + 1))
                break
    return sorted(runs, key=lambda run: run[0] - run[1])


def drop_chunks(lines):
    size = len(lines) // 2
    while size:
        start = 0
        while start < len(lines):
            rest = lines[:start] + lines[start + size:]
            if rest and holds(rest):
                lines = rest
            else:
                start += size
        size //= 2
    return lines


def drop_balanced(lines):
    """One step: without a balanced run, or with what stands inside it alone. None if neither holds."""
    for first, last in balanced(lines):
        if holds(lines[:first] + lines[last:]):
            return lines[:first] + lines[last:]
    for first, last in balanced(lines):
        inner = lines[:first] + lines[first + 1:last - 1] + lines[last:]
        if last - first > 1 and holds(inner):
            return inner
    return None


lines = [line for line in source.read_text().split("\n") if not line.startswith("//")]
assert holds(lines), "the command fails for the whole file"
lines = drop_chunks(lines)
while (smaller := drop_balanced(lines)) is not None:
    lines = smaller
holds(lines)
print(result.read_text())
