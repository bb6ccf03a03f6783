"""Writes a program that applies every operation of every scalar type to all pairs of edge values, in kernels, and keeps the
results in files: what all devices must agree on. A NaN is written as one value: its sign and payload are the device's own.

`edge_values.py check FOLDER` compares what such a program left in a folder with Python's own numbers, as far as these go.
"""

import math
import pathlib
import struct
import sys

FLOATS = {
    "f16": ["6.1035e-5", "65504.0", "6e-8", "3.05e-5", "2048.0", "0.333"],
    "bf16": ["1.1755e-38", "3.38e38", "9.2e-41", "5.88e-39", "256.0", "0.334"],
    "f32": ["1.1754944e-38", "3.4028235e38", "1e-45", "5.877472e-39", "16777216.0", "0.33333334"],
    "f64": ["2.2250738585072014e-308", "1.7976931348623157e308", "5e-324", "1.1125369292536007e-308", "9007199254740993.0",
            "0.3333333333333333"],
}
COMMON = ["0.0", "1.0", "0.5", "1.5", "2.5", "127.5", "255.0", "32768.0"]
LARGE = ["2147483648.0", "4294967296.0", "9223372036854775808.0", "18446744073709551616.0"]
INTEGERS = {f"{sign}{bits}": (bits, sign == "i") for bits in (8, 16, 32, 64) for sign in "iu"}
NAN = "123456789.0"  # what a NaN is written as


def float_values(t):
    texts = COMMON + FLOATS[t] + (LARGE if t != "f16" else [])
    return [f"{sign}{text}{t}" for text in texts for sign in ("", "-")] + [f"1.0{t} / zero", f"-1.0{t} / zero", "zero / zero"]


