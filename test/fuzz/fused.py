"""Launches that run as one kernel give what they give one after the other.

    python3 fused.py --awgc build/bin/awgc --seeds 1..200 [--keep FOLDER]

Each program is a chain of launches that share arrays, and reads, writes and fails at random; the same program with a `print`
between the launches keeps them apart. Both are run, at -O0 or -O2, and must print the same. How many chains `awgc` says it has
fused is printed: if that is none, nothing was compared.
"""

import argparse
import os
import pathlib
import random
import subprocess
import sys
import tempfile

VECTORS, TABLES = ["a", "b", "c"], ["u", "v"]


class Array:
    """A parameter of a kernel: f32[n], or f32[n, 3]. Elements of a vector are written at one place an index, or by `at` at another."""

    def __init__(self, rng, number):
        self.name = f"p{number}"
        self.isVector = rng.random() < 0.7
        self.isWritten = number == 0 or rng.random() < 0.3
        self.at = rng.choice(["i"] * 6 + ["n - 1 - i"])

    def param(self):
        return ("mut " if self.isWritten else "") + f"{self.name}: f32[{'n' if self.isVector else 'n, 3'}]"

    def own(self, rng):
        """An element that the index owns."""
        return f"{self.name}[{self.at}]" if self.isVector else f"{self.name}[i, {rng.randrange(3)}]"

    def read(self, rng):
        if self.isWritten or not self.isVector or rng.random() < 0.6:
            return self.own(rng)
        return f"{self.name}[{rng.choice(['n - 1 - i', '(i + 1) % n', '0'])}]"


def value(rng, arrays, depth=0):
    kind = rng.random()
    if depth > 2 or kind < 0.35:
        return rng.choice(arrays).read(rng)
    if kind < 0.5:
        return f"{rng.randint(1, 9)}.0" if kind < 0.45 else "(i as f32)"
    return f"({value(rng, arrays, depth + 1)} {rng.choice('+-*')} {value(rng, arrays, depth + 1)})"


def statement(rng, arrays):
    written = [array for array in arrays if array.isWritten]
    target = lambda: rng.choice(written).own(rng)
    give = lambda: value(rng, arrays)
    kind = rng.random()
    if kind < 0.15:
        return f"if {give()} > {give()} {{ {target()} = {give()}; }} else {{ {target()} = {give()}; }}"
    if kind < 0.3:
        return f"if {give()} > {rng.randint(0, 20)}.0 {{ {target()} = {give()}; }}"
    return f"{target()} {'+=' if kind < 0.45 else '='} {give()};"


def kernel(rng, number):
    """A kernel's text, and its parameters."""
    arrays = [Array(rng, k) for k in range(rng.randint(1, 3))]
    lines = [statement(rng, arrays) for _ in range(rng.randint(1, 4))]
    if rng.random() < 0.12:
        lines.append(f'assert(i != {rng.randrange(8)}, "no");')
    params = ", ".join(array.param() for array in arrays)
    return f"kernel k{number}({params}) each i in n {{ {' '.join(lines)} }}\n", arrays


def call(rng, number, arrays):
    """A launch that lends each array once, if there are enough."""
    vectors, tables = rng.sample(VECTORS, len(VECTORS)), rng.sample(TABLES, len(TABLES))
    given = []
    for array in arrays:
        names = vectors if array.isVector else tables
        if not names:
            return None
        given.append(("mut " if array.isWritten else "") + names.pop())
    return f"await k{number}({', '.join(given)});"


def programs(seed):
    """The program, and the one whose launches are kept apart."""
    rng = random.Random(seed)
    kernels = [kernel(rng, number) for number in range(4)]
    calls = [call(rng, number, kernels[number][1]) for number in (rng.randrange(4) for _ in range(rng.randint(2, 6)))]
    arrays = [f"    let mut {name} = await each i in n => ((i * {k + 2}) % 7) as f32;\n" for k, name in enumerate(VECTORS)]
    arrays += [f"    let mut {name} = await each (i, j) in (n, 3) => ((i * {k + 3} + j) % 5) as f32;\n"
               for k, name in enumerate(TABLES)]
    head = "".join(text for text, _ in kernels) + "async fn main() {\n    let n = 9;\n" + "".join(arrays)
    tail = '    } catch e { print("rejected: {e.message}"); }\n    print("{a} {b} {c} {u} {v}");\n}\n'
    for between in ("", ' print("");'):
        yield head + "    try {\n" + "".join(f"        {text}{between}\n" for text in calls if text) + tail


def run(awgc, level, path):
    """What is printed but for empty lines, and the exit code."""
    done = subprocess.run([*awgc, "run", level, path], capture_output=True, text=True, timeout=900,
                          env={**os.environ, "AWG_DEVICES": "cpu:1"})
    return [line for line in done.stdout.splitlines() if line], done.returncode, done.stderr


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--awgc", type=str.split, required=True)
    parser.add_argument("--seeds", required=True, help="FIRST..LAST")
    parser.add_argument("--keep", type=pathlib.Path)
    options = parser.parse_args()
    first, last = map(int, options.seeds.split(".."))
    folder = options.keep or pathlib.Path(tempfile.mkdtemp(prefix="awg-fused-"))
    folder.mkdir(parents=True, exist_ok=True)
    accepted = fused = bad = 0
    for seed in range(first, last + 1):
        paths = [folder / f"{seed}-{name}.awg" for name in ("chain", "apart")]
        for path, text in zip(paths, programs(seed)):
            path.write_text(text)
        checked = [subprocess.run([*options.awgc, "check", path], capture_output=True).returncode for path in paths]
        isDifferent = checked[0] != checked[1] or checked[0] not in (0, 1)
        if checked == [0, 0]:
            accepted += 1
            report = subprocess.run([*options.awgc, "--explain-kernels", paths[0]], capture_output=True, text=True).stdout
            fused += "as one kernel" in report
            level = f"-O{seed % 2 * 2}"
            isDifferent = len({str(run(options.awgc, level, path)) for path in paths}) > 1
        if isDifferent:
            bad += 1
            print(f"seed {seed}: {' and '.join(map(str, paths))} differ")
        else:
            for path in paths:
                path.unlink()
    print(f"{accepted} chains, {fused} of them with launches that run as one kernel, {bad} differ")
    if not bad and not options.keep:
        folder.rmdir()
    sys.exit(bad > 0)


main()
