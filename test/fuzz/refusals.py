"""Spoils accepted programs, each by one mistake, and expects the kind of diagnostic and the line where it is due.

    python3 refusals.py --awgc build/bin/awgc --seeds 1..200
"""

import argparse
import json
import pathlib
import random
import re
import subprocess
import sys
import tempfile

import generate

MISTAKES = {}


def mistake(kind):
    """A function of (lines, rng) that spoils the lines in place and gives the numbers of those where a diagnostic of `kind`
    may stand, from 0; None where the program offers no place for it."""
    def register(function):
        MISTAKES[function.__name__] = (kind, function)
        return function
    return register


def matches(lines, pattern):
    return [(k, m) for k, line in enumerate(lines) if (m := re.search(pattern, line))]


def a_place(lines, rng, pattern):
    found = matches(lines, pattern)
    return rng.choice(found) if found else (None, None)


def block_end(lines, k):
    """The line that closes the block around line `k`."""
    depth = 0
    for end in range(k, len(lines)):
        depth += lines[end].count("{") - lines[end].count("}")
        if depth < 0:
            return end
    return None


def put(lines, k, text):
    lines.insert(k, text)
    return [k]


def main_start(lines):
    return next(k for k, line in enumerate(lines) if re.match(r"async fn p\d+_main", line)) + 1


@mistake("unawaited-call")
def kernel_without_await(lines, rng):
    k, m = a_place(lines, rng, r"^\s+await p\d+_k\d+\(.*\);")
    if m:
        lines[k] = lines[k].replace("await ", "", 1)
        return [k]


@mistake("unawaited-call")
def each_without_await(lines, rng):
    k, m = a_place(lines, rng, r"^\s+await each ")
    if m:
        lines[k] = lines[k].replace("await ", "", 1)
        return [k]


@mistake("unused-future")
def future_dropped(lines, rng):
    k, m = a_place(lines, rng, r"^\s+await (t\d+);")
    starts = matches(lines, rf"let {m[1]} = ") if m else []
    if len(starts) == 1:
        lines[k] = ""
        return [starts[0][0]]


@mistake("unused-future")
def future_ignored(lines, rng):
    k = main_start(lines)
    return put(lines, k, "    let dropped = async { 1 };")


@mistake("use-after-move")
def awaited_twice(lines, rng):
    k, m = a_place(lines, rng, r"^\s+await (t\d+);")
    if m:
        return put(lines, k + 1, f"await {m[1]};")


@mistake("use-after-move")
def array_given_away(lines, rng):
    k, m = a_place(lines, rng, r"^    let (?:mut )?(v\d+): \w+\[_\] = ")
    uses = [n for n, line in enumerate(lines) if m and n > k and re.search(rf"\b{m[1]}\b", line)]
    if uses and lines[k].endswith(";"):
        lines.insert(k + 1, f"    let given = {m[1]};")
        return [n + 1 for n in uses]


@mistake("not-mut")
def assigned_without_mut(lines, rng):
    assigned = [m[1] for _, m in matches(lines, r"^\s+(v\d+) (?:[-+*&|^]?)= ")]
    found = [(k, m) for k, m in matches(lines, r"let mut (v\d+)\b") if m[1] in assigned and len(matches(lines, rf"let (?:mut )?{m[1]}\b")) == 1]
    if found:
        k, m = rng.choice(found)
        lines[k] = lines[k].replace(f"let mut {m[1]}", f"let {m[1]}", 1)
        return [n for n, line in enumerate(lines) if re.search(rf"\b{m[1]}\b", line)]


@mistake("use-while-lent")
def printed_while_written(lines, rng):
    k, m = a_place(lines, rng, r"^\s+let t\d+ = async p\d+_k\d+\(.*mut (v\d+)\)(?: on cpu)?;$")
    if m:
        return put(lines, k + 1, f'print("{{{m[1]}}}");')


@mistake("use-while-lent")
def second_view(lines, rng):
    k, m = a_place(lines, rng, r"^    let mut (v\d+): \w+\[_\] = .*;$")
    if m:
        lines[k + 1:k + 1] = [f"    let mut front = {m[1]}[..];", f"    let back = {m[1]}[..];", '    print("{front} {back}");']
        return [k + 2]


@mistake("use-while-lent")
def assigned_while_copied(lines, rng):
    k = main_start(lines)
    lines[k:k] = ["    let mut lent = zeros<i64>(3);", "    let running = async { len(lent) };", "    lent[0] = 1;", "    await running;"]
    return [k + 2]


@mistake("racy-write")
def element_of_all(lines, rng):
    k, m = a_place(lines, rng, r"^\s+(v\d+)\[(x\d+)\] [-+*&|^]?= ")
    launches = matches(lines[:k], rf"(?:await|async) each {m[2]} in (\d+) {{$") if m else []
    if launches and int(launches[-1][1][1]) > 0:
        lines[k] = lines[k].replace(f"{m[1]}[{m[2]}]", f"{m[1]}[0]", 1)
        return [n for n, line in enumerate(lines) if f"{m[1]}[" in line]


