"""Arrays: lists, of lists for several extents; a view reads and writes what it is a view of; tasks' results."""

import itertools

from values import Reject


class Part:
    """`x[start..stop]`, of the leading extent."""

    def __init__(self, base, start, stop):
        self.base, self.start, self.stop = base, start, stop

    def __len__(self):
        return self.stop - self.start

    def __getitem__(self, k):
        if not 0 <= k < len(self):
            raise IndexError(k)
        return self.base[self.start + k]

    def __setitem__(self, k, value):
        self.base[self.start + k] = value


class Column:
    """`x[.., c]`."""

    def __init__(self, base, c):
        self.base, self.c = base, c

    def __len__(self):
        return len(self.base)

    def __getitem__(self, k):
        return self.base[k][self.c]

    def __setitem__(self, k, value):
        self.base[k][self.c] = value


def part(array, start, stop):
    if not 0 <= start <= stop <= len(array):
        raise Reject(f"range {start}..{stop} is out of range 0..{len(array)}")
    return Part(array, start, stop)


def columns(array, start, stop):
    """`x[.., start..stop]`."""
    return [Part(row, start, stop) for row in array]


def parts(array, length):
    """`chunks(x, length)`."""
    return [Part(array, start, min(start + length, len(array))) for start in range(0, len(array), length)]


def copied(array):
    return [copied(row) if isinstance(row, (list, Part, Column)) else row for row in array]


def assigned(array, source):
    """`x[..] = source`: element by element, of a source that may overlap."""
    source = copied(source)
    if len(array) != len(source):
        raise Reject(f"extents differ: {len(array)} and {len(source)}")
    for k, value in enumerate(source):
        if isinstance(value, list):
            assigned(array[k], value)
        else:
            array[k] = value


def grid(value, *extents):
    """`full(value, ...)`."""
    return [grid(value, *extents[1:]) for _ in range(extents[0])] if extents else value


def indices(*extents):
    """Of a launch, in row-major order."""
    return itertools.product(*map(range, extents))


def nested(values, *extents):
    """The array of the values for all indices, in row-major order."""
    if len(extents) == 1:
        return list(values)
    step = len(values) // extents[0] if extents[0] else 0
    return [nested(values[r * step:(r + 1) * step], *extents[1:]) for r in range(extents[0])]


def equal(a, b):
    """Member by member: no NaN is equal to itself."""
    return all(map(equal, a, b)) if isinstance(a, tuple) else a == b


def reshaped(array, *extents):
    """The elements in row-major order, in one or two extents."""
    flat = [e for row in array for e in (row if isinstance(row, (list, Part, Column)) else [row])]
    if len(extents) == 1:
        return flat
    w = extents[1]
    return [flat[r * w:(r + 1) * w] for r in range(extents[0])]


def element(array, *subscripts):
    for k in subscripts:
        if not 0 <= k < len(array):
            raise Reject(f"index {k} is out of range 0..{len(array)}")
        array = array[k]
    return array


def store(array, value, *subscripts):
    element(array, *subscripts)
    for k in subscripts[:-1]:
        array = array[k]
    array[subscripts[-1]] = value


def updated(composite, position, value):
    return composite[:position] + (value,) + composite[position + 1:]


def started(task, *arguments):
    """What a task that has been started will give: its value, or its rejection. The arguments have been computed by who starts it."""
    try:
        return task(*arguments), None
    except Reject as rejection:
        return None, rejection


def joined(*futures):
    """The values of all, or the rejection of the one that rejects."""
    for _, rejection in futures:
        if rejection:
            raise rejection
    values = tuple(value for value, _ in futures)
    return values if len(values) > 1 else values[0]


def select(condition, a, b):
    return a if condition else b


def lanes(f, *operands):
    """Lane by lane; a scalar goes with each lane."""
    width = max(len(x) for x in operands if isinstance(x, tuple))
    return tuple(f(*(x[l] if isinstance(x, tuple) else x for x in operands)) for l in range(width))


def philox(seed, counter):
    """Philox4x32-10: the first two words."""
    mask = 2 ** 32 - 1
    words = [counter & mask, counter >> 32 & mask, 0, 0]
    keys = [seed & mask, seed >> 32 & mask]
    for _ in range(10):
        even, odd = 0xD2511F53 * words[0], 0xCD9E8D57 * words[2]
        words = [odd >> 32 ^ words[1] ^ keys[0], odd & mask, even >> 32 ^ words[3] ^ keys[1], even & mask]
        keys = [keys[0] + 0x9E3779B9 & mask, keys[1] + 0xBB67AE85 & mask]
    return words[0], words[1]


def random_u64(seed, counter):
    low, high = philox(seed, counter)
    return low | high << 32


def random_f32(seed, counter):
    return (philox(seed, counter)[0] >> 8) * 2.0 ** -24


class Cell:
    """A place that is lent: an element of a list. `v` is what stands there."""

    def __init__(self, base, k):
        self.base, self.k = base, k

    @property
    def v(self):
        return self.base[self.k]

    @v.setter
    def v(self, value):
        self.base[self.k] = value


class Window:
    """A view that is lent where an array could be exchanged: its elements are assigned, of which there must be as many."""

    def __init__(self, view):
        self.view = view

    @property
    def v(self):
        return self.view

    @v.setter
    def v(self, value):
        assigned(self.view, value)


class Member:
    """A member of a struct or tuple that stands in a place."""

    def __init__(self, cell, k):
        self.cell, self.k = cell, k

    @property
    def v(self):
        return self.cell.v[self.k]

    @v.setter
    def v(self, value):
        self.cell.v = updated(self.cell.v, self.k, value)


def at(cell, *subscripts):
    """The place of an element of an array."""
    array = cell.v
    element(array, *subscripts)
    for k in subscripts[:-1]:
        array = array[k]
    return Cell(array, subscripts[-1])


def placed(order, *values):
    """A record whose fields were given in that order."""
    return [values[order.index(k)] for k in range(len(order))]
