"""An awgc that compiles wrongly: planted.py FAULT AWGC... run -O0 FILE changes the LLVM IR of the program before it is built.

    python3 planted.py --awgc build/bin/awgc [--seeds 1..400] [--tries 20]    # plants each fault: run.py must find it

The seeds are gone through until one's program prints something else: at most so many `tries` of those that the fault touches at all.
"""

import argparse
import itertools
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import run

VALUE = r"[-%\w.+]+"


def forgetful(function):
    """What a function writes to the number that it is lent is lost."""
    return re.sub(r"store (?:i\d+|half|bfloat|float|double) \S+, ptr %1\b.*", "", function[0])


FAULTS = {
    # none, which must not be found
    "none": (r"(?!)", ""),
    # a fused multiply-add that rounds twice
    "unfused": (rf"(%\w+) = call (\w+) @llvm\.fma\.\w+\(\w+ ({VALUE}), \w+ ({VALUE}), \w+ ({VALUE})\)",
                r"\1.product = fmul \2 \3, \4\n  \1 = fadd \2 \1.product, \5"),
    # an index that is one too large passes its check
    "bounds": (rf"= icmp ult i64 ({VALUE}, {VALUE})", r"= icmp ule i64 \1"),
    # `>>` of a signed number that is not arithmetic
    "shift": (r"= ashr ", "= lshr "),
    # a quotient of signed numbers taken as one of unsigned ones
    "quotient": (r"= sdiv (?:exact )?", "= udiv "),
    # a conversion that loses the sign
    "extension": (r"= sext (i8|i16|i32) ", r"= zext nneg \1 "),
    # shift counts modulo half the width
    "count": (rf"= and i64 ({VALUE}), 63\b", r"= and i64 \1, 31"),
    # `<` of floats that is true beside a NaN
    "unordered": (r"= fcmp olt ", "= fcmp ult "),
    # a minimum that is taken as unsigned
    "atomic": (r"= atomicrmw (volatile )?min ", r"= atomicrmw \1umin "),
    # an element that a function was lent for writing keeps what it had
    "lent": (r"(?ms)^define [^\n]*@awg_p\d+_e\d+\(ptr %0, ptr %1, i64 %2.*?^}", forgetful),
}

# what a program must print, if the fault is to show in it at all
SHOWS = {"bounds": r"index (\d+) is out of range 0\.\.\1\b"}


def compile_wrongly(fault, awgc, source):
    """Runs the program with the fault in it; one that the fault does not touch runs as it is."""
    pattern, replacement = FAULTS[fault]
    library = pathlib.Path(awgc).resolve().parent.parent / "lib" / "libawgrt.a"
    with tempfile.TemporaryDirectory() as folder:
        ir, program = pathlib.Path(folder, "program.ll"), pathlib.Path(folder, "program")
        subprocess.run([awgc, "--emit=llvm-ir", "-O0", source, "-o", ir], check=True)
        ir.write_text(re.sub(pattern, replacement, ir.read_text()))
        clang = os.environ.get("AWG_CLANG", "clang++-22")
        subprocess.run([clang, "-O1", "-Wno-override-module", "-x", "ir", ir, "-x", "none", library, "-lpthread", "-ldl", "-lm", "-o", program],
                       check=True)
        return subprocess.run([program]).returncode


def touched(fault, awgc, seeds):
    """The seeds whose programs a fault changes; that of none, all."""
    with tempfile.TemporaryDirectory() as folder:
        ir = pathlib.Path(folder, "program.ll")
        for seed in seeds:
            (program, *_), expected = run.write(pathlib.Path(folder), [seed])
            if not re.search(SHOWS.get(fault, ""), expected):
                continue
            subprocess.run([*awgc.split(), "--emit=llvm-ir", "-O0", program, "-o", ir], check=True)
            text = ir.read_text()
            if fault == "none" or re.sub(*FAULTS[fault], text) != text:
                yield seed


def found(fault, options):
    """Whether run.py reports the fault within the seeds, or, for none, within the first two."""
    compiler = f"{sys.executable} {__file__} {fault} {options.awgc}"
    here = pathlib.Path(__file__).parent
    low, _, high = options.seeds.partition("..")
    seeds = touched(fault, options.awgc, range(int(low), int(high or low) + 1))
    output = ""
    for seed in itertools.islice(seeds, 2 if fault == "none" else options.tries):
        done = subprocess.run([sys.executable, here / "run.py", "--awgc", compiler, "--seeds", str(seed), "--levels", "0",
                               "--devices", "cpu:2", "--first"], capture_output=True, text=True)
        output += done.stdout + done.stderr
        if done.returncode == 1:
            print(f"{fault}: found by {done.stdout.split(':')[0]}", flush=True)
            return True
    print(f"{fault}: not found\n{output}", flush=True)
    return False


def main():
    if sys.argv[1] in FAULTS:
        awgc, source = sys.argv[2], sys.argv[-1]
        sys.exit(compile_wrongly(sys.argv[1], awgc, source))
    parser = argparse.ArgumentParser()
    parser.add_argument("--awgc", required=True)
    parser.add_argument("--seeds", default="1..400")
    parser.add_argument("--tries", type=int, default=20)
    parser.add_argument("--faults", default=",".join(FAULTS))
    options = parser.parse_args()
    options.awgc = shutil.which(options.awgc) or options.awgc
    missed = [fault for fault in options.faults.split(",") if found(fault, options) == (fault == "none")]
    sys.exit(1 if missed else 0)


if __name__ == "__main__":
    main()
