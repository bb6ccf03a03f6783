"""Measures the compiler over the length of programs: prints tables and leaves them, with a plot, in bench/results/compile.md.

    python3 bench/compile.py [--quick] [--build FOLDER]

Processor time, not the clock's, so that a busy machine changes little. What counts is the time a line over that of the table's
first row: 1 is linear. Functions of which clang has the like are compared with it, as their passes are the same library's.
"""

import argparse
import pathlib
import re
import resource
import subprocess
import sys
import tempfile

from table import aligned

BENCH = pathlib.Path(__file__).resolve().parent
CLANG = "clang++-22"

ITEM = """/// Item N.
struct PointN { x: f64, y: f64, tag: i64 }

fn areaN(p: PointN, scale: f64) -> f64 {
    let dx = p.x * scale + 1.0;
    let dy = p.y * scale - 1.0;
    if dx > dy {
        return dx * dy + 0.5;
    }
    return dx - dy;
}

fn countN(n: i64) -> i64 {
    let mut total = 0;
    for k in 0..n {
        if k % 3 == 1 {
            total += k * N;
        } else {
            total -= 1;
        }
    }
    return total;
}

kernel scaleN(a: f32, x: f32[n], mut y: f32[n]) each i in n {
    let v = a * x[i] + y[i];
    y[i] = if v > 0.0 { v } else { 0.0 };
}

async fn workN(n: i64) -> f64 {
    let x = full(1.5, n);
    let mut y = zeros<f32>(n);
    await scaleN(1.25, x, mut y);
    let other = async { countN(n) };
    let p = PointN { x: y[0] as f64, y: (await other) as f64, tag: N };
    if p.tag > 1_000_000 { fail "too many: {p.tag}"; }
    return areaN(p, 0.5);
}
"""

PEER_HEAD = "#include <cstdio>\n#include <future>\n#include <stdexcept>\n#include <string>\n#include <vector>\n"
PEER_ITEM = """// Item N.
struct PointN { double x, y; long tag; };

static double areaN(PointN p, double scale) {
  double dx = p.x * scale + 1.0;
  double dy = p.y * scale - 1.0;
  if (dx > dy) {
    return dx * dy + 0.5;
  }
  return dx - dy;
}

static long countN(long n) {
  long total = 0;
  for (long k = 0; k < n; ++k) {
    if (k % 3 == 1) {
      total += k * N;
    } else {
      total -= 1;
    }
  }
  return total;
}

static void scaleN(float a, const std::vector<float> &x, std::vector<float> &y) {
#pragma omp parallel for simd
  for (long i = 0; i < long(x.size()); ++i) {
    float v = a * x[i] + y[i];
    y[i] = v > 0 ? v : 0;
  }
}

double workN(long n) {
  std::vector<float> x(n, 1.5f);
  std::vector<float> y(n);
  scaleN(1.25f, x, y);
  auto other = std::async([=] { return countN(n); });
  PointN p{y.at(0), double(other.get()), N};
  if (p.tag > 1000000) throw std::runtime_error("too many: " + std::to_string(p.tag));
  return areaN(p, 0.5);
}
"""


def numbered(text, count):
    return "\n".join(re.sub(r"\bN\b|(?<=[a-z])N\b", str(k), text) for k in range(count))


