"""Arithmetic rounded once, from exact fractions: what a fused multiply-add gives."""

from fractions import Fraction
import struct


def f32(x):
    """A number rounded to f32 by way of f64: exact for the sums and products of two f32."""
    return struct.unpack("f", struct.pack("f", x))[0]


def fma64(a, b, c):
    return float(Fraction(a) * Fraction(b) + Fraction(c))


def fma32(a, b, c):
    exact = Fraction(a) * Fraction(b) + Fraction(c)
    near = f32(float(exact))
    if Fraction(near) == exact:
        return near
    bits = struct.unpack("i", struct.pack("f", near))[0]
    around = [struct.unpack("f", struct.pack("i", bits + step))[0] for step in (-1, 0, 1)]
    return min(around, key=lambda x: (abs(Fraction(x) - exact), struct.unpack("i", struct.pack("f", x))[0] & 1))
