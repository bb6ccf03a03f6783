"""Strings, and how values stand in them."""

import math
from decimal import Decimal
from fractions import Fraction


class Str:
    name = "str"

    def show(self, x):
        return x

    def inner(self, x):
        """Within an aggregate."""
        return '"' + x.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t") + '"'


class Duration:
    name = "duration"
    units = [(1, "ns"), (10 ** 3, "us"), (10 ** 6, "ms"), (10 ** 9, "s"), (60 * 10 ** 9, "min")]

    def show(self, x):
        """The largest unit that is at least 1 and gives a decimal that ends."""
        unit, name = max((u for u in self.units if u[0] <= abs(x) and (x % 3 == 0 or u[1] != "min")), default=self.units[0])
        text = format(Decimal(x) / unit, "f")
        return (text.rstrip("0").rstrip(".") if "." in text else text) + name


STR, DURATION = Str(), Duration()


def padded(text, width, number, align=""):
    """`{x:width}`, `{x:<width}`, `{x:>width}`."""
    left = align == "<" or (not align and not number)
    return text.ljust(width) if left else text.rjust(width)


def precise(x, digits):
    """`{x:.digits}` of a float: digits behind the point, from the exact value, ties to even."""
    if math.isnan(x) or math.isinf(x):
        return "nan" if x != x else "inf" if x > 0 else "-inf"
    return f"{x:.{digits}f}"


def scientific(type, x):
    """`{x:e}`: the shortest digits."""
    if math.isnan(x) or math.isinf(x):
        return type.show(x)
    sign = "-" if math.copysign(1.0, x) < 0 else ""
    if x == 0:
        return sign + "0e+00"
    digits, exponent = type.shortest(abs(x))
    rest = "." + digits[1:] if len(digits) > 1 else ""
    return f"{sign}{digits[0]}{rest}e{'-' if exponent < 0 else '+'}{abs(exponent):02}"


def hexadecimal(type, x):
    return format(x & type.mask, "x")


def nearest_ns(x):
    """A float as a duration: halves away from zero; `x` is not negative."""
    return math.floor(Fraction(x) + Fraction(1, 2))
