"""Hunts for programs whose output differs from what the reference interpreter computed.

    python3 run.py --awgc build/bin/awgc --seeds 1..1000 [--batch 20] [--levels 0,3] [--devices cpu:1,cpu:4] [--all] [--keep FOLDER]

Seeds are compiled in batches, each for one level and number of processors in turn, or with --all for each of them. Where a
batch fails, its seeds are run one by one, and those that fail are printed with the command that shows them; their programs
stay in the folder. --first ends with the first one.
"""

import argparse
import itertools
import os
import pathlib
import subprocess
import sys
import tempfile

import generate


def run(awgc, path, level, devices):
    environment = {**os.environ, "AWG_DEVICES": devices}
    try:
        done = subprocess.run([*awgc, "run", f"-O{level}", path], capture_output=True, text=True, errors="replace",
                              env=environment, timeout=300)
    except subprocess.TimeoutExpired:
        return "hangs\n", ""
    return done.stdout + (f"exit code {done.returncode}\n" if done.returncode else ""), done.stderr


def failures(awgc, folder, seeds, configurations):
    """The configurations in which a program of these seeds does not print what it should, each with the difference."""
    text, modules, expected = generate.batch(seeds)
    path = folder / f"seed-{seeds[0]}{'-' + str(seeds[-1]) if len(seeds) > 1 else ''}.awg"
    path.write_text(text)
    for name, module in modules.items():
        (folder / name).write_text(module)
    found = []
    for level, devices in configurations:
        output, errors = run(awgc, path, level, devices)
        if output == expected:
            continue
        pairs = itertools.zip_longest(expected.splitlines(), output.splitlines())
        first = next(((a, b) for a, b in pairs if a != b), ("", ""))
        found.append((level, devices, f"  expected: {first[0]}\n  printed:  {first[1]}\n  {errors.strip()[:500]}"))
    if not found:
        path.unlink()
        for name in modules:
            (folder / name).unlink()
    return found


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--awgc", required=True)
    parser.add_argument("--seeds", default="1..100")
    parser.add_argument("--batch", type=int, default=20)
    parser.add_argument("--levels", default="0,3,2")
    parser.add_argument("--devices", default="cpu:1,cpu:4,cpu:7,cpu:2")
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--first", action="store_true")
    parser.add_argument("--keep")
    options = parser.parse_args()
    low, _, high = options.seeds.partition("..")
    seeds = list(range(int(low), int(high or low) + 1))
    levels, devices = options.levels.split(","), options.devices.split(",")
    configurations = list(itertools.product(levels, devices))
    awgc = options.awgc.split()
    folder = pathlib.Path(options.keep or tempfile.mkdtemp(prefix="awg-fuzz-"))
    folder.mkdir(parents=True, exist_ok=True)
    bad = 0
    for number, start in enumerate(range(0, len(seeds), options.batch)):
        some = seeds[start:start + options.batch]
        turn = 5 * number % len(configurations)
        chosen = configurations if options.all else configurations[turn:turn + 1]
        if not failures(awgc, folder, some, chosen):
            continue
        for seed in some:
            found = failures(awgc, folder, [seed], chosen)
            bad += bool(found)
            for level, device, difference in found[:1]:
                print(f"seed {seed}: AWG_DEVICES={device} {options.awgc} run -O{level} {folder}/seed-{seed}.awg\n{difference}", flush=True)
            if bad and options.first:
                return 1
    print(f"seeds {options.seeds}: {bad} of them fail" + (f", in {folder}" if bad else ""))
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