def program(lines):
    """A program of about so many lines, with everything in it that programs have, and the same in C++."""
    count = max(1, lines // (ITEM.count("\n") + 2))
    calls = "".join(f"    total += await work{k}(10);\n" for k in range(count))
    peer_calls = "".join(f"  total += work{k}(10);\n" for k in range(count))
    return (numbered(ITEM, count) + f"\nasync fn main() {{\n    let mut total = 0.0f64;\n{calls}    print(total);\n}}\n",
            PEER_HEAD + numbered(PEER_ITEM, count) +
            f'\nint main() {{\n  double total = 0;\n{peer_calls}  std::printf("%g\\n", total);\n}}\n')


def main_of(head, body, tail, is_async=False):
    return f"{'async ' if is_async else ''}fn main() {{\n{head}{body}{tail}}}\n"


def many(line, count):
    return "".join(line.replace("#J", str((7 * k + 3) % count)).replace("#", str(k)) for k in range(count))


WORK = "async fn work(i: i64) -> i64 { await sleep(1us); return i; }\n"
RISKY = 'fn risky(i: i64) -> i64 { if i == -1 { fail "no"; } return i * 2; }\n'
HEAD = "    let n = len(args()) + 4;\n    let mut t = n;\n"
TAIL = "    print(t);\n"

PEER_MAIN = "int main(int argc, char **) {\n  long n = argc + 4, t = n;\n"
PEER_TAIL = '  std::printf("%ld\\n", t);\n}\n'

# What some of those shapes are in C++.
PEERS = {
    "statements": lambda n: PEER_HEAD + PEER_MAIN + many("  t = t * 3 + #;\n", n) + PEER_TAIL,
    "conditions and messages": lambda n: PEER_HEAD + PEER_MAIN + many(
        '  if (t % 5 == 0) t += #;\n  if (t == -#) throw std::runtime_error("no " + std::to_string(t));\n  t = t / (n + #);\n', n) +
    PEER_TAIL,
    "loops": lambda n: PEER_HEAD + PEER_MAIN + many(
        "  for (long i = 0; i < n; ++i) if (i % 3 == 1) t += i * #;\n", n) + PEER_TAIL,
    "arrays alive": lambda n: PEER_HEAD + PEER_MAIN + many("  std::vector<long> a#(n, #);\n", n) +
    many("  a#.at(1) = a#J.at(2) + 1;\n", n) + PEER_TAIL,
}

# One function that has many of something: name, how many at first, its program.
SHAPES = [
    ("statements", 1250, lambda n: main_of(HEAD, many("    t = t * 3 + #;\n", n), TAIL)),
    ("variables", 500, lambda n: main_of(HEAD, many("    let mut v# = n + #;\n", n) + many("    v# += v#J;\n", n),
                                         f"    print(v0 + v{n - 1});\n")),
    ("conditions and messages", 250, lambda n: main_of(
        HEAD, many('    if t % 5 == 0 { t += #; }\n    assert(t != -#, "no {t}");\n    t = t / (n + #);\n', n), TAIL)),
    ("calls that may fail", 250, lambda n: RISKY + main_of(HEAD, many("    t += risky(t + #);\n", n), TAIL)),
    ("messages printed", 250, lambda n: main_of(HEAD, many('    print("{t} and {n} of #");\n    t += #;\n', n), TAIL)),
    ("loops", 125, lambda n: main_of(HEAD, many("    for i in 0..n { if i % 3 == 1 { t += i * #; } }\n", n), TAIL)),
    ("loops in a loop", 125, lambda n: main_of(HEAD + "    for o in 0..n {\n", many(
        "        for i in 0..o { if i % 3 == 1 { t += i * #; } }\n", n), "    }\n" + TAIL)),
    ("arrays alive", 125, lambda n: main_of(HEAD, many("    let mut a# = full(#, n);\n", n) +
                                            many("    a#[1] = a#J[2] + 1;\n", n), "    print(a0[1]);\n")),
    ("cases of an enum", 125, lambda n: "enum E { " + ", ".join(f"C{k}" for k in range(n)) + " }\n" +
     "fn value(e: E) -> i64 {\n    return match e {\n" + many("        C# => # * 7,\n", n) + "    };\n}\n" +
     main_of("", "", "    print(value(C0));\n")),
    ("awaits", 125, lambda n: WORK + main_of(HEAD, many("    t += await work(#);\n", n), TAIL, True)),
    ("futures alive", 125, lambda n: WORK + main_of(HEAD, many("    let f# = async work(#);\n", n) +
                                                    many("    t += await f#;\n", n), TAIL, True)),
    ("try blocks", 125, lambda n: WORK + main_of(
        HEAD, many("    try { t += await work(#); } catch e { print(e.message); }\n", n), TAIL, True)),
    ("kernels", 10, lambda n: main_of(HEAD, many("    t += await sum each i in n => i * #;\n", n), TAIL, True)),
]


def seconds(runs, *command):
    """The least processor time of some runs of a command that must succeed."""
    best = None
    for _ in range(runs):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        done = subprocess.run([str(word) for word in command], capture_output=True, text=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        if done.returncode:
            sys.exit(f"compile: {' '.join(map(str, command))} failed:\n{done.stdout}{done.stderr}")
        used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        best = used if best is None else min(best, used)
    return best


class Table:
    def __init__(self, *head):
        self.rows = [head]

    def add(self, *cells):
        self.rows.append(cells)
        print("compile:", *cells, file=sys.stderr, flush=True)

    def __str__(self):
        return aligned(self.rows) + "\n"


def milliseconds(time):
    return f"{time * 1e3:.3g} ms"


def programs(awgc, folder, sizes):
    """Whole programs of growing length, beside the same in C++."""
    table = Table("lines", "awgc check", "awgc -O2", "clang++ -O2", "ratio", "check, time a line", "-O2, time a line")
    points = []
    for size in sizes:
        text, peer = program(size)
        source, peer_source = folder / "program.awg", folder / "program.cpp"
        source.write_text(text)
        peer_source.write_text(peer)
        lines = text.count("\n")
        check = seconds(3, awgc, "check", source)
        ours = seconds(1, awgc, "--emit=obj", source, "-o", folder / "program.o")
        theirs = seconds(1, CLANG, "-std=c++20", "-O2", "-fopenmp", "-c", peer_source, "-o", folder / "peer.o")
        points.append((lines, check, ours, theirs))
        table.add(str(lines), milliseconds(check), milliseconds(ours), milliseconds(theirs), f"{ours / theirs:.2f}",
                  *(f"{points[-1][k] / lines / points[0][k] * points[0][0]:.2f}" for k in (1, 2)))
    return f"{table}\n{plot(points)}"


def plot(points):
    """A chart in Mermaid's language, which viewers of Markdown draw."""
    lines, _, ours, theirs = zip(*points)
    return "\n".join(["```mermaid", "xychart-beta", '    title "Seconds over lines, -O2: awgc (lower) and clang++"',
                      f"    x-axis [0, {', '.join(map(str, lines))}]", '    y-axis "seconds"',
                      *(f"    line [0, {', '.join(f'{seconds:.2f}' for seconds in row)}]" for row in (ours, theirs)), "```", ""])


def functions(awgc, folder, doublings):
    """Single functions that double in length."""
    table = Table("one function of", "number", "awgc check", "awgc -O2", "clang++ -O2", "check, time a line", "-O2, time a line",
                  "clang++, time a line")
    source, peer = folder / "function.awg", folder / "function.cpp"
    for name, start, shape in SHAPES:
        first = None
        for doubling in range(doublings + 1):
            count = start << doubling
            source.write_text(shape(count))
            check = seconds(3, awgc, "check", source) / count
            ours = seconds(3, awgc, "--emit=obj", source, "-o", folder / "function.o") / count
            theirs = None
            if name in PEERS and doubling < 2: # clang needs minutes for 500 vectors
                peer.write_text(PEERS[name](count))
                theirs = seconds(1, CLANG, "-std=c++20", "-O2", "-c", peer, "-o", folder / "peer.o") / count
            first = first or (check, ours, theirs)
            table.add(name, str(count), milliseconds(check * count), milliseconds(ours * count),
                      milliseconds(theirs * count) if theirs else "-", f"{check / first[0]:.2f}", f"{ours / first[1]:.2f}",
                      f"{theirs / first[2]:.2f}" if theirs else "-")
    return table


NOTE = """
Whole programs take a time linear in their length. One function of a thousand blocks and more outgrows the caches of the processor: the time
a line of `awaits`, `futures alive` and `try blocks` rises until there, and little beyond.
"""


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=pathlib.Path, default=BENCH.parent / "build", help="the build to measure")
    parser.add_argument("--quick", action="store_true", help="shorter programs; leaves no file")
    options = parser.parse_args()
    awgc = options.build.resolve() / "bin" / "awgc"
    with tempfile.TemporaryDirectory(prefix="awg-compile-") as folder:
        folder = pathlib.Path(folder)
        text = (f"{programs(awgc, folder, [300, 600] if options.quick else [2500, 5000, 7500, 10000])}\n"
                f"{functions(awgc, folder, 1 if options.quick else 2)}")
    print(text, end="")
    if not options.quick:
        (BENCH / "results" / "compile.md").write_text("Processor time of the compiler.\n\n" + text + NOTE)


if __name__ == "__main__":
    main()
