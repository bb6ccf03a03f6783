"""Measures Awg against its peers on this machine, in one run: prints one table and leaves it in bench/results/.

    ./awg bench [--quick] [WORD...]     only the rows whose name holds a WORD

Times of processes are medians, those that programs print are their own best. A ratio is Awg's number over the peer's:
below 1 Awg is ahead.
"""

import argparse
import os
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile
import time

BENCH = pathlib.Path(__file__).resolve().parent
ROOT = BENCH.parent
CLANG = "clang++-22"
PEER_FLAGS = ["-std=c++20", "-O3", "-march=native", "-fopenmp", "-fuse-ld=lld", "-Wl,-rpath,/usr/lib/llvm-22/lib"]
MICROSECOND, KILOBYTE = 1e-6, 1024


def run(*command):
    """Standard output of a command that must succeed."""
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"bench: {' '.join(map(str, command))} failed:\n{done.stdout}{done.stderr}")
    return done.stdout


def wall(runs, *commands):
    """Median seconds that the commands take one after the other, after one run that warms the caches."""
    times = []
    for _ in range(runs + 1):
        start = time.perf_counter()
        for command in commands:
            run(*command)
        times.append(time.perf_counter() - start)
    return statistics.median(times[1:])


def printed(output):
    """What a program says of itself: name to seconds, from lines `NAME MICROSECONDS`."""
    return {name: float(value) * MICROSECOND for name, value in (line.split() for line in output.splitlines())}


class Bench:
    def __init__(self, build, folder, runs):
        self.awgc = build / "bin" / "awgc"
        self.library = build / "lib" / "libawgrt.a"
        self.folder = folder
        self.runs = runs
        self.said = {}

    def awg(self, source):
        """A compiled Awg program."""
        exe = self.folder / f"{source.stem}-awg"
        if not exe.exists():
            run(self.awgc, source, "-o", exe)
        return exe

    def peer(self, name, *flags):
        """A compiled peer."""
        exe = self.folder / f"{name}-peer"
        if not exe.exists():
            run(CLANG, BENCH / "peers" / f"{name}.cpp", "-o", exe, *(flags or PEER_FLAGS))
        return exe

    def times(self, exe):
        """The times that a program prints; it is run once."""
        if exe not in self.said:
            self.said[exe] = printed(run(exe))
        return self.said[exe]

    # Each of the rows below gives (Awg's number, the peer's number, the peer's name).

    def version(self):
        return wall(self.runs, [self.awgc, "--version"]), wall(self.runs, [CLANG, "--version"]), f"{CLANG} --version"

    def check(self):
        ours = wall(self.runs, [self.awgc, "check", ROOT / "examples" / "morning.awg"])
        peer = wall(3, [CLANG, "-std=c++20", "-fsyntax-only", BENCH / "peers" / "morning.cpp"])
        return ours, peer, f"{CLANG} -fsyntax-only"

    def compile(self):
        source, peer_source = ROOT / "examples" / "morning.awg", BENCH / "peers" / "morning.cpp"
        ours = wall(self.runs, [self.awgc, source, "-o", self.folder / "morning"])
        peer = wall(3, [CLANG, "-std=c++20", "-O2", "-pthread", peer_source, "-o", self.folder / "morning-peer"])
        return ours, peer, f"{CLANG} -O2, threads"

    def compile_and_run(self):
        exe = self.folder / "hello-run"
        ours = wall(self.runs, [self.awgc, "run", BENCH / "hello.awg"])
        peer = wall(self.runs, [CLANG, "-O2", BENCH / "peers" / "hello.cpp", "-o", exe], [exe])
        return ours, peer, f"{CLANG} -O2, then run"

    def start(self):
        ours = wall(4 * self.runs, [self.awg(BENCH / "hello.awg")])
        return ours, wall(4 * self.runs, [self.peer("hello", "-O2")]), "the same in C++"

    def library_size(self):
        sizes = run("/usr/lib/llvm-22/bin/llvm-size", "-t", self.library).splitlines()[-1].split()
        return int(sizes[0]) / KILOBYTE, 1024.0, "the limit"

    def own_times(self, source, peer, name, peer_name=None, label="clang++ -O3, OpenMP"):
        return self.times(self.awg(source))[name], self.times(self.peer(peer))[peer_name or name], label

    def saxpy(self):
        return self.own_times(BENCH / "saxpy.awg", "saxpy", "saxpy")

    def saxpy_triad(self):
        return self.own_times(BENCH / "saxpy.awg", "saxpy", "saxpy", "triad", "STREAM triad, OpenMP")

    def sum(self):
        return self.own_times(BENCH / "saxpy.awg", "saxpy", "sum")

    def mandelbrot(self):
        return self.own_times(BENCH / "mandelbrot.awg", "mandelbrot", "mandelbrot")

    def blur(self):
        return self.own_times(BENCH / "blocks.awg", "blocks", "blur")

    def matmul(self):
        return self.own_times(BENCH / "blocks.awg", "blocks", "matmul")

    def softmax(self):
        return self.own_times(BENCH / "blocks.awg", "blocks", "softmax")

    def tasks(self):
        return self.own_times(BENCH / "fib.awg", "fib", "fib", label="OpenMP tasks")


