"""Awg's values in Python: each operation as the reference defines it, exactly.

Integers are Python integers within their type's range, floats are Python floats that the type holds exactly, arrays are
lists, structs and tuples are tuples. An operation that rejects raises Reject.
"""

import ctypes
import functools
import math
import struct
from fractions import Fraction


class Reject(Exception):
    """A rejection; its text is the message."""


def fail(message):
    raise Reject(message)


class Int:
    def __init__(self, bits, signed):
        self.name = ("i" if signed else "u") + str(bits)
        self.bits, self.signed = bits, signed
        self.low = -(1 << (bits - 1)) if signed else 0
        self.high = (1 << (bits - 1)) - 1 if signed else (1 << bits) - 1
        self.mask = (1 << bits) - 1

    def wrap(self, x):
        x &= self.mask
        return x - self.mask - 1 if x > self.high else x

    def add(self, a, b):
        return self.wrap(a + b)

    def sub(self, a, b):
        return self.wrap(a - b)

    def mul(self, a, b):
        return self.wrap(a * b)

    def div(self, a, b):
        if b == 0:
            raise Reject("division by zero")
        return self.wrap(abs(a) // abs(b) * (1 if (a < 0) == (b < 0) else -1))

    def rem(self, a, b):
        if b == 0:
            raise Reject("division by zero")
        return self.wrap(abs(a) % abs(b) * (-1 if a < 0 else 1))

    def shl(self, a, b):
        return self.wrap(a << (b & (self.bits - 1)))

    def shr(self, a, b):
        return a >> (b & (self.bits - 1))

    def band(self, a, b):
        return self.wrap(a & b)

    def bor(self, a, b):
        return self.wrap(a | b)

    def bxor(self, a, b):
        return self.wrap(a ^ b)

    def neg(self, a):
        return self.wrap(-a)

    def bnot(self, a):
        return self.wrap(~a)

    def min(self, a, b):
        return min(a, b)

    def max(self, a, b):
        return max(a, b)

    def clamp(self, x, low, high):
        return min(max(x, low), high)

    def abs(self, a):
        return self.wrap(abs(a))

    def fma(self, a, b, c):
        return self.wrap(a * b + c)

    def fms(self, a, b, c):
        return self.wrap(a * b - c)

    def fmac(self, c, a, b):
        return self.wrap(c + a * b)

    def fnma(self, c, a, b):
        return self.wrap(c - a * b)

    def cast(self, x):
        """From any number: integers wrap, floats saturate, NaN is 0."""
        if isinstance(x, int):
            return self.wrap(x)
        if x != x:
            return 0
        if math.isinf(x):
            return self.high if x > 0 else self.low
        return max(self.low, min(self.high, int(x)))

    def show(self, x):
        return str(x)


class Float:
    def __init__(self, name, digits, least):
        """`digits` binary digits with the leading one; `least` is the exponent of the least subnormal."""
        self.name, self.digits, self.least = name, digits, least
        self.largest = {"f16": 65504.0, "bf16": float.fromhex("0x1.fep127"), "f32": float.fromhex("0x1.fffffep127")}.get(
            name, float.fromhex("0x1.fffffffffffffp1023"))

    def round(self, x):
        """The nearest value to a finite or infinite double, ties to even."""
        if self.name == "f64" or x != x or math.isinf(x):
            return x
        if self.name == "f32":
            return ctypes.c_float(x).value
        if self.name == "f16" and abs(x) < 65519.0:
            return struct.unpack("<e", struct.pack("<e", x))[0]
        return self.exact(Fraction(x), math.copysign(1.0, x) < 0)

    def exact(self, x, negative):
        """The nearest value to a fraction, ties to even; `negative` is the sign of a zero."""
        if x == 0:
            return -0.0 if negative else 0.0
        sign, x = (-1.0, -x) if x < 0 else (1.0, x)
        over, under = x.numerator, x.denominator
        exponent = over.bit_length() - under.bit_length()
        if (under << max(exponent, 0)) > (over << max(-exponent, 0)):
            exponent -= 1
        unit = max(exponent - self.digits + 1, self.least)
        under <<= max(unit, 0)
        whole, rest = divmod(over << max(-unit, 0), under)
        if 2 * rest > under or (2 * rest == under and whole & 1):
            whole += 1
        value = math.ldexp(whole, unit) if whole.bit_length() + unit <= 1024 else math.inf
        return sign * (math.inf if value > self.largest else value)

    def add(self, a, b):
        return self.round(a + b)

    def sub(self, a, b):
        return self.round(a - b)

    def mul(self, a, b):
        return self.round(a * b)

    def div(self, a, b):
        if b != 0:
            return self.round(a / b)
        if a == 0 or a != a:
            return math.nan
        return math.copysign(math.inf, math.copysign(1.0, a) * math.copysign(1.0, b))

    def fma(self, a, b, c):
        """a * b + c, rounded once."""
        if not (math.isfinite(a) and math.isfinite(b) and math.isfinite(c)):
            if math.isfinite(a) and math.isfinite(b):
                return c
            return a * b + c
        x = Fraction(a) * Fraction(b) + Fraction(c)
        if x == 0:
            product = math.copysign(1.0, a) * math.copysign(1.0, b) < 0
            return -0.0 if product and math.copysign(1.0, c) < 0 else 0.0
        return self.exact(x, x < 0)

    def fms(self, a, b, c):
        """a * b - c."""
        return self.fma(a, b, -c)

    def fnma(self, c, a, b):
        """c - a * b, operands in the order of the text."""
        return self.fma(-a, b, c)

    def fmac(self, c, a, b):
        """c + a * b, operands in the order of the text."""
        return self.fma(a, b, c)

    def rem(self, a, b):
        if a != a or b != b or math.isinf(a) or b == 0:
            return math.nan
        return math.copysign(math.fmod(a, b), a)

    def neg(self, a):
        return -a

    def min(self, a, b):
        if a != a or b != b:
            return b if a != a else a
        return a if (a, math.copysign(1.0, a)) < (b, math.copysign(1.0, b)) else b

    def max(self, a, b):
        if a != a or b != b:
            return b if a != a else a
        return b if (a, math.copysign(1.0, a)) < (b, math.copysign(1.0, b)) else a

    def clamp(self, x, low, high):
        return self.min(self.max(x, low), high)

    def abs(self, a):
        return abs(a)

    def sqrt(self, a):
        return math.nan if a < 0 or a != a else self.round(math.sqrt(a))

    def floor(self, a):
        return math.copysign(float(math.floor(a)), a) if math.isfinite(a) else a

    def ceil(self, a):
        return math.copysign(float(math.ceil(a)), a) if math.isfinite(a) else a

    def nearest(self, a):
        """`round`: halves away from zero."""
        if not math.isfinite(a) or abs(a) >= 2.0 ** 52:
            return a
        return math.copysign(float(math.floor(Fraction(abs(a)) + Fraction(1, 2))), a)

    def cast(self, x):
        """From any number."""
        return self.exact(Fraction(x), False) if isinstance(x, int) else self.round(x)

    @functools.lru_cache(maxsize=1 << 16)
    def shortest(self, x):
        """The shortest digits that read back as `x` > 0, and the exponent of the first."""
        for count in range(1, 18):
            mantissa, exponent = ("%.*e" % (count - 1, x)).split("e")
            digits, last = int(mantissa.replace(".", "")), int(exponent) - count + 1
            # below a power of two a neighbour may read back where the nearest does not
            fitting = [d for d in (digits, digits - 1, digits + 1)
                       if self.exact(Fraction(d) * Fraction(10) ** last, False) == x]
            if fitting:
                best = str(min(fitting, key=lambda d: abs(Fraction(d) * Fraction(10) ** last - Fraction(x))))
                return best.rstrip("0"), last + len(best) - 1

    def show(self, x):
        if x != x:
            return "nan"
        sign = "-" if math.copysign(1.0, x) < 0 else ""
        if math.isinf(x):
            return sign + "inf"
        if x == 0:
            return sign + "0.0"
        digits, exponent = self.shortest(abs(x))
        if not 1e-4 <= abs(x) < 1e16:
            rest = "." + digits[1:] if len(digits) > 1 else ""
            return f"{sign}{digits[0]}{rest}e{'-' if exponent < 0 else '+'}{abs(exponent):02}"
        if exponent < 0:
            return sign + "0." + "0" * (-exponent - 1) + digits
        digits = digits.ljust(exponent + 1, "0")
        return sign + digits[:exponent + 1] + "." + (digits[exponent + 1:] or "0")

    def literal(self, x):
        """Digits that the type's literal needs for a finite `x` >= 0."""
        return self.show(x)


def inside(type, x):
    """As part of a tuple, a struct or an array."""
    return getattr(type, "inner", type.show)(x)


class Bool:
    name = "bool"

    def show(self, x):
        return "true" if x else "false"


class Array:
    def __init__(self, element, rank=1):
        self.element, self.rank = element, rank
        self.name = f"{element.name}[{', '.join(['_'] * rank)}]"

    def show(self, x):
        inner = self.element if self.rank == 1 else Array(self.element, self.rank - 1)
        return "[" + ", ".join(inside(inner, e) for e in x) + "]"


class Tuple:
    def __init__(self, members):
        self.members = members
        self.name = "(" + ", ".join(m.name for m in members) + ")"

    def show(self, x):
        return "(" + ", ".join(inside(m, e) for m, e in zip(self.members, x)) + ")"


class Vec:
    def __init__(self, lane, width):
        self.lane, self.width = lane, width
        self.name = f"vec<{lane.name}, {width}>"

    def show(self, x):
        return "(" + ", ".join(self.lane.show(e) for e in x) + ")"


class Struct:
    def __init__(self, name, fields):
        self.name, self.fields = name, fields  # (name, type) in order

    def show(self, x):
        return self.name + " { " + ", ".join(f"{n}: {inside(t, e)}" for (n, t), e in zip(self.fields, x)) + " }"


class Enum:
    def __init__(self, name, cases):
        self.name, self.cases = name, cases

    def show(self, x):
        return self.cases[x]


INTS = {t.name: t for t in (Int(b, s) for b in (8, 16, 32, 64) for s in (True, False))}
FLOATS = {t.name: t for t in (Float("f16", 11, -24), Float("bf16", 8, -133), Float("f32", 24, -149), Float("f64", 53, -1074))}
BOOL = Bool()
