"""Measures Awg against its peers on this machine, in one run: prints one table and leaves it in bench/results/.

    ./awg bench [--quick] [--keep FOLDER] [WORD...]     only the rows whose name holds a WORD

Times are medians. Programs that time themselves are run in turns with their peers, round by round, so that what else the
machine does falls on all alike. A ratio is Awg's number over the best peer's: below 1 Awg is ahead. Some peers compute with
-ffast-math, which gives up the bits that Awg keeps: `exact` is the ratio to the best of those that do not.
"""

import argparse
import os
import pathlib
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import typing
import zlib

from table import aligned

BENCH = pathlib.Path(__file__).resolve().parent
ROOT = BENCH.parent
CLANG = "clang++-22"
PEER_FLAGS = ["-std=c++20", "-w", "-O3", "-march=native", "-fopenmp"]
CLANG_FLAGS = [*PEER_FLAGS, "-fuse-ld=lld", "-Wl,-rpath,/usr/lib/llvm-22/lib"]
FAST_FLAGS = ["-ffast-math", "-mprefer-vector-width=512"]
# How each peer is compiled: name, whether it keeps the bits of IEEE 754, command.
COMPILERS = [
    ("clang++ -O3", True, [CLANG, *CLANG_FLAGS]),
    ("clang++ -ffast-math", False, [CLANG, *CLANG_FLAGS, *FAST_FLAGS, "-fveclib=libmvec", "-lmvec"]),
    ("g++ -ffast-math", False, ["g++", *PEER_FLAGS, *FAST_FLAGS]),
]
# Peers that are libraries, for a program of ours: its name, the peer's file and name, its header, what it links.
LIBRARIES = [
    ("matmul", "openblas", "OpenBLAS", "cblas.h", ["-lopenblas"]),
    ("saxpy", "saxpy-halide", "Halide", "halide14/Halide.h", ["-lHalide14"]),
    ("saxpy", "saxpy-opencl", "PoCL", "CL/cl.h", ["-lOpenCL"]),
]
MICROSECOND, KILOBYTE = 1e-6, 1024


def run(*command, **variables):
    """Standard output of a command that must succeed."""
    return both(*command, **variables)[0]


def both(*command, **variables):
    """Standard output and standard error of a command that must succeed."""
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, env={**os.environ, **variables})
    if done.returncode:
        sys.exit(f"bench: {' '.join(map(str, command))} failed:\n{done.stdout}{done.stderr}")
    return done.stdout, done.stderr


