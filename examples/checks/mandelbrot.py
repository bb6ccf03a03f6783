"""Checks mandelbrot.awg's picture: decodes the PNG and computes every 97th pixel again, exactly as the program says."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "..", "test", "programs", "Inputs"))
import png  # noqa: E402
from exact import fma64  # noqa: E402

width, height, kind, pixels = png.decode(sys.argv[1])
assert (width, height, kind) == (300, 200, "grey")


def pixel(row, column):
    cx = -2.25 + 3.0 * column / width  # a quotient is added: nothing to fuse
    cy = -1.0 + 2.0 * row / height
    x = y = 0.0
    for steps in range(200):
        if fma64(x, x, y * y) > 4.0:
            return (255 - steps % 256) & 255
        x, y = fma64(x, x, -(y * y)) + cx, fma64(2.0 * x, y, cy)
    return 0


for at in range(0, width * height, 97):
    want = pixel(*divmod(at, width))
    assert pixels[at] == want, f"pixel {divmod(at, width)} is {pixels[at]}, not {want}"
