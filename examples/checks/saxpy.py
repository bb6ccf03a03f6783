"""Checks saxpy.awg: saxpy.py X.npy Y.npy OUT.npy PRINTED. Every element is the exact 2 * x + y, rounded once."""

import sys

import exact
import npy

(shape, x), (_, y), (out_shape, out) = map(npy.read, sys.argv[1:4])
assert shape == out_shape
want = [exact.fma32(2.0, a, b) for a, b in zip(x, y)]
wrong = [i for i in range(len(out)) if out[i] != want[i]]
assert not wrong, f"element {wrong[0]} is {out[wrong[0]]}, not {want[wrong[0]]}"
total = float(open(sys.argv[4]).read().removeprefix("sum "))
assert abs(total - sum(want)) < 0.01, f"the sum is {total}, not {sum(want)}"
