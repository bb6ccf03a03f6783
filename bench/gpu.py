"""Measures a GPU through Awg beside the CUDA driver called directly, in turns, and leaves a table in bench/results/.

    bench/gpu.py [--build FOLDER] [--emulated] [--quick]

--emulated takes the emulator in place of a GPU, with small sizes: it tries this program, its numbers mean nothing and are not kept.
Aims: saxpy and sum at the bandwidth of a copy on the device, an await within 1 us of cuStreamSynchronize, 1,000 chained kernels within
1.1 times a CUDA graph of them, copies that overlap with kernels to 97 % of the ideal.
"""

import argparse
import os
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile

from table import aligned

BENCH = pathlib.Path(__file__).resolve().parent
ROOT = BENCH.parent
BATCHES = 8


def run(*command, **variables):
    """Standard output of a command that must succeed."""
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, env={**os.environ, **variables})
    if done.returncode:
        sys.exit(f"gpu.py: {' '.join(map(str, command))} failed:\n{done.stdout}{done.stderr}")
    return done.stdout


def medians(output):
    """Median microseconds of each name in lines `NAME MICROSECONDS`, after the first of it, which warms up."""
    times = {}
    for line in output.splitlines():
        name, value = line.split()
        times.setdefault(name, []).append(float(value))
    return {name: statistics.median(values[1:] or values) for name, values in times.items()}


def rows(ours, peer, n):
    """Lines of the table: what, Awg, the driver alone, the ratio, the aim."""

    def bandwidth(bytes_each, microseconds):
        return bytes_each * n / microseconds / 1e3

    copy = bandwidth(8, peer["copy"])
    for name, bytes_each in (("saxpy", 12), ("sum", 4)):
        mine = bandwidth(bytes_each, ours[name])
        yield f"{name}, {n} f32", f"{mine:.1f} GB/s", f"{copy:.1f} GB/s, a copy", f"{mine / copy:.2f}", "1"
    late = ours["await"] - peer["launch"]
    yield "launch and await", f"{ours['await']:.2f} us", f"{peer['launch']:.2f} us, cuStreamSynchronize", f"{late:+.2f} us", "+1 us"
    yield "1,000 chained kernels", f"{ours['chain']:.0f} us", f"{peer['chain']:.0f} us, a graph", f"{ours['chain'] / peer['chain']:.2f}", "1.1"
    yield "", "", f"{peer['chain/stream']:.0f} us, a stream", f"{ours['chain'] / peer['chain/stream']:.2f}", ""
    copying, computing = ours["copy"], ours["compute"]
    ideal = max(copying, computing) + min(copying, computing) / BATCHES
    yield (f"copies of {BATCHES} batches and kernels on them", f"{ours['both']:.0f} us", f"{ideal:.0f} us, the ideal of "
           f"{copying:.0f} and {computing:.0f}", f"{ideal / ours['both']:.2f}", "0.97")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build", help="the build to measure")
    parser.add_argument("--emulated", action="store_true", help="try this program on the emulator")
    parser.add_argument("--quick", action="store_true", help="fewer rounds; leaves no file")
    options = parser.parse_args()
    build = options.build.resolve()
    library = build / "lib" / "libawgemu.so" if options.emulated else "libcuda.so.1"
    devices = {"AWG_DEVICES": "emu:1" if options.emulated else "gpu:0", "AWG_EMU_LIBRARY": str(build / "lib" / "libawgemu.so")}
    n, batch, turns, rounds = (4096, 2048, 4, 2) if options.emulated else (1 << 28, 1 << 24, 2000, 3 if options.quick else 9)
    with tempfile.TemporaryDirectory(prefix="awg-gpu-") as folder:
        ours, peer = pathlib.Path(folder) / "ours", pathlib.Path(folder) / "peer"
        run(build / "bin" / "awgc", BENCH / "gpu.awg", "-o", ours)
        run("clang++-22", "-std=c++20", "-O2", "-I", ROOT / "runtime", BENCH / "peers" / "gpu.cpp", "-o", peer)
        name = run(build / "bin" / "awgc", "devices", **devices).splitlines()[1]
        said, peers = "", ""
        for _ in range(1 if options.quick or options.emulated else 3):
            said += run(ours, n, batch, turns, rounds, **devices)
            peers += run(peer, library, n, rounds, AWG_EMU_DEVICES="1")
    lines = [("", "Awg", "beside it", "ratio", "aim"), *rows(medians(said), medians(peers), n)]
    text = f"{name}\n\n{aligned(lines)}\n"
    print(text, end="")
    if not options.quick and not options.emulated:
        file = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
        (BENCH / "results" / f"{file}.md").write_text(text + "\n`bench/gpu.py`\n")


if __name__ == "__main__":
    main()
