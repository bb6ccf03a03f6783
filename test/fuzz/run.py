"""Hunts for programs whose output differs from what the reference interpreter computed.

    python3 run.py --awgc build/bin/awgc --seeds 1..1000 [--batch 20] [--levels 0,3] [--devices cpu:1,cpu:4] [--all] [--keep FOLDER]
    python3 run.py --runner build/bin/awg-fuzz-runner --seeds 1..20000 --levels 0,3 --devices cpu:1,cpu:4 --all --emulate 8

Seeds are compiled in batches, each for one level and number of processors in turn, or with --all for each of them; every so
many batches on an emulated GPU too. Where a batch fails, its seeds are run one by one, and those that fail, or the batch if none
does, are printed with the command that shows them; their programs stay in the folder. --first ends with the first one. What is interrupted says how far
it came.
"""

import argparse
import itertools
import os
import pathlib
import signal
import subprocess
import sys
import tempfile

import generate


class Command:
    """awgc, which compiles a program for each of its runs."""

    def __init__(self, awgc):
        self.awgc = awgc.split()

    def run(self, path, level, devices):
        """What is printed to standard output and error, on each of the devices."""
        return [self.run_once(path, level, device) for device in devices]

    def run_once(self, path, level, device):
        try:
            done = subprocess.run([*self.awgc, "run", f"-O{level}", path], capture_output=True, text=True, errors="replace",
                                  env={**os.environ, "AWG_DEVICES": device}, timeout=900)
        except subprocess.TimeoutExpired:
            return "hangs\n", ""
        return ended(done.stdout, done.returncode), done.stderr


class Runner:
    """awg-fuzz-runner, a process that compiles a program once for all of its runs."""

    def __init__(self, program):
        self.process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def run(self, path, level, devices):
        self.process.stdin.write(f"{level} {path} {' '.join(devices)}\n")
        self.process.stdin.flush()
        codes = [int(code) for code in self.process.stdout.readline().split()]
        found = []
        for number in range(len(devices)):
            files = [pathlib.Path(f"{path}.{number}.{end}") for end in ("out", "err")]
            texts = [file.read_text(errors="replace") if file.exists() else "" for file in files]
            found.append((ended(texts[0], codes[min(number, len(codes) - 1)]), texts[1]))
            for file in files:
                file.unlink(missing_ok=True)
        return found


def ended(output, code):
    return output + (f"exit code {code}\n" if code else "")


def write(folder, seeds):
    """Writes the program of these seeds and its modules: the paths of all, the program's first, and what it should print."""
    text, modules, expected = generate.batch(seeds)
    texts = {f"seed-{seeds[0]}{'-' + str(seeds[-1]) if len(seeds) > 1 else ''}.awg": text, **modules}
    for name, content in texts.items():
        (folder / name).write_text(content)
    return [folder / name for name in texts], expected


def failures(compiler, folder, seeds, configurations):
    """The configurations, levels with devices, in which a program of these seeds does not print what it should, each with the
    difference. Its files stay if there are any."""
    (path, *modules), expected = write(folder, seeds)
    found = []
    for level, devices in configurations:
        for device, (output, errors) in zip(devices, compiler.run(path, level, devices)):
            if output == expected:
                continue
            pairs = itertools.zip_longest(expected.splitlines(), output.splitlines())
            first = next(((a, b) for a, b in pairs if a != b), ("", ""))
            found.append((level, device, f"  expected: {first[0]}\n  printed:  {first[1]}\n  {errors.strip()[:500]}"))
    if not found:
        for file in (path, *modules):
            file.unlink()
    return found


def failing(compiler, folder, seeds, configurations):
    """The sets of these seeds that fail, each with its failures: single ones, or all together if none fails alone."""
    together = failures(compiler, folder, seeds, configurations)
    if not together or len(seeds) == 1:
        return [(seeds, together)] if together else []
    alone = [([seed], failures(compiler, folder, [seed], configurations)) for seed in seeds]
    if not any(found for _, found in alone):
        write(folder, seeds)  # what ran alone has taken away the modules
        return [(seeds, together)]
    return [(seeds, found) for seeds, found in alone if found]


def turns(options):
    """The configurations of each batch: levels with the devices that each is run on."""
    levels, devices = options.levels.split(","), options.devices.split(",")
    single = [(level, [device]) for level in levels for device in devices]
    for number in itertools.count():
        emulated = ["emu:1"] if options.emulate and number % options.emulate == 0 else []
        if options.all:
            yield [(level, devices + emulated) for level in levels]
        else:
            level, chosen = single[5 * number % len(single)]
            yield [(level, chosen + emulated)]


def hunt(options, compiler, folder, seeds):
    """How many seeds were tried, and how many of them, or of their batches, fail."""
    tried = bad = 0
    try:
        for start, chosen in zip(range(0, len(seeds), options.batch), turns(options)):
            some = seeds[start:start + options.batch]
            for those, found in failing(compiler, folder, some, chosen):
                bad += 1
                level, device, difference = found[0]
                low, high = those[0], those[-1]
                name, file = (f"seed {low}", f"seed-{low}") if low == high else (f"seeds {low}..{high}", f"seed-{low}-{high}")
                note = "" if low == high else " fail together, none alone:"
                print(f"{name}:{note} AWG_DEVICES={device} {options.awgc} run -O{level} {folder}/{file}.awg\n{difference}", flush=True)
            tried += len(some)
            if bad and options.first:
                break
    except KeyboardInterrupt:
        pass
    return tried, bad


def interrupt(*_):
    raise KeyboardInterrupt


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--awgc", default="awgc")
    parser.add_argument("--runner")
    parser.add_argument("--seeds", default="1..100")
    parser.add_argument("--batch", type=int, default=20)
    parser.add_argument("--levels", default="0,3,2")
    parser.add_argument("--devices", default="cpu:1,cpu:4,cpu:7,cpu:2")
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--emulate", type=int, default=0, metavar="N")
    parser.add_argument("--first", action="store_true")
    parser.add_argument("--keep")
    options = parser.parse_args()
    low, _, high = options.seeds.partition("..")
    seeds = list(range(int(low), int(high or low) + 1))
    folder = pathlib.Path(options.keep or tempfile.mkdtemp(prefix="awg-fuzz-"))
    folder.mkdir(parents=True, exist_ok=True)
    signal.signal(signal.SIGTERM, interrupt)
    compiler = Runner(options.runner) if options.runner else Command(options.awgc)
    tried, bad = hunt(options, compiler, folder, seeds)
    if tried:
        print(f"seeds {low}..{seeds[tried - 1]}: {bad} of them fail" + (f", in {folder}" if bad else ""))
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
