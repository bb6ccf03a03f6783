"""What `awgc check` accepts compiles, at every level and for GPUs, and keeps its meaning when it is laid out.

    python3 compiles.py --awgc build/bin/awgc --seeds 1..200 [--mutants 20] [--ptxas /usr/local/cuda/bin/ptxas]

Random programs, and mutants of them in which some tokens are dropped, doubled or exchanged: a mutant is refused (exit code 1)
or accepted, and then goes the same way. Failures are printed, and their programs stay in the folder.
"""

import argparse
import pathlib
import random
import re
import subprocess
import sys
import tempfile

import generate

TOKEN = re.compile(r'"[^"]*"|\w+|<<|>>|=>|->|==|!=|<=|>=|&&|\|\||\.\.|\s+|.')


def run(*command):
    """The exit code, or "hangs"; what was printed."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=900)
    except subprocess.TimeoutExpired:
        return "hangs", ""
    return done.returncode, done.stdout + done.stderr


def tree(awgc, path):
    """The AST without places."""
    code, text = run(*awgc, "--emit=ast", path)
    return code, re.sub(r"[\w./-]*:?\d+:\d+(-\d+:\d+)?", "", text)


def layout_fault(awgc, path):
    laid_out, again = path.with_suffix(".fmt.awg"), path.with_suffix(".again.awg")
    for source, target in ((path, laid_out), (laid_out, again)):
        target.write_text(source.read_text())
        code, text = run(*awgc, "fmt", target)
        if code != 0:
            return f"fmt: {code}: {text[:200]}"
    fault = None
    if laid_out.read_text() != again.read_text():
        fault = "fmt changes its own output"
    elif tree(awgc, path) != tree(awgc, laid_out):
        fault = "fmt changes the tree"
    laid_out.unlink()
    again.unlink()
    return fault


def compile_fault(awgc, path, ptxas):
    """What goes wrong with a program that is accepted, or None."""
    output = path.with_suffix(".out")
    try:
        for level in ("-O0", "-O2"):
            code, text = run(*awgc, level, "--emit=obj", path, "-o", output)
            if code != 0:
                return f"{level}: {code}: {text[:300]}"
        code, text = run(*awgc, "--emit=ptx", path, "-o", output)
        if code != 0:
            return f"ptx: {code}: {text[:300]}"
        if ptxas and output.stat().st_size:  # there are none without kernels
            code, text = run(ptxas, "-arch=sm_80", "-O0", output, "-o", "/dev/null")
            if code != 0:
                return f"ptxas: {code}: {text[:300]}"
    finally:
        output.unlink(missing_ok=True)
    return layout_fault(awgc, path)


def mutant(text, rng):
    tokens = TOKEN.findall(text)
    solid = [k for k, token in enumerate(tokens) if not token.isspace()]
    for _ in range(rng.randint(1, 2)):
        k, other = rng.choice(solid), rng.choice(solid)
        kind = rng.randrange(5)
        if kind == 0:
            tokens[k] = ""
        elif kind == 1:
            tokens[k] = tokens[k] + " " + tokens[k]
        else:  # likelier to be accepted: a token of the same sort
            alike = [n for n in solid if tokens[n][:1].isalnum() == tokens[k][:1].isalnum() and tokens[n][:1] == tokens[k][:1]]
            tokens[k] = tokens[rng.choice(alike) if kind > 2 else other]
    return "".join(tokens)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--awgc", required=True)
    parser.add_argument("--seeds", default="1..50")
    parser.add_argument("--mutants", type=int, default=20)
    parser.add_argument("--ptxas")
    parser.add_argument("--keep")
    options = parser.parse_args()
    low, _, high = options.seeds.partition("..")
    awgc, folder = options.awgc.split(), pathlib.Path(options.keep or tempfile.mkdtemp(prefix="awg-compiles-"))
    folder.mkdir(parents=True, exist_ok=True)
    mutants = accepted = bad = 0
    for seed in range(int(low), int(high or low) + 1):
        rng = random.Random(seed)
        program = generate.Program(seed, modules=False).main + f"async fn main() {{ await p{seed}_main(); }}\n"
        for number in range(options.mutants + 1):
            path = folder / f"seed-{seed}-{number}.awg"
            path.write_text(mutant(program, rng) if number else program)
            code, text = run(*awgc, "check", path)
            mutants += number > 0
            fault = None
            if code == 0:
                accepted += number > 0
                fault = compile_fault(awgc, path, options.ptxas)
            elif code != 1 or not number:
                fault = f"check: {code}: {text[:300]}"
            if fault:
                bad += 1
                print(f"{path}: {fault}", flush=True)
            else:
                path.unlink()
    print(f"seeds {options.seeds}, {mutants} mutants of which {accepted} are accepted: {bad} fail")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
