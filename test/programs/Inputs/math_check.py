"""Checks lines `NAME [x, ...] [f(x), ...]` against Python's math: f32 within 1 ulp (and 1e-9 of slack), f64 within 2."""

import json
import math
import re
import struct
import sys

FUNCTIONS = {
    "exp": math.exp, "exp2": lambda x: 2.0**x, "log": math.log, "log2": math.log2, "sin": math.sin, "cos": math.cos,
    "tan": math.tan, "tanh": math.tanh, "erf": math.erf, "rsqrt": lambda x: 1.0 / math.sqrt(x),
    "pow": lambda x: x**1.5,
}


def f32(x):
    return struct.unpack("f", struct.pack("f", x))[0]


def ulp32(x):
    return 2.0 ** max(math.frexp(x)[1] - 24, -149) if x else 2.0**-149


lines = open(sys.argv[1], encoding="utf-8").read().splitlines()
assert len(lines) == 17, lines
for line in lines:
    name, xs, ys = re.fullmatch(r"(\w+) (\[.*\]) (\[.*\])", line).groups()
    xs, ys = json.loads(xs), json.loads(ys)
    assert len(xs) == len(ys) == 200, name
    double = name.endswith("64")
    function = FUNCTIONS[name.removesuffix("64")]
    for x, y in zip(xs, ys):
        # A printed f32 is the shortest text that reads back as it: round it to get the value itself.
        x, y = (x, y) if double else (f32(x), f32(y))
        want = function(x)
        error = abs(y - want) / (math.ulp(want) if double else ulp32(want))
        # Python's own error is up to 1 ulp of f64.
        limit = 3.0 if double else 1.0 + 1e-8
        assert error <= limit, f"{name}({x}) gave {y}, not {want}: {error} ulp"