@mistake("racy-write")
def counted_without_atomic(lines, rng):
    k, m = a_place(lines, rng, r"atomic v\d+\[.*\] \+= ")
    if m:
        lines[k] = lines[k].replace("atomic ", "", 1)
        return [k]


@mistake("racy-read")
def element_of_the_next(lines, rng):
    k = main_start(lines)
    lines[k:k] = ["    let mut near = zeros<i64>(9);", f"    await each i in 8 {{ near[i] = near[i + {rng.randint(1, 1)}]; }};"]
    return [k + 1]


@mistake("host-only")
def print_in_a_kernel(lines, rng):
    k, m = a_place(lines, rng, r"^\s+(?:await|let t\d+ = async) each .* \{$")
    if not m:
        k, m = a_place(lines, rng, r"^kernel .* \{$")
    if m:
        return put(lines, k + 1, 'print("no");')


@mistake("unknown-name")
def misspelt(lines, rng):
    k, m = a_place(lines, rng, r"^\s+(v\d+) (?:[-+*&|^]?)= ")
    if m:
        lines[k] = lines[k].replace(m[1], m[1] + "x", 1)
        return [k]


@mistake("duplicate-name")
def item_twice(lines, rng):
    k, m = a_place(lines, rng, r"^(?:enum|struct) .*\}$")
    if m:
        lines.insert(k + 1, lines[k])
        return [k, k + 1]


@mistake("wrong-argument-count")
def one_argument_more(lines, rng):
    k, m = a_place(lines, rng, r"= async (p\d+_f\d+)\(\)")
    if m:
        lines[k] = lines[k].replace(f"{m[1]}()", f"{m[1]}(1)", 1)
        return [k]


@mistake("wrong-argument-count")
def one_argument_less(lines, rng):
    k, m = a_place(lines, rng, r"full\((?=\d+\w+, )")
    if m:
        lines[k] = re.sub(r"full\(\d+\w+, .*", "full();", lines[k], count=1)
        return [k] if lines[k].count("{") == lines[k].count("}") else None


@mistake("type-mismatch")
def text_for_a_number(lines, rng):
    k, m = a_place(lines, rng, r"^    let (?:mut )?v\d+: (?:[iuf]\d+|bf16|bool) = ")
    if m and k > main_start(lines) and lines[k].endswith(";"):
        lines[k] = lines[k][:m.end()] + '"text";'
        return [k]


@mistake("type-mismatch")
def other_number(lines, rng):
    k, m = a_place(lines, rng, r"^\s+(v\d+) (?:[-+*&|^]?)= ")
    if m:
        declared = matches(lines, rf"let mut {m[1]}: (\w+) = ")
        if len(declared) == 1:
            lines[k] = lines[k][:m.end()] + ("1u16;" if declared[0][1][1] != "u16" else "1i8;")
            return [k]


@mistake("await-outside-async")
def wait_in_a_plain_function(lines, rng):
    k, m = a_place(lines, rng, r"^fn p\d+_f\d+\(.*\{$")
    if m:
        return put(lines, k + 1, "await sleep(1ms);")


@mistake("not-exhaustive")
def case_left_out(lines, rng):
    k, m = a_place(lines, rng, r"^\s+match v\d+ \{$")
    if m:
        end = block_end(lines, k + 1)
        other = next(n for n in range(end - 1, k, -1) if re.match(r"\s+_ => \{$", lines[n]))
        lines[other] = lines[other].replace("_ =>", "_ if 1 > 2 =>")
        return [k]


@mistake("missing-return")
def no_value_at_the_end(lines, rng):
    k, m = a_place(lines, rng, r"^    return .*;$")
    if m and lines[k + 1] == "}" and not any("fail" in line for line in lines[k - 1:k]):
        lines[k] = ""
        head = max(n for n in range(k) if re.match(r"(async )?fn ", lines[n]))
        return list(range(head, k + 2))


@mistake("index-out-of-range")
def beyond_the_end(lines, rng):
    k = main_start(lines)
    lines[k:k] = ["    let few = full(1.0, 4);", f"    print(few[{rng.randint(4, 9)}]);"]
    return [k + 1]


@mistake("extent-mismatch")
def other_extent(lines, rng):
    return put(lines, main_start(lines), "    let few: f32[3] = zeros<f32>(4);")


@mistake("bad-literal")
def too_large(lines, rng):
    k, m = a_place(lines, rng, r"\b\d+u8\b")
    if m:
        lines[k] = lines[k][:m.start()] + "256u8" + lines[k][m.end():]
        return [k]


