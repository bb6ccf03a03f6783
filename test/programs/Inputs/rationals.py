"""IEEE arithmetic in exact rationals, and .npy files, for tests of a program's bits."""

import ast
import struct
from fractions import Fraction


class Format:
    """A binary floating-point format: digits of the significand, least exponent of a normal number."""

    def __init__(self, digits, least):
        self.digits, self.least = digits, least

    def round(self, x):
        """The nearest number, ties to even. Results must not overflow; zero has no sign here."""
        x = Fraction(x)
        if x == 0:
            return x
        exponent = abs(x.numerator).bit_length() - x.denominator.bit_length()
        if abs(x) < Fraction(2) ** exponent:
            exponent -= 1
        unit = Fraction(2) ** (max(exponent, self.least) - self.digits + 1)
        return round(x / unit) * unit  # Python rounds a Fraction's ties to even


F16, BF16, F32, F64 = Format(11, -14), Format(8, -126), Format(24, -126), Format(53, -1022)


def read_npy(path):
    """The elements as Python floats, in order."""
    data = open(path, "rb").read()
    assert data[:8] == b"\x93NUMPY\x01\x00"
    length = struct.unpack("<H", data[8:10])[0]
    header = ast.literal_eval(data[10:10 + length].decode())
    code = {"<f4": "f", "<f8": "d"}[header["descr"]]
    body = data[10 + length:]
    return list(struct.unpack("<%d%s" % (len(body) // struct.calcsize(code), code), body)), header["shape"]
