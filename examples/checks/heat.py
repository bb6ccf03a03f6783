"""Checks heat.awg's output against the mode's decay, in closed form, and the error against the scheme's order."""

import math
import re
import sys

text = open(sys.argv[1]).read()
peak, steps, expected, error = map(float, re.fullmatch(
    r"peak ([\d.]+) after (\d+) steps, ([\d.]+) expected\nlargest error (\S+)\n", text).groups())
h = 1 / 1023
wave = 8 * math.pi
decay = math.exp(-2 * wave**2 * steps * 0.2 * h * h)
assert steps == 500 and abs(expected - decay) < 2e-6, (expected, decay)
# The scheme's own decay: each step multiplies the mode by 1 - 8 rate sin^2(wave h / 2).
discrete = (1 - 8 * 0.2 * math.sin(wave * h / 2) ** 2) ** steps
crest = max(math.sin(wave * h * i) for i in range(1024)) ** 2
assert abs(peak - discrete * crest) < 1e-4, (peak, discrete * crest)
assert error < abs(discrete - decay) + 1e-4, (error, discrete - decay)
