"""Kernels, and the bodies of `each` in host code: any statements, writes by maps that the compiler sees to be one-to-one."""

from expressions import Var
from values import BOOL, INTS, Array

I64 = INTS["i64"]
NAMES = ("n", "m", "k")


class Map:
    """How an index writes its own element of an array. `extents(sizes)`: what the array must have for a launch over `sizes`."""

    def __init__(self, kind, subscript, shape, extents):
        self.kind, self.subscript, self.shape, self.extents = kind, subscript, shape, extents


def map_of(rng, indices, sizes):
    """A map for the indices of a launch; `sizes` are the texts of its extents, as they stand in the header."""
    if len(indices) == 1:
        (i,), (n,) = indices, sizes
        shift, step = rng.randint(1, 3), rng.randint(2, 3)
        return rng.choice([
            Map("direct", [i], [n], lambda s: [s[0]]), Map("direct", [i], [n], lambda s: [s[0]]),
            Map("shifted", [f"{i} + {shift}"], ["_"], lambda s: [s[0] + shift]),
            Map("strided", [f"{step} * {i} + {step - 1}"], ["_"], lambda s: [step * s[0]]),
            Map("row", [i, str(shift)], [n, "_"], lambda s: [s[0], shift + 1])])
    if len(indices) == 2:
        (i, j), (n, m) = indices, sizes
        return rng.choice([
            Map("direct", [i, j], [n, m], lambda s: [s[0], s[1]]), Map("transposed", [j, i], [m, n], lambda s: [s[1], s[0]]),
            Map("flat", [f"{i} * {m} + {j}"], ["_"], lambda s: [s[0] * s[1]]),
            Map("flat", [f"{j} * {n} + {i}"], ["_"], lambda s: [s[0] * s[1]])])
    (i, j, k), (n, m, l) = indices, sizes
    return Map("flat", [f"({i} * {m} + {j}) * {l} + {k}"], ["_"], lambda s: [s[0] * s[1] * s[2]])


def place(subscript):
    return "".join(f"[{s}]" for s in subscript)


class Kernel:
    """What a call must make: `scalars` and `inputs` are Vars, `outputs` (element, Map)."""

    def __init__(self, name, scalars, inputs, outputs, rank, weight, rejects, result=None):
        self.name, self.scalars, self.inputs, self.outputs, self.rank = name, scalars, inputs, outputs, rank
        self.weight, self.rejects, self.result = weight, rejects, result


