"""Writes a program of one function that works on so many arrays, and prints what it prints.

    long_function.py ARRAYS FILE
"""

import pathlib
import sys

EXTENT = 4


def main():
    count = int(sys.argv[1])
    arrays = [[k] * EXTENT for k in range(count)]
    lines = [f"    let n = len(args()) + {EXTENT};", "    let mut t = n;"]
    lines += [f"    let mut a{k} = full({k}, n);" for k in range(count)]
    t, printed = EXTENT, []
    for k in range(count):
        other = (7 * k + 3) % count
        lines.append(f"    a{k}[1] = a{other}[2] + t;")
        arrays[k][1] = arrays[other][2] + t
        lines.append(f"    if a{k}[1] % 3 == 0 {{ t += {k}; }}")
        if arrays[k][1] % 3 == 0:
            t += k
        lines.append(f"    t = (t * 3 + a{k}[1]) % 1000;")
        t = (t * 3 + arrays[k][1]) % 1000
        if k % 20 == 3:
            lines.append(f"    for i in 0..n {{ if a{other}[i] % 2 == 0 {{ a{k}[i] += a{other}[i] * i + t; }} }}")
            for i in range(EXTENT):
                if arrays[other][i] % 2 == 0:
                    arrays[k][i] += arrays[other][i] * i + t
            lines.append(f'    print("{{t}} {{a{k}}}");')
            printed.append(f"{t} {arrays[k]}")
    for k in range(0, count, 5):
        lines.append(f"    print(a{k});")
        printed.append(str(arrays[k]))
    lines.append("    try { a1[n] = t; } catch e { print(e.message); }")
    printed.append(f"index {EXTENT} is out of range 0..{EXTENT}")
    pathlib.Path(sys.argv[2]).write_text("fn main() {\n" + "\n".join(lines) + "\n}\n")
    print("\n".join(printed))


if __name__ == "__main__":
    main()
