"""Compares `seed counter word float normal` lines with Philox4x32-10 as its authors define it."""

import math
import struct
import sys

from philox import u64

count = 0
for line in sys.stdin:
    seed, counter, word, uniform, normal = line.split()
    expected = u64(int(seed), int(counter))
    r = (expected & 2**32 - 1, expected >> 32)
    assert int(word) == expected, line
    bits = struct.unpack("f", struct.pack("f", float(uniform)))[0]
    assert bits == (r[0] >> 8) / 2**24, line
    exact = math.sqrt(-2 * math.log(((r[0] >> 8) + 1) / 2**24)) * math.cos(2 * math.pi * (r[1] >> 8) / 2**24)
    assert abs(float(normal) - exact) < 4e-6, (line, exact)
    count += 1
assert count == 6000, count

