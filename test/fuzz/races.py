"""Random subscripts in an `each`: what `awgc check` accepts has no race, by looking at every pair of indices.

    python3 races.py --awgc build/bin/awgc --seeds 1..100

Each seed is a file of kernels. What each of their indices reads and writes is listed for several values of the launch's extents
and constants; a kernel that is accepted though two indices write one element, or one reads what another writes, is printed.
How many kernels without a race are refused is only counted: the compiler need not see everything.
"""

import argparse
import itertools
import pathlib
import random
import sys
import tempfile

from refusals import diagnostics

LENGTH = 64  # of what views are made of
SIZES = {1: ["n"], 2: ["n", "m"], 3: ["n", "m", "l"]}


class Kernel:
    """A body of statements, and the accesses that they make, as Python over the indices and parameters."""

    def __init__(self, rng, name):
        self.rng, self.accesses = rng, []
        rank = rng.choice([1, 1, 2, 2, 3])
        self.names, self.sizes = ["i", "j", "k"][:rank], SIZES[rank]
        self.literal = rng.random() < 0.4
        self.extents = [str(rng.randint(1, 5)) for _ in self.sizes] if self.literal else self.sizes
        self.has_view = rng.random() < 0.1  # `let v = x[i..]`
        self.lets, self.loop, self.dimensions = [], None, rng.choice([1, 1, 2])
        if rng.random() < 0.4:
            self.lets.append(("a", self.affine(self.names)))
            if rng.random() < 0.4:
                self.lets.append(("b", self.affine(self.names)))
        if rng.random() < 0.25:
            self.loop = ("q", rng.randint(1, 3))
        maps = [self.map() for _ in range(rng.choice([1, 1, 2]))]
        lines = [self.access(rng.choice(maps), rng.random() < 0.4) for _ in range(rng.randint(1, 3))]
        lines.append(self.access(maps[0], False))
        header = self.names[0] if rank == 1 else f"({', '.join(self.names)})"
        over = self.extents[0] if rank == 1 else f"({', '.join(self.extents)})"
        names, values = ", ".join(n for n, _ in self.lets), ", ".join(t for _, t in self.lets)
        body = f"let ({names}) = ({values});" if len(self.lets) > 1 else f"let {names} = {values};" if self.lets else ""
        if self.has_view:
            body += " let v = x[i..];"
        inner = " ".join(lines)
        if self.loop:
            inner = f"for q in 0..{self.loop[1]} {{ {inner} }}"
        self.text = (f"kernel {name}(x: i64[{LENGTH}], c: i64, {', '.join(f'{s}: i64' for s in self.sizes)}, "
                     f"mut y: i64[{', '.join('_' * self.dimensions)}]) each {header} in {over} {{ {body} {inner} }}")

    def affine(self, names):
        rng = self.rng
        terms = []
        for name in rng.sample(names, rng.randint(1, len(names))):
            factor = rng.choice(["", "", "2 * ", "3 * ", "-1 * ", "4 * "] + [f"{s} * " for s in self.extents])
            terms.append(f"{factor}{name}" if rng.random() < 0.8 else f"{name} * {rng.choice(self.extents + ['2'])}")
        if rng.random() < 0.4:
            terms.append(rng.choice(["1", "2", "c", "7", self.extents[0]] + ["len(v)"] * 5 * self.has_view))
        text = terms[0]
        for term in terms[1:]:
            text += rng.choice([" + ", " + ", " - "]) + term
        return text

    def subscript(self):
        rng = self.rng
        names = self.names + [n for n, _ in self.lets] + ([self.loop[0]] if self.loop else [])
        kind = rng.random()
        if kind < 0.3:
            return rng.choice(names)
        if kind < 0.55 and len(self.names) > 1:  # the row-major map, or one that looks like it
            order = rng.sample(range(len(self.names)), len(self.names))
            text = self.names[order[0]]
            for k in order[1:]:
                text = f"({text}) * {self.extents[rng.choice(order) if rng.random() < 0.2 else k]} + {self.names[k]}"
            return text + rng.choice(["", "", " + 1", " + c"])
        if kind < 0.65:
            return f"({self.affine(names)}) {rng.choice(['%', '/', '^', '<<'])} {rng.randint(1, 4)}"
        return self.affine(names)

    def tiled(self):
        """A stride, tiles, or maps that interleave: what one index writes in a loop, whole or nearly."""
        rng, i = self.rng, self.rng.choice(self.names)
        q, count = self.loop or (rng.choice(self.names), rng.randint(1, 3))
        size = rng.choice([count, count, count + 1, max(1, count - 1)])
        n = self.extents[self.names.index(i)]
        return rng.choice([f"{i} * {size} + {q}", f"{q} * {n} + {i}", f"{size} * {i} + {rng.randint(0, 2)}", f"{i} + {n} * {q}",
                           f"({i} * {size} + {q}) * {rng.choice(self.extents + ['2'])} + {rng.choice(self.names)}",
                           f"({q} * {size} + {i}) * 2 + {rng.randint(0, 2)}"])

    def map(self):
        return [self.tiled() if self.rng.random() < 0.3 else self.subscript() for _ in range(self.dimensions)]

    def access(self, map, reads):
        rng = self.rng
        map = [s + rng.choice([" + 1", " - 1"]) if rng.random() < 0.15 else s for s in map]
        condition = rng.choice(["", "", "if i > 1 "])
        views, name, texts, places, bounds = "", "y", list(map), [python(s) for s in map], []
        starts = [(k, "0") for k in range(len(map))]  # of the view, in each extent that it has
        for _ in range(rng.choice([0, 0, 0, 1, 1, 2])):
            made = self.view(name, texts, places, bounds, starts)
            if made:
                view, name = made
                views += view
        self.accesses.append((places, "read" if reads else "write", condition, bounds))
        place = f"{name}[{', '.join(texts)}]"
        return f"{condition}{{ {views}let s = {place}; }}" if reads else f"{condition}{{ {views}{place} = 1; }}"

    def view(self, name, texts, places, bounds, starts):
        """A view of what `name` is, by which the place then is reached; `bounds` are what must hold for it to be there."""
        rng, new = self.rng, "w" + "w" * name.count("w")
        if len(texts) == 2 and rng.random() < 0.5:
            k = rng.randrange(2)
            del starts[k]
            view = f"{name}[{texts[0]}]" if k == 0 else f"{name}[.., {texts[1]}]"
            del texts[k]
            return f"let mut {new} = {view}; ", new
        low = rng.choice([self.affine(self.names), self.affine(self.names), rng.choice(self.names), "0", "c", texts[0]])
        length = rng.choice([None, "1", "2", "3", self.extents[0]])
        inner = rng.choice([rng.choice(self.names + ([self.loop[0]] if self.loop else [])), str(rng.randint(0, 2)), texts[0]])
        if rng.random() < 0.5:  # the place stays what it was
            low, _, inner = texts[0].rpartition(" + ")
            if not low or low.count("(") != low.count(")") or any(sign in low for sign in "%/^<"):
                low, inner = texts[0], "0"
        at, start = starts[0]
        starts[0] = at, f"{start} + ({python(low)})"
        places[at] = f"{starts[0][1]} + ({python(inner)})"
        bounds += [f"({python(low)}) >= 0", f"({python(inner)}) >= 0"] + ([f"({python(inner)}) < ({length})"] if length else [])
        texts[0] = inner
        return f"let mut {new} = {name}[{low}..{f'{low} + {length}' if length else ''}]; ", new

    def races(self, values):
        """The first two indices that get into each other's way for these parameters, or None."""
        touched = {}
        extents = [int(e) if e.isdigit() else values[e] for e in self.extents]
        for index in itertools.product(*map(range, extents)):
            scope = {**values, **dict(zip(self.names, index))}
            for name, text in self.lets:
                scope[name] = eval(python(text), {}, scope)
            for q in range(self.loop[1]) if self.loop else [0]:
                scope["q"] = q
                for places, kind, condition, bounds in self.accesses:
                    if condition and not scope["i"] > 1 or not all(eval(b, FUNCTIONS, scope) for b in bounds):
                        continue
                    place = tuple(eval(s, FUNCTIONS, scope) for s in places)
                    if any(s < 0 for s in place):
                        continue  # it rejects
                    for other, how in touched.setdefault(place, set()):
                        if other != index and "write" in (kind, how):
                            return other, index, place
                    touched[place].add((index, kind))
        return None


