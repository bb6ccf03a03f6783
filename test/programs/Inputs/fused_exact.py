"""Compares the files that fused-exact.awg leaves with the same forms in exact rationals, each `r` one rounding."""

import sys
from fractions import Fraction

from rationals import BF16, F16, F32, F64, read_npy
from philox import u64

FORMS = [
    lambda a, b, c, d, r: r(a*b+c),
    lambda a, b, c, d, r: r(c+a*b),
    lambda a, b, c, d, r: r(a*b-c),
    lambda a, b, c, d, r: r(c-a*b),
    lambda a, b, c, d, r: r(a*b+r(c*d)),
    lambda a, b, c, d, r: r(a*b-r(c*d)),
    lambda a, b, c, d, r: r(r(a*b)*c+d),
    lambda a, b, c, d, r: r(d-r(a*b)*c),
    lambda a, b, c, d, r: r(-a*b+c),
    lambda a, b, c, d, r: r(c-a*b),
    lambda a, b, c, d, r: r(c+a*b),
    lambda a, b, c, d, r: r(r(a*b)+c),
    lambda a, b, c, d, r: r(c-r(a*b)),
    lambda a, b, c, d, r: r(-r(a*b)+c),
    lambda a, b, c, d, r: r(r(a+b*c)+d),
    lambda a, b, c, d, r: r(r(a*b+c)+d*a),
    lambda a, b, c, d, r: r(r(a+b)*c+d),
    lambda a, b, c, d, r: r(a*r(b*c)-d),
    lambda a, b, c, d, r: r(a*b+r(c-d)),
    lambda a, b, c, d, r: r(a*a+r(b*b)),
    lambda a, b, c, d, r: r(3*a+1),
    lambda a, b, c, d, r: r(r(a*b)+c),
    lambda a, b, c, d, r: r(c+a*b),
    lambda a, b, c, d, r: r(c-a*b),
    lambda a, b, c, d, r: r(c+r(a*b)),
    lambda a, b, c, d, r: r(c+r(a*b+d)),
    lambda a, b, c, d, r: r(a*b+c),
]


def number(k, i):
    return u64(11, i * 4 + k) % 2047 - 1023


for name, form, unit in [("f16", F16, 2**-7), ("bf16", BF16, 2**-7), ("f32", F32, 0.1), ("f64", F64, 0.1)]:
    r = form.round
    unit = r(unit)
    wanted = []
    for evaluate in FORMS:
        for i in range(100):
            a, b, c, d = (r(r(number(k, i)) * unit) for k in range(4))
            wanted.append(evaluate(a, b, r(c * unit), d, r))
    for folder in sys.argv[1:]:
        found = read_npy("%s/%s.npy" % (folder, name))[0]
        assert len(found) == len(wanted)
        for k, (mine, other) in enumerate(zip(found, wanted)):
            assert Fraction(mine) == other, "%s, form %d, %d: found %r, expected %r" % (
                name, k // 100, k % 100, mine, float(other))