class Kernels:
    def item_kernel(self):
        rng = self.rng
        if rng.random() < 0.2:
            return self.item_kernel_of_values()
        name = self.prefix + self.fresh("k")
        self.begin("device", 60)
        self.sure = rng.random() < 0.75
        rank = rng.choice([1, 1, 1, 2, 2, 3])
        scalars = [self.declare(self.plain(), "p") for _ in range(rng.randint(1, 2))]
        inputs = [self.declare(Array(self.element()), "p", length=(1,)) for _ in range(rng.randint(0, 2))]
        sizes = NAMES[:rank]
        self.scope += [Var(size, size, I64) for size in sizes]
        indices = [self.declare(I64, "x") for _ in sizes]
        outputs = []
        for _ in range(rng.randint(1, 2)):
            element = self.element()
            outputs.append((self.fresh("y"), element, map_of(rng, [i.name for i in indices], sizes)))
        bound = any(m.kind in ("direct", "transposed") for _, _, m in outputs) and rank < 3
        written = [f"{p.name}: {p.type.name}" for p in scalars + inputs] + ([] if bound else [f"{s}: i64" for s in sizes])
        written += [f"mut {y}: {e.name}[{', '.join(m.shape if bound else '_' * len(m.shape))}]" for y, e, m in outputs]
        header = indices[0].name if rank == 1 else f"({', '.join(i.name for i in indices)})"
        extents = sizes[0] if rank == 1 else f"({', '.join(sizes)})"
        self.awg.append(f"kernel {name}({', '.join(written)}) each {header} in {extents} {{")
        parameters = [p.python for p in scalars + inputs] + list(sizes) + [y for y, _, _ in outputs]
        self.python.append(f"def {name}({', '.join(parameters)}):")
        self.python.append(f"    for {', '.join(i.python for i in indices)}, in indices({', '.join(sizes)}):")
        self.twin_indent = 2
        self.wrapped(inputs, indices[0])
        self.body([(Var(y, y, Array(e)), e, m) for y, e, m in outputs])
        self.awg.append("}")
        kernel = Kernel(name, scalars, inputs, [(e, m) for _, e, m in outputs], rank, 65 - self.weight, self.rejecting)
        kernel.bound = bound
        self.kernels.append(kernel)

    def wrapped(self, inputs, index):
        """An element of each input whatever its extent."""
        for x in inputs:
            x.least = True
            v = self.declare(x.type.element)
            self.both(f"let {v.name} = {x.name}[{index.name} % len({x.name})];", f"{v.python} = {x.python}[{index.python} % len({x.python})]")

    def item_kernel_of_values(self):
        """`kernel f(...) -> T[n] each i in n => expr`."""
        rng = self.rng
        name = self.prefix + self.fresh("k")
        self.begin("device", 60)
        self.sure = rng.random() < 0.75
        self.nested = 1
        scalars = [self.declare(self.plain(), "p") for _ in range(rng.randint(1, 2))]
        i = self.declare(I64, "x")
        self.scope.append(Var("n", "n", I64))
        element = self.element()
        value = self.expression(element, 3)
        self.awg.append(f"kernel {name}({', '.join(f'{p.name}: {p.type.name}' for p in scalars)}, n: i64) -> {element.name}[n] "
                        f"each {i.name} in n => {value.text};")
        self.python.append(f"def {name}({', '.join(p.python for p in scalars)}, n):")
        function, inner, self.hoisted = self.fresh("body"), self.hoisted, []
        self.python += [f"    def {function}({i.python}):", *("        " + line for line in inner), f"        return {value.python}",
                        f"    return [{function}(i) for i in range(n)]"]
        kernel = Kernel(name, scalars, [], [], 1, 65 - self.weight, self.rejecting, element)
        self.kernels.append(kernel)

    def element(self):
        """What an array holds: mostly numbers."""
        return self.plain() if self.rng.random() < 0.25 else self.number()

    # Bodies

    def body(self, outputs):
        """Statements that write, at least once each, the own elements of `outputs`: (Var, element, Map)."""
        rng = self.rng
        names = {v.name for v, _, _ in outputs}
        scope = self.scope
        self.scope = [self.frozen(w) if w.mutable else w for w in scope if w.name not in names]
        kept = self.place, self.quiet, self.result, self.loops, self.weight
        self.place, self.quiet, self.result, self.loops, self.weight = "device", True, None, 0, min(self.weight, 60)
        self.nested += 1
        own = [Var(f"{v.name}[{', '.join(m.subscript)}]", v.python + place(m.subscript), e, True) for v, e, m in outputs]
        self.scope += own
        self.statements(rng.randint(0, 3), 2)
        if rng.random() < 0.2:
            condition = self.bool(2)
            self.both(f"if {condition.text} {{ continue; }}", f"if {condition.python}: continue")
        for v in own:
            self.write(v)
        self.statements(rng.randint(0, 1), 1)
        for v, e, m in outputs:
            if m.kind == "row" and not isinstance(e, Array):
                self.inner_each(v, e, m)
        self.nested -= 1
        spent = kept[4] - self.weight
        self.place, self.quiet, self.result, self.loops, _ = kept
        self.scope = scope
        return spent

    def write(self, own):
        value = self.expression(own.type, 3)
        if own.type in self.numbers or own.type is BOOL:
            return self.assign(own, value)
        self.both(f"{own.name} = {value.text};", f"{own.python} = {value.python}")

    def inner_each(self, v, element, m):
        """`each c in w { y[r, c] = ... }`: a loop within an index that owns a row."""
        width = m.extents([1])[1]
        c = Var(self.fresh("x"), None, I64)
        c.python, c.below = c.name, width
        scope = list(self.scope)
        self.scope = [w for w in scope if not w.name.startswith(v.name + "[")]
        self.both(f"each {c.name} in {width} {{", f"for {c.python} in range({width}):")
        self.indent, self.twin_indent = self.indent + 1, self.twin_indent + 1
        self.scope += [c, Var(f"{v.name}[{m.subscript[0]}, {c.name}]", f"{v.python}[{m.subscript[0]}][{c.python}]", element, True)]
        self.write(self.scope[-1])
        self.indent, self.twin_indent = self.indent - 1, self.twin_indent - 1
        self.line("}")
        self.scope = scope
