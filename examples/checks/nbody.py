"""Checks nbody.awg: the first energy and where a star ends, computed again in Python, and the drift."""

import math
import re
import sys

N, SOFT, DT, STEPS = 256, 0.01, 0.001, 200
text = open(sys.argv[1]).read()
energy, drift, x, y, z = map(float, re.fullmatch(
    r"energy (\S+), drift (\S+)\nmomentum true\nstar 0 at (\S+) (\S+) (\S+)\n", text).groups())

seed, p = 12345, []
for _ in range(N):
    star = []
    for _ in range(3):
        seed = (seed * 1103515245 + 12345) % 2**31
        star.append(seed / 2**30 - 1.0)
    p.append(star)
want = -sum(1 / N**2 / math.sqrt(math.dist(p[i], p[j]) ** 2 + SOFT) for i in range(N) for j in range(i))
assert abs(energy - want) < 1e-8, (energy, want)
assert drift < 1e-4, drift


def pull(i):
    a = [0.0, 0.0, 0.0]
    px, py, pz = p[i]
    for qx, qy, qz in p:
        dx, dy, dz = qx - px, qy - py, qz - pz
        d2 = dx * dx + dy * dy + dz * dz + SOFT
        f = 1 / N / (d2 * math.sqrt(d2))
        a[0] += f * dx
        a[1] += f * dy
        a[2] += f * dz
    return a


# For so short a time the stars hardly change each other's pull: ten steps as long as twenty of the program's.
v = [[0.0] * 3 for _ in range(N)]
dt = DT * STEPS / 10
a = [pull(i) for i in range(N)]
for _ in range(10):
    for i in range(N):
        for k in range(3):
            v[i][k] += 0.5 * dt * a[i][k]
            p[i][k] += dt * v[i][k]
    a = [pull(i) for i in range(N)]
    for i in range(N):
        for k in range(3):
            v[i][k] += 0.5 * dt * a[i][k]
assert math.dist(p[0], (x, y, z)) < 1e-4, (p[0], x, y, z)