# Row's name, what measures it, unit of its numbers, how many of them make a second (or a kilobyte).
ROWS = [
    ("awgc --version", Bench.version, "ms", 1e3),
    ("awgc check morning.awg", Bench.check, "ms", 1e3),
    ("awgc morning.awg -o exe", Bench.compile, "ms", 1e3),
    ("awgc run hello.awg", Bench.compile_and_run, "ms", 1e3),
    ("start of a compiled program", Bench.start, "ms", 1e3),
    ("text of libawgrt.a", Bench.library_size, "KB", 1),
    ("242785 tasks (fib 25)", Bench.tasks, "ms", 1e3),
    ("saxpy, 2^26 f32", Bench.saxpy, "ms", 1e3),
    ("saxpy, 2^26 f32, bandwidth", Bench.saxpy_triad, "ms", 1e3),
    ("sum, 2^26 f32", Bench.sum, "ms", 1e3),
    ("mandelbrot 2048x1365 f64", Bench.mandelbrot, "ms", 1e3),
    ("blur by blocks, 2^24 f32", Bench.blur, "ms", 1e3),
    ("matmul by blocks, 1024 f32", Bench.matmul, "ms", 1e3),
    ("softmax by blocks, 1024 f32", Bench.softmax, "ms", 1e3),
]


def machine():
    """The processor's name and how many of them there are."""
    names = re.findall(r"^model name\s*:\s*(.*)$", pathlib.Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    return f"{names[0] if names else os.uname().machine}, {os.cpu_count()} CPUs"


def table(rows):
    head = ("", "Awg", "peer", "ratio", "the peer")
    cells = [head] + [(name, f"{a * scale:.3g} {unit}", f"{b * scale:.3g} {unit}", f"{a / b:.2f}", peer)
                      for name, a, b, peer, unit, scale in rows]
    widths = [max(len(row[k]) for row in cells) for k in range(len(head))]
    lines = ["| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths)) + " |" for row in cells]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build", help="the build to measure")
    parser.add_argument("--quick", action="store_true", help="fewer runs; leaves no file")
    parser.add_argument("words", nargs="*", help="measure only the rows whose name holds one of these")
    options = parser.parse_args()
    os.environ.pop("AWG_DEVICES", None)

    rows = []
    with tempfile.TemporaryDirectory(prefix="awg-bench-") as folder:
        bench = Bench(options.build.resolve(), pathlib.Path(folder), 3 if options.quick else 11)
        for name, measure, unit, scale in ROWS:
            if options.words and not any(word in name for word in options.words):
                continue
            print(f"bench: {name}", file=sys.stderr)
            ours, peer, label = measure(bench)
            rows.append((name, ours, peer, label, unit, scale))

    if not rows:
        sys.exit("bench: no row has such a name")
    text = f"{machine()}\n\n{table(rows)}\n"
    print(text, end="")
    if not options.quick and not options.words:
        name = re.sub(r"[^a-z0-9]+", "-", machine().lower()).strip("-")
        results = BENCH / "results"
        results.mkdir(exist_ok=True)
        (results / f"{name}.md").write_text(text)


if __name__ == "__main__":
    main()
