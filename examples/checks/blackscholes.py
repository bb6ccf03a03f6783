"""Checks blackscholes.awg: the printed options against the closed form with Python's erf, and the mean of a sample."""

import math
import re
import struct
import sys

R, V = 0.02, 0.3


def f32(x):
    return struct.unpack("f", struct.pack("f", x))[0]


def price(s, k, t, r=R, v=V):
    spread = v * math.sqrt(t)
    d1 = (math.log(s / k) + (r + 0.5 * v * v) * t) / spread
    normal = lambda x: 0.5 * (1 + math.erf(x / math.sqrt(2)))  # noqa: E731
    return s * normal(d1) - k * math.exp(-r * t) * normal(d1 - spread)


first, *rows = open(sys.argv[1]).read().splitlines()
mean, error = map(float, re.fullmatch(
    r"1000000 options, mean price (\S+), largest error of f32 (\S+)", first).groups())
assert error < 2e-4, error
assert len(rows) == 5
for row in rows:
    s, k, t, single, double = map(float, row.split())
    s, k, t = f32(s), f32(k), f32(t)
    want = price(s, k, t)
    assert abs(double - want) < 1e-12 * max(1, want) * 50, (row, want)
    assert abs(single - want) < 2e-4, (row, want)

step = 37
sample = [price(5 + i * 7919 % 2501 * 0.01, 1 + i * 104729 % 9901 * 0.01, 0.25 + i * 1299709 % 976 * 0.01)
          for i in range(0, 1_000_000, step)]
assert abs(mean - sum(sample) / len(sample)) < 0.2, (mean, sum(sample) / len(sample))