def quotient(a, b):
    return abs(a) // abs(b) * (1 if (a < 0) == (b < 0) else -1)


def remainder(a, b):
    return abs(a) % abs(b) * (-1 if a < 0 else 1)


FUNCTIONS = {"quotient": quotient, "remainder": remainder}


def python(text):
    """`/` and `%` stand outermost, behind a bracket and before a literal, but for an offset."""
    text = text.replace("len(v)", f"({LENGTH} - i)")
    for sign, name in (("/", "quotient"), ("%", "remainder")):
        if f") {sign} " in text:
            left, _, right = text.rpartition(f" {sign} ")
            return f"{name}({left}, {right[0]}){right[1:]}"
    return text


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--awgc", required=True)
    parser.add_argument("--seeds", default="1..20")
    parser.add_argument("--kernels", type=int, default=24)  # awgc stops after 100 errors
    options = parser.parse_args()
    low, _, high = options.seeds.partition("..")
    bad = accepted = total = careful = 0
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(int(low), int(high or low) + 1):
            rng = random.Random(seed)
            kernels = [Kernel(rng, f"k{n}") for n in range(options.kernels)]
            path = pathlib.Path(folder, f"races-{seed}.awg")
            path.write_text("\n".join(k.text for k in kernels) + "\n")
            code, found = diagnostics(options.awgc.split(), path)
            refused = {line for line, _ in found}
            for line, kernel in enumerate(kernels):
                total += 1
                values = [dict(zip(("c", "n", "m", "l"), v)) for v in ((0, 4, 3, 2), (1, 1, 5, 3), (-3, 5, 2, 2), (5, 3, 4, 1))]
                race = next((r for v in values if (r := kernel.races(v))), None)
                accepted += line not in refused
                careful += line in refused and race is None
                if race and line not in refused:
                    bad += 1
                    print(f"seed {seed}: indices {race[0]} and {race[1]} meet at {race[2]}:\n  {kernel.text}", flush=True)
    print(f"seeds {options.seeds}: {total} kernels, {accepted} accepted, {careful} refused without a race, {bad} accepted with one")
    return 1 if bad or not accepted else 0


if __name__ == "__main__":
    sys.exit(main())
