"""Writes a program of one function with so many ways out and of one with so many suspensions, and prints what it prints.

    long_coroutine.py NUMBER FILE
"""

import pathlib
import sys


def checked(count, t, step):
    """What the function returns and, if it fails, at which of its assertions, else -1."""
    for k in range(count):
        if t % 5 == k % 5 and (t >= 0 or k % 5 == 0): # remainders have the sign of t
            t += k
        if t == -(k + 1):
            return t, k
        t += step
    return t, -1


def main():
    count = int(sys.argv[1])
    lines = ["fn checked(start: i64, step: i64) -> i64 {", "    let mut t = start;"]
    for k in range(count):
        lines.append(f"    if t % 5 == {k % 5} {{ t += {k}; }}")
        lines.append(f'    assert(t != -{k + 1}, "stopped at {k} of {{step}}");')
        lines.append("    t += step;")
    lines += ["    return t;", "}", "async fn later(i: i64) -> i64 { await sleep(1us); return i; }", "async fn main() {"]

    printed = []
    late = next(start for start in range(-2 * count, 0) if checked(count, start, 1)[1] > count // 4)
    for start, step in [(0, 1), (7, 3), (late, 1)]:
        t, stopped = checked(count, start, step)
        printed.append(f"assertion failed: stopped at {stopped} of {step}" if stopped >= 0 else str(t))
        lines.append(f"    try {{ print(checked({start}, {step})); }} catch e {{ print(e.message); }}")

    lines.append("    let mut sum = 0;")
    for k in range(count):
        lines.append(f"    let f{k} = async later({k});")
    for k in range(count):
        lines.append(f"    sum = (sum * 3 + await f{k}) % 1000003;")
    total = 0
    for k in range(count):
        total = (total * 3 + k) % 1000003
    printed.append(str(total))
    lines += ["    print(sum);", "}"]
    pathlib.Path(sys.argv[2]).write_text("\n".join(lines) + "\n")
    print("\n".join(printed))


if __name__ == "__main__":
    main()
