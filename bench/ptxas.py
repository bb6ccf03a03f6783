"""What ptxas makes of the PTX of kernels: registers and spills, beside `nvcc -O3` on the same kernels in CUDA C++.

  python3 bench/ptxas.py build/bin/awgc [--cuda /usr/local/cuda/bin] [--out bench/results/ptxas.md]
  python3 bench/ptxas.py build/bin/awgc --check FILE...     # only: does ptxas take them, for all chips, without a word?
"""

import argparse
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[1]
CHIPS = ("sm_80", "sm_90", "sm_100")
EXAMPLES = ("saxpy", "heat", "nbody", "mandelbrot", "blackscholes", "histogram")


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


def check(awgc, ptxas, files, folder):
    """Prints what ptxas says about the PTX of the files; gives whether it said anything."""
    said = False
    for file in files:
        for chip in CHIPS:
            call(*awgc, "--emit=ptx", f"--target={chip}", file, "-o", folder / "program.ptx")
            if not (folder / "program.ptx").read_text():
                continue
            done = subprocess.run([ptxas, f"-arch={chip}", folder / "program.ptx", "-o", "/dev/null"], capture_output=True, text=True)
            if done.returncode or done.stdout + done.stderr:
                print(f"{file} for {chip}: exit code {done.returncode}\n{done.stdout}{done.stderr}")
                said = True
    print(f"{len(files)} files, {len(CHIPS)} chips: {'see above' if said else 'not a word'}")
    return said


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
        yield "| kernel | registers | without bounds checks | nvcc -O3 | spills | nvcc's | stack | nvcc's |\n|---|---|---|---|---|---|---|---|"
        for name, (registers, spills, stack) in peer.items():
            mine = own[name]
            yield f"| {name} | {mine[0]} | {unchecked[name][0]} | {registers} | {mine[1]} | {spills} | {mine[2]} | {stack} |"
        others = [numbers for name, numbers in own.items() if name not in peer]
        yield (f"\nThe other {len(others)} kernels of these programs, reductions among them: at most {max(n[0] for n in others)} registers, "
               f"{sum(n[1] for n in others)} bytes of spills.")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("awgc", help="the compiler, with what stands before it")
    parser.add_argument("--cuda", type=pathlib.Path, default=pathlib.Path("/usr/local/cuda/bin"))
    parser.add_argument("--check", nargs="+", metavar="FILE")
    parser.add_argument("--out", type=pathlib.Path)
    options = parser.parse_args()
    awgc = options.awgc.split()
    with tempfile.TemporaryDirectory() as name:
        if options.check:
            sys.exit(check(awgc, options.cuda / "ptxas", options.check, pathlib.Path(name)))
        version = re.search(r"release ([\d.]+)", call(options.cuda / "nvcc", "--version"))[1]
        text = "\n".join(["# Registers and spills of the examples", "",
                          f"By `python3 bench/ptxas.py build/bin/awgc --out bench/results/ptxas.md`; CUDA {version}. Peers: [kernels.cu](../peers/kernels.cu).",
                          "", "Where there are more registers than nvcc's: bounds checks keep the extent and what a failure reports; `price` and `price64` use",
                          "the language's own `log`, `exp` and `erf`, which give the same bits on every device; rows and columns are found from a 64-bit index.",
                          "The stack of `accelerate` is that of its inner sum, whose tree is fixed.",
                          *table(awgc, options.cuda, pathlib.Path(name))]) + "\n"
        if options.out:
            options.out.write_text(text)
        print(text)


main()
