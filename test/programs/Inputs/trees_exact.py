"""Compares the files that trees-exact.awg leaves with the language's trees, level by level as its reference says it."""

import struct
import sys
from fractions import Fraction

from rationals import F32, read_npy
from philox import u64


def single(x):
    """Rounds to f32. A sum or product of two f32 in a double is rounded to an f32 as if it had been exact: 53 >= 2 * 24 + 2."""
    return struct.unpack("f", struct.pack("f", x))[0]




def lanes_halved(lanes, join):
    """Lane l with l + 64, then 32, ...; absent ones are None."""
    width = 64
    while width:
        for lane in range(width):
            if lanes[lane + width] is not None:
                lanes[lane] = join(lanes[lane], lanes[lane + width])
        width //= 2
    return lanes[0]


def tree(values, join, empty):
    if not values:
        return empty
    while True:
        results = []
        for start in range(0, len(values), 4096):
            lanes = [None] * 128
            for i, value in enumerate(values[start:start + 4096]):
                lane = i % 128
                lanes[lane] = value if lanes[lane] is None else join(lanes[lane], value)
            results.append(lanes_halved(lanes, join))
        values = results
        if len(values) == 1:
            return values[0]


def pairs(values, join, first):
    if not values:
        return first
    while len(values) > 1:
        values = [join(*values[k:k + 2]) if k + 1 < len(values) else values[k] for k in range(0, len(values), 2)]
    return join(first, values[0])


def scan(values, add):
    runs = []
    for start in range(0, len(values), 16):
        run = []
        for value in values[start:start + 16]:
            run.append(value if not run else add(run[-1], value))
        runs.append(run)
    if len(runs) < 2:
        return runs[0] if runs else []
    prefixes = scan([run[-1] for run in runs], add)
    return runs[0] + [add(prefix, value) for prefix, run in zip(prefixes, runs[1:]) for value in run]


def value(i):
    word = u64(5, i)
    return ((word >> 40) - 8388608) * (1.0 if word & 1 else 2.0**-10)


def fused32(a, b, c):
    return float(F32.round(Fraction(a) * Fraction(b) + Fraction(c)))


def fused64(a, b, c):
    return float(Fraction(a) * Fraction(b) + Fraction(c))  # one rounding, by Python


def check(name, wanted):
    for folder in sys.argv[1:]:
        found = read_npy("%s/%s.npy" % (folder, name))[0]
        for k, (mine, other) in enumerate(zip(found, wanted, strict=True)):
            assert mine == other, "%s/%s, element %d: found %r, expected %r" % (folder, name, k, mine, other)


small = 0.0000000009313225746154785
for n in [0, 1, 2, 15, 16, 17, 127, 128, 129, 4095, 4096, 4097, 100_000]:
    x = [value(i) for i in range(n)]
    add, multiply = lambda a, b: single(a + b), lambda a, b: single(a * b)
    whole = tree(x, add, 0.0)
    check("singles-%d" % n, [
        whole,
        tree([fused32(v, single(small), 1.0) for v in x], multiply, 1.0),
        pairs(x, lambda a, b: fused32(a, 0.5, -b), 3.0),
        tree(x[:n // 7 * 7], add, 0.0),
        tree(x[:n // 10 * 10], add, 0.0),
        whole,
    ])
    check("doubles-%d" % n, [
        tree([v * 1.1 for v in x], lambda a, b: a + b, 0.0),
        tree([fused64(v, small, 1.0) for v in x], lambda a, b: a * b, 1.0),
        pairs(x, lambda a, b: fused64(a, 0.75, -b), 1.0),
    ])
    check("scan-%d" % n, scan(x, add))
    check("scan64-%d" % n, scan([v * 1.1 for v in x], lambda a, b: a + b))