def integer_values(t):
    bits, is_signed = INTEGERS[t]
    low, high = (-(1 << bits - 1), (1 << bits - 1) - 1) if is_signed else (0, (1 << bits) - 1)
    values = {0, 1, 2, 3, 7, bits - 1, bits, high, high - 1, high // 2, high // 2 + 1, low, low + 1, (low + high) // 3}
    if is_signed:
        values |= {-1, -2, -7, -bits}
    return [f"{value}{t}" for value in sorted(values) if low <= value <= high]


def float_program(t):
    binary = ["a + b", "a - b", "a * b", "a / b", "min(a, b)", "max(a, b)", "a * b + c", "a * b - c", "c - a * b", "fma(a, b, c)",
              "clamp(a, b, c)", "(a * b) + c", "select(a < b, a, c)"]
    unary = ["-a", "abs(a)", "sqrt(a)", "floor(a)", "ceil(a)", "round(a)"]
    to_float = [f"a as {other} as {t}" for other in FLOATS if other != t]
    orders = ["a < b", "a <= b", "a > b", "a >= b", "a == b", "a != b"]
    casts = [f"a as {other} as i64" for other in INTEGERS]
    return kernel(t, float_values(t), binary + unary + to_float, casts +
                  [f"if {order} {{ 1 }} else {{ 0 }}" for order in orders], lambda text: f"({text}) as f64")


def integer_program(t):
    binary = ["a + b", "a - b", "a * b", f"if b == 0 {{ 0{t} }} else {{ a / b }}", f"if b == 0 {{ 0{t} }} else {{ a % b }}", "a & b",
              "a | b", "a ^ b", "a << b", "a >> b", "min(a, b)", "max(a, b)", "~a", "a * b + c", "clamp(a, b, c)"]
    signed = ["-a", "abs(a)"] if INTEGERS[t][1] else []
    casts = [f"a as {other} as {t}" for other in INTEGERS if other != t]
    orders = [f"if {order} {{ 1{t} }} else {{ 0{t} }}" for order in ("a < b", "a <= b", "a == b")]
    floats = [f"a as {other}" for other in FLOATS]
    return kernel(t, integer_values(t), floats, [f"({text}) as i64" for text in binary + signed + casts + orders], lambda text: f"({text}) as f64")


def kernel(t, values, floats, integers, widen):
    lines = [f"kernel edges_{t}(x: {t}[n], mut f: f64[_, n, n], mut k: i64[_, n, n]) each (i, j) in (n, n) {{",
             "    let a = x[i];", "    let b = x[j];", "    let c = x[(i * 7 + j) % n];"]
    lines += [f"    f[{place}, i, j] = known({widen(text)});" for place, text in enumerate(floats)]
    lines += [f"    k[{place}, i, j] = {text};" for place, text in enumerate(integers)]
    lines += ["}", f"async fn main_{t}(folder: str) {{"]
    if t in FLOATS:
        lines += [f"    let zero = (len(args()) - 1) as {t};"]
    lines += [f"    let x = [{', '.join(values)}];", f"    let mut f = zeros<f64>({len(floats)}, len(x), len(x));",
              f"    let mut k = zeros<i64>({len(integers)}, len(x), len(x));", f"    await edges_{t}(x, mut f, mut k);",
              f'    await write_npy("{{folder}}/{t}-floats.npy", f);', f'    await write_npy("{{folder}}/{t}-integers.npy", k);', "}"]
    return "\n".join(lines)


def write():
    print(f"fn known(x: f64) -> f64 {{ if x == x {{ x }} else {{ {NAN} }} }}")
    for t in FLOATS:
        print(float_program(t))
    for t in INTEGERS:
        print(integer_program(t))
    print("async fn main(args: str[_]) {")
    for t in [*FLOATS, *INTEGERS]:
        print(f"    await main_{t}(args[0]);")
    print("}")


#--- What the results must be, as far as Python's own numbers say


def read(path):
    """The elements of a .npy of 8-byte elements."""
    content = pathlib.Path(path).read_bytes()
    header = struct.unpack("<H", content[8:10])[0]
    kind = "d" if b"'<f8'" in content[:10 + header] else "q"
    return struct.unpack(f"<{(len(content) - 10 - header) // 8}{kind}", content[10 + header:])


def rounded(t, value):
    if t == "f64" or value != value or math.isinf(value):
        return value
    try:
        return struct.unpack("<f", struct.pack("<f", value))[0]
    except OverflowError:
        return math.copysign(math.inf, value)


def quotient(a, b):
    if b != 0:
        return a / b
    return math.nan if a == 0 or a != a else math.copysign(math.inf, a) * math.copysign(1, b)


def extreme(pick, a, b):
    if a != a or b != b:
        return b if a != a else a
    return pick((a, math.copysign(1, a)), (b, math.copysign(1, b)))[0]


def check_floats(t, folder):
    values = [math.nan if "zero / zero" in text else quotient(float(text.split("f")[0]), 0.0) if "zero" in text
              else rounded(t, float(text.removesuffix(t))) for text in float_values(t)]
    operations = [lambda a, b: a + b, lambda a, b: a - b, lambda a, b: a * b, quotient,
                  lambda a, b: extreme(min, a, b), lambda a, b: extreme(max, a, b)]
    results = iter(read(f"{folder}/{t}-floats.npy"))
    for place, operation in enumerate(operations):
        for a in values:
            for b in values:
                expected, found = rounded(t, operation(a, b)), next(results)
                expected = float(NAN) if expected != expected else expected
                assert struct.pack("<d", expected) == struct.pack("<d", found), (t, place, a, b, expected, found)


def check_integers(t, folder):
    bits, is_signed = INTEGERS[t]
    values = [int(text.removesuffix(t)) for text in integer_values(t)]

    def wrapped(value):
        value &= (1 << bits) - 1
        return value - (1 << bits) if is_signed and value >> bits - 1 else value

    def divided(a, b):
        return abs(a) // abs(b) * (1 if (a < 0) == (b < 0) else -1) if b else 0

    operations = [lambda a, b: a + b, lambda a, b: a - b, lambda a, b: a * b, divided,
                  lambda a, b: a - b * divided(a, b) if b else 0, lambda a, b: a & b, lambda a, b: a | b, lambda a, b: a ^ b,
                  lambda a, b: a << (b % bits), lambda a, b: a >> (b % bits), min, max, lambda a, b: ~a]
    results = iter(read(f"{folder}/{t}-integers.npy"))
    for place, operation in enumerate(operations):
        for a in values:
            for b in values:
                expected, found = wrapped(operation(a, b)), wrapped(next(results))
                assert expected == found, (t, place, a, b, expected, found)


if sys.argv[1:2] == ["check"]:
    for t in ("f32", "f64"):
        check_floats(t, sys.argv[2])
    for t in INTEGERS:
        check_integers(t, sys.argv[2])
    print("as expected")
else:
    write()
