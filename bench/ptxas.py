"""What ptxas makes of the PTX of kernels: registers and spills, beside `nvcc -O3` on the same kernels in CUDA C++.

  python3 bench/ptxas.py build/bin/awgc [--cuda /usr/local/cuda/bin] [--out bench/results/ptxas.md]
  python3 bench/ptxas.py build/bin/awgc --check FILE...     # only: does ptxas take them, for all chips, without a word?
  python3 bench/ptxas.py build/bin/awgc --check-all         # the same for all programs of test/programs and examples
"""

import argparse
import concurrent.futures
import os
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[1]
CHIPS = ("sm_80", "sm_90", "sm_100")
EXAMPLES = ("saxpy", "heat", "nbody", "mandelbrot", "blackscholes", "histogram")


NOTES = """\
Warps: how many of a multiprocessor's 64 have room by their registers. Up to 32 registers all have, so that those cost nothing.

Where there are more registers than nvcc's:

- `price64` is the one for which it means fewer warps. It divides three times: for what a division by ptxas leaves to a function, that takes
  some 20 registers beside what is alive where it is called, and the place where most is alive is the division of the language's own `log`,
  where nvcc's has none. (`erf` and `exp` leave room.) Held to 32 registers it spills 20 bytes.
- `mandelbrot` and `step`: most is alive within ptxas's function for divisions of 64 bits, unsigned in Awg and signed in C++.
- `count_letters` computes its place in a byte, as the program says, where C++ does in an `int`; `count_words` keeps an address.
- A check that can fail calls a function that reports it, which takes 13 to 20 registers in all, however small the kernel is. No check is
  left in these kernels.

`accelerate_tree` is `accelerate` with the sum in the order of Awg's tree, which gives the same bits however it is computed, and is what is to
be compared with: up to seven sums of each of the tree's three levels wait in the stack, in C++ as in Awg. As registers they would be 42."""


def call(*words):
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{' '.join(map(str, words))}: {done.stderr or done.stdout}")
    return done.stdout + done.stderr


def resources(report):
    """Of ptxas -v: kernel -> (registers, bytes of spills, bytes of stack)."""
    found = {}
    for part in report.split("Compiling entry function '")[1:]:
        name = part.split("'")[0].removeprefix("awg_")
        numbers = re.search(r"(\d+) bytes stack frame, (\d+) bytes spill stores, (\d+) bytes spill loads", part)
        found[name] = (int(re.search(r"Used (\d+) registers", part)[1]), int(numbers[2]) + int(numbers[3]), int(numbers[1]))
    return found


