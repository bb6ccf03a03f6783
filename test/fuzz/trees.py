"""The fixed trees of reductions and scans."""

from values import Reject


def halve(values, f):
    """Lanes: l with l + 64, then l + 32, ...; absent ones are None."""
    step = len(values) // 2
    while step:
        for l in range(step):
            a, b = values[l], values[l + step]
            values[l] = a if b is None else b if a is None else f(a, b)
        step //= 2
    return values[0]


def tree(values, f, neutral):
    """`sum` and `product` of floats: 128 lanes a block of 4096, then the blocks' results by the same rule."""
    if not values:
        return neutral
    while True:
        partials = []
        for start in range(0, len(values), 4096):
            lanes = [None] * 128
            for i, value in enumerate(values[start:start + 4096]):
                l = i % 128
                lanes[l] = value if lanes[l] is None else f(lanes[l], value)
            partials.append(halve(lanes, f))
        if len(partials) == 1:
            return partials[0]
        values = partials


def least(values, f):
    if not values:
        raise Reject("empty reduction")
    result = values[0]
    for value in values[1:]:
        result = f(result, value)
    return result


def arg(values, better):
    """The lowest index of the best that is no NaN."""
    if not values:
        raise Reject("empty reduction")
    best = None
    for i, value in enumerate(values):
        if value == value and (best is None or better(value, values[best])):
            best = i
    return best


def scan(values, f):
    """Runs of 16 from left to right; their totals scanned by the same rule stand on the left of the next run."""
    runs = [values[start:start + 16] for start in range(0, len(values), 16)]
    for run in runs:
        for i in range(1, len(run)):
            run[i] = f(run[i - 1], run[i])
    if len(runs) > 1:
        totals = scan([run[-1] for run in runs], f)
        for run, total in zip(runs[1:], totals):
            run[:] = [f(total, value) for value in run]
    return [value for run in runs for value in run]


def neighbours(values, f, init):
    """`reduce(f, init)`: neighbours level by level, an odd one carried; `init` on the left last."""
    while len(values) > 1:
        pairs = [f(values[i], values[i + 1]) for i in range(0, len(values) - 1, 2)]
        values = pairs + values[len(values) - len(values) % 2:]
    return f(init, values[0]) if values else init