def peak(*command):
    """The most kilobytes of memory that a command had at once."""
    child = subprocess.Popen([str(word) for word in command], stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    if status:
        sys.exit(f"bench: {' '.join(map(str, command))} failed")
    return usage.ru_maxrss


def wall(runs, *commands):
    """Median seconds that the commands take one after the other, after one run that warms the caches."""
    times = []
    for _ in range(runs + 1):
        start = time.perf_counter()
        for command in commands:
            run(*command)
        times.append(time.perf_counter() - start)
    return statistics.median(times[1:])


def printed(output, times):
    """Adds what a program says of itself to `times`: name to seconds, from lines `NAME MICROSECONDS`."""
    for line in output.splitlines():
        name, value = line.split()
        times.setdefault(name, []).append(float(value) * MICROSECOND)


def best(times, name):
    """The median of the fastest way to do `name`; ways are printed as `name` or `name/way`."""
    medians = [statistics.median(values) for key, values in times.items() if key.split("/")[0] == name]
    return min(medians, default=None)


class Row(typing.NamedTuple):
    """Awg's number, the best peer's and its name, and the number of the best peer that keeps the same bits."""

    ours: float
    peer: float
    label: str
    exact: float | None = None


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

    def peer(self, name, *command):
        """A compiled peer."""
        exe = self.folder / f"{name}-{zlib.crc32(' '.join(command).encode()):08x}"
        if not exe.exists():
            libraries = [word for word in command if word.startswith("-l")]
            run(*command, BENCH / "peers" / f"{name}.cpp", "-o", exe, *libraries)
        return exe

    def peers(self, stem):
        """The peers of a program: name, whether it keeps its bits, compiled program."""
        made = [(label, exact, self.peer(stem, *command)) for label, exact, command in COMPILERS
                if shutil.which(command[0])]
        for program, file, label, header, flags in LIBRARIES:
            if program == stem and any(path.exists() for path in headers(header)):
                made.append((label, False, self.peer(file, CLANG, *CLANG_FLAGS, *flags)))
            elif program == stem:
                print(f"bench: {label} is not installed, and is left out", file=sys.stderr)
        return made

    def measure(self, stem):
        """What a program and its peers print: a list of (name, whether it keeps its bits, times), the first of them Awg."""
        if stem not in self.said:
            exes = [("Awg", True, self.awg(BENCH / f"{stem}.awg")), *self.peers(stem)]
            said = [(label, exact, {}) for label, exact, _ in exes]
            for _ in range(max(1, self.runs // 4)):
                for (_, _, exe), (_, _, times) in zip(exes, said):
                    printed(run(exe), times)
            self.said[stem] = said
        return self.said[stem]

    def timed(self, stem, name, peer_name):
        """A row of a program and its peers in C++."""
        (_, _, ours), *peers = self.measure(stem)
        found = [(best(times, peer_name), label, exact) for label, exact, times in peers]
        found = [row for row in found if row[0] is not None]
        peer, label, _ = min(found)
        exacts = [row[0] for row in found if row[2]]
        return Row(best(ours, name), peer, label, min(exacts, default=None))

    # The rows of the compiler itself and of tasks.

    def version(self):
        return Row(wall(self.runs, [self.awgc, "--version"]), wall(self.runs, [CLANG, "--version"]), f"{CLANG} --version")

    def check(self):
        ours = wall(self.runs, [self.awgc, "check", ROOT / "examples" / "morning.awg"])
        peer = wall(3, [CLANG, "-std=c++20", "-fsyntax-only", BENCH / "peers" / "morning.cpp"])
        return Row(ours, peer, f"{CLANG} -fsyntax-only")

    def compile(self):
        source, peer_source = ROOT / "examples" / "morning.awg", BENCH / "peers" / "morning.cpp"
        ours = wall(self.runs, [self.awgc, source, "-o", self.folder / "morning"])
        peer = wall(3, [CLANG, "-std=c++20", "-O2", "-pthread", peer_source, "-o", self.folder / "morning-peer"])
        return Row(ours, peer, f"{CLANG} -O2, threads")

    def compile_and_run(self):
        exe = self.folder / "hello-run"
        ours = wall(self.runs, [self.awgc, "run", BENCH / "hello.awg"])
        peer = wall(self.runs, [CLANG, "-O2", BENCH / "peers" / "hello.cpp", "-o", exe], [exe])
        return Row(ours, peer, f"{CLANG} -O2, then run")

    def start(self):
        ours = wall(4 * self.runs, [self.awg(BENCH / "hello.awg")])
        return Row(ours, wall(4 * self.runs, [self.peer("hello", CLANG, "-O2")]), "the same in C++")

    def task(self, name, workers, peer_name):
        """A row of tasks.awg with so many workers, and the best way of the peers' `peer_name`; None without oneTBB."""
        if not any(path.exists() for path in headers("tbb/task_group.h")):
            return None
        key = f"tasks {workers}"
        if key not in self.said:
            ours, peers = self.awg(BENCH / "tasks.awg"), self.peer("tasks", CLANG, *CLANG_FLAGS, "-ltbb")
            said = ({}, {})
            for _ in range(max(1, self.runs // 4)):
                printed(run(ours, AWG_DEVICES=f"cpu:{workers}"), said[0])
                printed(run(peers, workers), said[1])
            self.said[key] = said
        ours, peers = self.said[key]
        ways = [(statistics.median(values), way.split("/")[1]) for way, values in peers.items()
                if way.split("/")[0] == peer_name]
        peer, label = min(ways)
        return Row(statistics.median(ours[name]), peer, label)

    def sleepers(self):
        exe = self.awg(BENCH / "sleepers.awg")
        return Row(peak(exe, "memory", 10**6) / KILOBYTE, 200.0, "the limit")

    def waiting(self):
        exe = self.awg(BENCH / "sleepers.awg")
        bytes_each = (peak(exe, "waiting", 10**6) - peak(exe, "waiting", 1)) * KILOBYTE / 10**6
        return Row(bytes_each, 120.0, "the limit, its variable included")

    def timers(self, mode):
        """How late sleeping tasks wake, in 99 of 100 cases."""
        _, stats = both(self.awg(BENCH / "sleepers.awg"), mode, 10**4, AWG_STATS="1")
        value, unit = re.search(r"([0-9.]+)(ns|us|ms|s) at 99 %", stats).groups()
        return Row(float(value) * {"ns": 1e-9, "us": 1e-6, "ms": 1e-3, "s": 1.0}[unit], 1e-3, "the limit")

    def gpu_runtime(self, name, limit):
        """What the runtime costs around a launch on a GPU, over the stand-in driver of its tests."""
        if "gpu runtime" not in self.said:
            exe, unit, fake = self.folder / "gpu-runtime", ROOT / "test" / "unit", self.library.with_name("libawg-fake-driver.so")
            if not fake.exists() or not any(path.exists() for path in headers("gtest/gtest.h")):
                return None
            run(CLANG, "-std=c++20", "-O2", "-w", f"-DFAKE_DRIVER=\"{fake}\"", "-I", BENCH, "-I", ROOT / "runtime", "-I",
                ROOT / "runtime" / "include", "-I", unit / "gpu", "-I", unit / "runtime", BENCH / "gpu-runtime.cpp", self.library,
                "-lgtest", "-ldl", "-pthread", "-o", exe)
            self.said["gpu runtime"] = {}
            printed(run(exe), self.said["gpu runtime"])
        return Row(statistics.median(self.said["gpu runtime"][name]), limit, "the limit")

    def library_size(self):
        sizes = run("/usr/lib/llvm-22/bin/llvm-size", "-t", self.library).splitlines()[-1].split()
        return Row(int(sizes[0]) / KILOBYTE, 1024.0, "the limit")


def headers(name):
    """Where a header may lie."""
    return [pathlib.Path(folder) / name for folder in ("/usr/include", "/usr/include/x86_64-linux-gnu", "/usr/local/include")]


def timed(stem, name, peer_name=None):
    return lambda bench: bench.timed(stem, name, peer_name or name)


def tasks(name, workers, peer_name=None):
    return lambda bench: bench.task(name, workers, peer_name or name)


def timers(mode):
    return lambda bench: bench.timers(mode)


def gpu_runtime(name, limit):
    return lambda bench: bench.gpu_runtime(name, limit)


# Row's name, what measures it, unit of its numbers, how many of them make a second (or a kilobyte).
ROWS = [
    ("awgc --version", Bench.version, "ms", 1e3),
    ("awgc check morning.awg", Bench.check, "ms", 1e3),
    ("awgc morning.awg -o exe", Bench.compile, "ms", 1e3),
    ("awgc run hello.awg", Bench.compile_and_run, "ms", 1e3),
    ("start of a compiled program", Bench.start, "ms", 1e3),
    ("text of libawgrt.a", Bench.library_size, "KB", 1),
    ("independent tasks, 1 worker, each", tasks("independent", 1), "ns", 1e9),
    ("independent tasks, 2 workers, each", tasks("independent", 2), "ns", 1e9),
    ("the same, peers without futures, 1 worker", tasks("independent", 1, "bare"), "ns", 1e9),
    ("the same, peers without futures, 2 workers", tasks("independent", 2, "bare"), "ns", 1e9),
    ("a chain of tasks, 1 worker, each", tasks("chain", 1), "ns", 1e9),
    ("a chain of tasks, 2 workers, each", tasks("chain", 2), "ns", 1e9),
    ("a graph of tasks, 1 worker, each", tasks("dag", 1), "ns", 1e9),
    ("a graph of tasks, 2 workers, each", tasks("dag", 2), "ns", 1e9),
    ("tasks that join two, 1 worker, each", tasks("joins", 1), "ns", 1e9),
    ("tasks that join two, 2 workers, each", tasks("joins", 2), "ns", 1e9),
    ("fib by tasks, 1 worker, each", tasks("fib", 1), "ns", 1e9),
    ("fib by tasks, 2 workers, each", tasks("fib", 2), "ns", 1e9),
    ("await that does not wait", tasks("direct", 1), "ns", 1e9),
    ("10^6 sleeping tasks", Bench.sleepers, "MB", 1),
    ("10^6 waiting tasks, each", Bench.waiting, "B", 1),
    ("10^4 timers of 1 ms at once, late at 99 %", timers("once"), "us", 1e6),
    ("10^4 timers of 1 ms, 100 times, late at 99 %", timers("timers"), "us", 1e6),
    ("loops of the host: a sieve to 4 million", timed("host", "sieve"), "ms", 1e3),
    ("loops of the host: matmul, 256 f64", timed("host", "product"), "ms", 1e3),
    ("loops of the host: insertion sort, 4000", timed("host", "sort"), "ms", 1e3),
    ("saxpy, 2^26 f32", timed("saxpy", "saxpy"), "ms", 1e3),
    ("three kernels in a row, 2^26 f32", timed("chain", "chain"), "ms", 1e3),
    ("sum, 2^26 f32", timed("saxpy", "sum"), "ms", 1e3),
    ("scan, 2^26 u32", timed("scan", "scan"), "ms", 1e3),
    ("histogram, 2^26 u8, 64 bins", timed("histogram", "histogram"), "ms", 1e3),
    ("gather, 2^24 f32", timed("gather", "gather"), "ms", 1e3),
    ("reverse, 2^24 f32", timed("gather", "reverse"), "ms", 1e3),
    ("stencil, 4096x4096 f32, 10 steps", timed("stencil", "stencil"), "ms", 1e3),
    ("blur by blocks, 2^24 f32", timed("blur", "blur"), "ms", 1e3),
    ("softmax by blocks, 4096x1024 f32", timed("softmax", "softmax"), "ms", 1e3),
    ("mandelbrot, 2048x2048 f32", timed("mandelbrot", "mandelbrot"), "ms", 1e3),
    ("mandelbrot, 2048x2048 f64", timed("mandelbrot", "mandelbrot64"), "ms", 1e3),
    ("Black-Scholes, 2^24 f32", timed("black-scholes", "black_scholes"), "ms", 1e3),
    ("n-body, 8192 f32", timed("nbody", "nbody"), "ms", 1e3),
    ("matmul, 1024 f32, loop", timed("matmul", "matmul"), "ms", 1e3),
    ("matmul, 1024 f32, sum", timed("matmul", "matmul_sum", "matmul"), "ms", 1e3),
    ("matmul, 1024 f32, blocks", timed("matmul", "matmul_blocks"), "ms", 1e3),
    ("residency of a launch's buffer, each", gpu_runtime("residency", 100e-9), "ns", 1e9),
    ("resumed after a kernel on a GPU", gpu_runtime("resume", 5e-6), "us", 1e6),
    ("launch of 1024 elements", timed("launch", "launch"), "us", 1e6),
    ("launch of 2^17 elements", timed("launch", "launch_both"), "us", 1e6),
]


def machine():
    """The processor's name and how many of them there are."""
    names = re.findall(r"^model name\s*:\s*(.*)$", pathlib.Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    return f"{names[0] if names else os.uname().machine}, {os.cpu_count()} CPUs"


def ratio(ours, peer):
    return "" if peer is None else f"{ours / peer:.2f}"


def table(rows):
    head = ("", "Awg", "best peer", "ratio", "exact", "the peer")
    cells = [head] + [(name, f"{row.ours * scale:.3g} {unit}", f"{row.peer * scale:.3g} {unit}", ratio(row.ours, row.peer),
                       ratio(row.ours, row.exact), row.label) for name, row, unit, scale in rows]
    return aligned(cells)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build", help="the build to measure")
    parser.add_argument("--quick", action="store_true", help="fewer runs; leaves no file")
    parser.add_argument("--keep", type=pathlib.Path, help="a folder for compiled programs; those that it has are not compiled again")
    parser.add_argument("words", nargs="*", help="measure only the rows whose name holds one of these")
    options = parser.parse_args()
    os.environ["AWG_DEVICES"] = "cpu"

    rows = []
    with tempfile.TemporaryDirectory(prefix="awg-bench-") as folder:
        if options.keep:
            options.keep.mkdir(parents=True, exist_ok=True)
        bench = Bench(options.build.resolve(), options.keep.resolve() if options.keep else pathlib.Path(folder), 3 if options.quick else 11)
        for name, measure, unit, scale in ROWS:
            if options.words and not any(word in name for word in options.words):
                continue
            print(f"bench: {name}", file=sys.stderr)
            row = measure(bench)
            if row:
                rows.append((name, row, unit, scale))
            else:
                print("bench: left out; it needs the packages libtbb-dev and libgtest-dev, and the tests built", file=sys.stderr)

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