def warps(registers):
    """How many warps a multiprocessor has room for, 64 at most: each of its four parts has 16384 registers, given out by 256."""
    return min(16, 16384 // max(256 * -(-32 * registers // 256), 1)) * 4


def emit(awgc, file, chip):
    """The PTX of a program; empty if it has no kernels, or is there to be refused by `awgc check`."""
    done = subprocess.run([*awgc, "--emit=ptx", f"--target={chip}", str(file), "-o", "-"], capture_output=True, text=True)
    if done.returncode and subprocess.run([*awgc, "check", str(file)], capture_output=True).returncode != 1:
        sys.exit(f"ptxas: {file} does not compile, with exit code {done.returncode}:\n{done.stderr}")
    return done.stdout if done.returncode == 0 else ""


DEFINED = re.compile(r"^(?:\.visible |\.weak )?\.(?:entry|func)\s+(?:\([^)]*\)\s*)?([\w$]+)|"
                     r"^(?:\.visible )?\.(?:global|shared|const) [^;={]*?([A-Za-z_$][\w$]*)(?:\[\d*\])?(?: =|;)", re.MULTILINE)


def renamed(text, number):
    """The text with a number behind the names that it defines: so one call of ptxas takes many."""
    names = {name for pair in DEFINED.findall(text) for name in pair if name}
    return re.sub(r"[A-Za-z_$][\w$]*", lambda match: f"{match[0]}__{number}" if match[0] in names else match[0], text)


def check(awgc, ptxas, files, folder):
    """What ptxas says about the PTX of the files, as it is emitted for each chip, and a line a chip; whether it said anything."""
    said, lines = False, []
    for chip in CHIPS:
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            texts = [text for text in pool.map(lambda file: emit(awgc, file, chip), files) if text]
        for number, text in enumerate(texts):
            (folder / f"{number}.ptx").write_text(renamed(text, number))
        words = [ptxas, f"-arch={chip}", *(folder / f"{number}.ptx" for number in range(len(texts))), "-o", "/dev/null"]
        done = subprocess.run(words, capture_output=True, text=True)
        if done.returncode or done.stdout + done.stderr:
            lines.append(f"for {chip}: exit code {done.returncode}\n{done.stdout}{done.stderr}")
            said = True
        kernels = sum(text.count(".visible .entry ") for text in texts)
        lines.append(f"{chip}: {kernels} kernels of {len(texts)} programs")
    return said, [*lines, "see above" if said else "not a word"]


def table(awgc, cuda, folder):
    for chip in CHIPS:
        own, unchecked = {}, {}
        for example in EXAMPLES:
            for to, options in ((own, []), (unchecked, ["--no-bounds-checks"])):
                call(*awgc, *options, "--emit=ptx", f"--target={chip}", ROOT / f"examples/{example}.awg", "-o", folder / "own.ptx")
                to.update(resources(call(cuda / "ptxas", "-v", f"-arch={chip}", folder / "own.ptx", "-o", folder / "own.cubin")))
        call(cuda / "nvcc", "-O3", "-ptx", f"-arch={chip}", ROOT / "bench/peers/kernels.cu", "-o", folder / "peer.ptx")
        peer = resources(call(cuda / "ptxas", "-v", f"-arch={chip}", folder / "peer.ptx", "-o", folder / "peer.cubin"))
        yield f"\n## {chip}\n"
        yield ("| kernel | registers | without bounds checks | nvcc -O3 | warps | nvcc's | spills | nvcc's | stack | nvcc's |\n"
               "|---|---|---|---|---|---|---|---|---|---|")
        for name, (registers, spills, stack) in peer.items():
            kernel = name.removesuffix("_tree")
            mine = own[kernel]
            yield (f"| {name} | {mine[0]} | {unchecked[kernel][0]} | {registers} | {warps(mine[0])} | {warps(registers)} "
                   f"| {mine[1]} | {spills} | {mine[2]} | {stack} |")
        others = [numbers for name, numbers in own.items() if name not in peer]
        yield (f"\nThe other {len(others)} kernels of these programs, reductions among them: at most {max(n[0] for n in others)} registers, "
               f"{sum(n[1] for n in others)} bytes of spills.")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("awgc", help="the compiler, with what stands before it")
    parser.add_argument("--cuda", type=pathlib.Path, default=pathlib.Path("/usr/local/cuda/bin"))
    parser.add_argument("--check", nargs="+", metavar="FILE")
    parser.add_argument("--check-all", action="store_true")
    parser.add_argument("--out", type=pathlib.Path)
    options = parser.parse_args()
    awgc = options.awgc.split()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        programs = [*sorted((ROOT / "test/programs").glob("*.awg")), *sorted((ROOT / "examples").glob("*.awg"))]
        if options.check or options.check_all:
            said, lines = check(awgc, options.cuda / "ptxas", options.check or programs, folder)
            print("\n".join(lines))
            sys.exit(said)
        version = re.search(r"release ([\d.]+)", call(options.cuda / "nvcc", "--version"))[1]
        text = "\n".join(["# Registers and spills of the examples", "",
                          f"By `python3 bench/ptxas.py build/bin/awgc --out bench/results/ptxas.md`; CUDA {version}. Peers: [kernels.cu](../peers/kernels.cu).",
                          "", NOTES, *table(awgc, options.cuda, folder), "", "## All programs of test/programs and examples", "",
                          "What ptxas says about them, as test/proof asks in every run of the tests:", "",
                          *(f"- {line}" for line in check(awgc, options.cuda / "ptxas", programs, folder)[1])]) + "\n"
        if options.out:
            options.out.write_text(text)
        print(text)


main()