@mistake("syntax-error")
def bracket_lost(lines, rng):
    k, m = a_place(lines, rng, r"^\s+let .*\);$")
    if m:
        lines[k] = lines[k][:-2] + ";"
        return [k, k + 1]


@mistake("not-plain-data")
def text_in_a_kernel(lines, rng):
    k = main_start(lines)
    lines[k:k] = ['    let word = "text";', "    print(await each i in 3 => word);"]
    return [k + 1]


def loop_over_records(lines, rng):
    """The line of a loop over a variable whose records it lends, its item, the variable, whether that is `mut`."""
    pools = {m[2]: bool(m[1]) for _, m in matches(lines, r"let (mut )?(o\d+) = \[(?:S|for x\d+ in \S+ => S)")}
    found = [(k, m) for k, m in matches(lines, r"^\s+for (q\d+) in (o\d+) \{$") if m[2] in pools]
    if not found:
        return None
    k, m = rng.choice(found)
    return k, m[1], m[2], pools[m[2]]


@mistake("use-after-move")
def item_taken_in_a_loop(lines, rng):
    found = loop_over_records(lines, rng)
    if found:
        return put(lines, found[0] + 1, f"let taken = {found[1]};")


@mistake("not-mut")
def item_changed_in_a_loop(lines, rng):
    found = loop_over_records(lines, rng)
    if found:
        return put(lines, found[0] + 1, f"{found[1]}.n += {found[1]}.n;")


@mistake("use-while-lent")
def array_changed_in_its_loop(lines, rng):
    found = loop_over_records(lines, rng)
    if found and found[3]:
        return put(lines, found[0] + 1, f"{found[2]}[0].n += {found[1]}.n;")


@mistake("use-while-lent")
def element_used_while_held(lines, rng):
    k, m = a_place(lines, rng, r"^\s+let t\d+ = async p\d+_e\d+\(mut (o\d+)\b.*;$")
    if m:
        return put(lines, k + 1, f'print("{{{m[1]}}}");')


@mistake("not-mut")
def element_lent_of_what_is_not_mut(lines, rng):
    k, m = a_place(lines, rng, r"\(mut (o\d+)\b")
    declared = matches(lines, rf"let mut {m[1]} = ") if m else []
    if declared:
        lines[declared[0][0]] = lines[declared[0][0]].replace("let mut", "let", 1)
        return [n for n, line in enumerate(lines) if re.search(rf"\b{m[1]}\b", line)]


@mistake("type-mismatch")
def text_lent_for_a_number(lines, rng):
    k = main_start(lines)
    lines[k:k] = ["    let mut few = [\"a\"];", "    lent_number(mut few[0]);"]
    lines.append("fn lent_number(mut x: i64) { x += 1; }")
    return [k + 1]


def diagnostics(awgc, path, limit=900):
    """The exit code, or "hangs", and (line from 0, kind) of each diagnostic."""
    try:
        done = subprocess.run([*awgc, "check", "--diagnostics=json", path], capture_output=True, text=True, timeout=limit)
    except subprocess.TimeoutExpired:
        return "hangs", []
    found = []
    for line in (done.stdout + done.stderr).splitlines():
        if line.startswith("{"):
            entry = json.loads(line)
            found.append((entry["line"] - 1, entry["kind"]))
    return done.returncode, found


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--awgc", required=True)
    parser.add_argument("--seeds", default="1..50")
    parser.add_argument("--keep")
    parser.add_argument("--limit", type=float, default=900, help="seconds for one program")
    options = parser.parse_args()
    low, _, high = options.seeds.partition("..")
    awgc, folder = options.awgc.split(), pathlib.Path(options.keep or tempfile.mkdtemp(prefix="awg-refusals-"))
    folder.mkdir(parents=True, exist_ok=True)
    tried, bad = dict.fromkeys(MISTAKES, 0), 0
    for seed in range(int(low), int(high or low) + 1):
        rng = random.Random(seed)
        program = generate.Program(seed, modules=False)
        for name, (kind, spoil) in MISTAKES.items():
            lines = (program.main + "async fn main() { await " + f"p{seed}_main(); }}\n").split("\n")
            expected = spoil(lines, rng)
            if expected is None:
                continue
            tried[name] += 1
            path = folder / f"{name}-{seed}.awg"
            path.write_text("\n".join(lines))
            code, found = diagnostics(awgc, path, options.limit)
            if code == 1 and any(line in expected and which == kind for line, which in found):
                path.unlink()
                continue
            bad += 1
            places = ", ".join(str(n + 1) for n in expected[:5])
            print(f"seed {seed}: {path}: expected {kind} in line {places}; exit code {code}, found "
                  f"{[(line + 1, which) for line, which in found[:4]]}", flush=True)
    rare = [name for name, count in tried.items() if not count]
    print(f"seeds {options.seeds}: {sum(tried.values())} mistakes of {len(MISTAKES) - len(rare)} kinds, {bad} not refused as they should be")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
