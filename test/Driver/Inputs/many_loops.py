"""Writes a program of one function with so many loops of each of several kinds, and prints what it prints.

    many_loops.py LOOPS FILE
"""

import pathlib
import sys

HEAD = """fn count(n: i64, k: i64) -> i64 {
    let mut t = 0;
    for i in 0..n { if i % 3 == 1 { t += i * k; } }
    return t;
}

/// The first of the loops that meets its number returns.
fn search(n: i64, sought: i64) -> i64 {
    let mut t = n;
LOOPS    return -t;
}

fn main() {
    let n = len(args()) + 9;
    let mut t = n;
    let mut a = [for i in 0..n => i];
    let mut words = "";
"""


def main():
    count = int(sys.argv[1])
    n = 9
    t, a, words, printed = n, list(range(n)), "", []
    search = "".join(f"    for i in 0..n {{ t = (t * 5 + i + {k}) % 1009; if t == sought {{ return {k} * 100 + i; }} }}\n" for k in range(count))
    lines = []
    for k in range(count):
        lines += [f"    for i in 0..n {{ if i % 3 == {k % 3} {{ t += i * {k}; }} }}",
                  f"    for i in 0..n {{ a[i] = (a[n - 1 - i] * {k} + t) % 997; t = (t + a[i]) % 99991; }}",
                  f"    while t % 11 != {k % 11} {{ t += {k % 7} + 1; if t > 99990 {{ t = 0; break; }} }}",
                  f"    t += count(n, {k});"]
        for i in range(n):
            if i % 3 == k % 3:
                t += i * k
        for i in range(n):
            a[i] = (a[n - 1 - i] * k + t) % 997
            t = (t + a[i]) % 99991
        while t % 11 != k % 11:
            t += k % 7 + 1
            if t > 99990:
                t = 0
                break
        t += sum(i * k for i in range(n) if i % 3 == 1)
        if k % 16 == 0:
            lines += [f'    for i in 0..2 {{ words = "{{words}} {{t % {k + 2}}}"; }}',
                      f"    try {{ for i in 0..n + 1 {{ a[i] += 1; }} }} catch e {{ print(e.message); }}"]
            words += f" {t % (k + 2)}" * 2
            a = [value + 1 for value in a]
            printed.append(f"index {n} is out of range 0..{n}")
    lines.append("    for o in 0..n {")
    lines += [f"        for i in 0..o {{ if i % 3 == {k % 3} {{ t += i * {k}; }} }}" for k in range(count)]
    lines += ["    }", '    print("{t} {a}{words}");']
    t += sum(i * k for o in range(n) for k in range(count) for i in range(o) if i % 3 == k % 3)
    printed.append(f"{t} [{', '.join(map(str, a))}]{words}")
    for sought in (5, 500, 1008, -1):
        lines.append(f"    print(search(n, {sought}));")
        printed.append(str(searched(n, sought, count)))
    pathlib.Path(sys.argv[2]).write_text(HEAD.replace("LOOPS", search) + "\n".join(lines) + "\n}\n")
    print("\n".join(printed))


def searched(n, sought, count):
    t = n
    for k in range(count):
        for i in range(n):
            t = (t * 5 + i + k) % 1009
            if t == sought:
                return k * 100 + i
    return -t


if __name__ == "__main__":
    main()
