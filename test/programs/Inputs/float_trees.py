"""The reference's trees for sums, products, scans and reduce, in plain Python: prints what float-trees.awg should."""

import struct


def f32(x):
    return struct.unpack("f", struct.pack("f", x))[0]


def shortest(x, single=True):
    """The shortest text of an f32 (or f64) that reads back, in Awg's layout."""
    if not single:
        return repr(x)
    for digits in range(1, 10):
        text = "%.*e" % (digits - 1, x)
        if f32(float(text)) == x:
            return repr(float(text))
    raise AssertionError(x)


def halve(lanes, op):
    """Lane l takes lane l + 64, then l + 32, ...; absent lanes are skipped."""
    step = 64
    while step:
        for lane in range(step):
            if lane + step < len(lanes) and lanes[lane + step] is not None:
                lanes[lane] = op(lanes[lane], lanes[lane + step])
        step //= 2
    return lanes[0]


def tree(values, op):
    """Element i goes to lane i mod 128 of block i div 4096; the blocks' results again by the same rule."""
    while True:
        results = []
        for start in range(0, len(values), 4096):
            lanes = [None] * 128
            for i, value in enumerate(values[start:start + 4096]):
                lane = i % 128
                lanes[lane] = value if lanes[lane] is None else op(lanes[lane], value)
            results.append(halve(lanes, op))
        if len(results) == 1:
            return results[0]
        values = results


def scan(values, op):
    """Runs of 16 left to right, run totals scanned by the same rule, prefix on the left."""
    out = []
    totals = []
    for start in range(0, len(values), 16):
        running = None
        for value in values[start:start + 16]:
            running = value if running is None else op(running, value)
            out.append(running)
        totals.append(running)
    if len(totals) > 1:
        prefixes = scan(totals, op)
        for i in range(16, len(values)):
            out[i] = op(prefixes[i // 16 - 1], out[i])
    return out


def neighbours(values, op, init):
    """Neighbours level by level, an odd one carried, op(init, tree) last."""
    while len(values) > 1:
        pairs = [op(values[i], values[i + 1]) for i in range(0, len(values) - 1, 2)]
        values = pairs + ([values[-1]] if len(values) % 2 else [])
    return op(init, values[0])


def add32(a, b):
    return f32(a + b)


def fma32(a, b, c):
    """a * b + c rounded once: the product of two f32 is exact in f64; the sum is rounded to odd before the last step."""
    from fractions import Fraction
    exact = Fraction(a) * Fraction(b) + Fraction(c)
    near = f32(float(exact))
    candidates = [near]
    bits = struct.unpack("I", struct.pack("f", near))[0]
    candidates += [struct.unpack("f", struct.pack("I", bits + d))[0] for d in (-1, 1)]
    return min(candidates, key=lambda c: (abs(Fraction(c) - exact), struct.unpack("I", struct.pack("f", c))[0] & 1))


def value(i):
    return f32(1.0 / (i % 997 + 1))


for n in [1, 2, 3, 15, 16, 17, 127, 128, 129, 257, 1000, 4095, 4096, 4097, 10_000, 70_000]:
    x = [value(i) for i in range(n)]
    factors = {v: fma32(v, f32(0.001), 1.0) for v in set(x)}
    total = tree(x, add32)
    product = tree([factors[v] for v in x], lambda a, b: f32(a * b))
    doubled = tree([1.0 / (i + 1) for i in range(n)], lambda a, b: a + b)
    pairs = neighbours(x, add32, 0.125)
    s = scan(x, add32)
    marks = ", ".join(shortest(s[(n - 1) * k // 7]) for k in range(8))
    print(n, shortest(total), shortest(product), shortest(doubled, False), shortest(pairs), f"[{marks}]")
print(shortest(tree([value(i) for i in range(7000)], add32)))
