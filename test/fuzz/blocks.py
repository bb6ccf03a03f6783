"""Block kernels: phases over shared and local storage, statements of the group, reductions of the group."""

from expressions import E, Var
from kernels import Kernel, Map
from values import BOOL, INTS, Array, Float, Int

I64 = INTS["i64"]


def zero(type):
    return "0.0" if isinstance(type, Float) else "False" if type is BOOL else "0"


class Blocks:
    def item_block(self):
        """`y[b * threads + i]`, guarded by its extent, and one element a block of another array."""
        rng = self.rng
        name = self.prefix + self.fresh("k")
        self.begin("device", 40)
        self.sure = rng.random() < 0.75
        self.quiet, self.nested = True, 1
        extent = rng.choice([1, 3, 8, 16, 40])
        a, x = self.declare(self.scalar(), "p"), self.declare(Array(self.number()), "p", length=(1,))
        out, each_block = self.number(), self.number()
        attribute = rng.choice(["", "", "@threads(32) ", "@threads(8) "])
        self.awg.append(f"{attribute}kernel {name}({a.name}: {a.type.name}, {x.name}: {x.type.name}, mut y: {out.name}[n], "
                        f"mut z: {each_block.name}[_]) each block b in ceil_div(n, {extent}) {{")
        self.python += [f"def {name}({a.python}, {x.python}, n, y, z):", f"    for b in range(-(-n // {extent})):"]
        self.twin_indent = 2
        self.scope += [Var("n", "n", I64), Var("b", "b", I64)]
        self.shared, self.locals = [], []
        for _ in range(rng.randint(1, 3)):
            v = Var(self.fresh("s"), None, Array(self.number()), True, (extent,))
            v.python = v.name
            self.both(f"shared {v.name}: {v.type.element.name}[{extent}];", f"{v.name} = [{zero(v.type.element)}] * {extent}")
            self.shared.append(v)
        if rng.random() < 0.7:
            v = Var(self.fresh("l"), None, Array(self.number()), True, (2,))
            v.python = v.name
            self.both(f"local {v.name}: {v.type.element.name}[2];",
                      f"{v.name} = [[{zero(v.type.element)}] * 2 for _ in range({extent})]")
            self.locals.append(v)
        self.wrapped([x], Var("b", "b", I64))
        for _ in range(rng.randint(2, 5)):
            self.group(extent, 1)
        total = self.group_value(each_block, extent) if rng.random() < 0.6 else self.expression(each_block, 2)
        self.both(f"z[b] = {total.text};", f"z[b] = {total.python}")
        own = Var("y[g]", "y[g]", out, True)
        self.phase(extent, [own], f"let g = b * {extent} + {{0}}; if g < n {{{{", "g = b * {1} + {0}", "if g < n:")
        self.awg.append("}")
        maps = [(out, Map("direct", [], [], lambda s: [s[0]])), (each_block, Map("block", [], [], lambda s: [-(-s[0] // extent)]))]
        kernel = Kernel(name, [a], [x], maps, 1, 3 * (45 - self.weight), self.rejecting)
        kernel.bound = True
        self.kernels.append(kernel)

    def group(self, extent, depth):
        """A phase, or what the group does between phases."""
        rng = self.rng
        kind = rng.randrange(9)
        counted = [v for v in self.shared if isinstance(v.type.element, Int)]
        if kind == 8 and counted and extent > 1:
            return self.counting(rng.choice(counted), extent)
        if kind <= 3 or kind == 8 or depth < 0:
            written = rng.sample(self.shared, rng.randint(1, min(2, len(self.shared))))
            owns = [("shared", v) for v in written]
            return self.phase(extent, owns)
        if kind == 4:
            type = self.number()
            value = self.group_value(type, extent)
            v = self.declare(type)
            return self.both(f"let {v.name}: {type.name} = {value.text};", f"{v.python} = {value.python}")
        if kind == 5:
            v = rng.choice(self.shared)
            k, value = rng.randrange(extent), self.expression(v.type.element, 2)
            return self.both(f"{v.name}[{k}] = {value.text};", f"{v.name}[{k}] = {value.python}")
        scope = list(self.scope)
        if kind == 6:
            condition = self.bool(2)
            self.both(f"if {condition.text} {{", f"if {condition.python}:")
        else:
            r = Var(self.fresh("r"), None, I64)
            r.python, r.below = r.name, 3
            self.scope.append(r)
            rounds = rng.randint(1, 3)
            self.both(f"for {r.name} in 0..{rounds} {{", f"for {r.python} in range({rounds}):")
        self.indent, self.twin_indent = self.indent + 1, self.twin_indent + 1
        for _ in range(rng.randint(1, 2)):
            self.group(extent, depth - 1)
        self.indent, self.twin_indent = self.indent - 1, self.twin_indent - 1
        self.line("}")
        self.scope = scope

    def group_value(self, type, extent):
        """A reduction of the group over what its threads have."""
        i = Var(self.fresh("x"), None, I64)
        i.python, i.below = i.name, extent
        scope = self.scope
        self.scope = scope + [i] + self.shared + self.own_locals(i)
        hoisted, self.hoisted = self.hoisted, []
        self.nested += 1
        value = self.expression(type, 2)
        self.nested -= 1
        self.scope = scope
        inner, self.hoisted = self.hoisted, hoisted
        function = self.fresh("body")
        self.hoist([f"def {function}({i.python}):", *("    " + line for line in inner), f"    return {value.python}"])
        op = self.rng.choice(["sum", "product", "min", "max"])
        return E(f"({op} each {i.name} in {extent} => {value.text})",
                 self.reduced(op, type, f"[{function}(i) for i in range({extent})]"))

    def counting(self, v, extent):
        """A phase whose threads add to any element of a shared array, or lower or raise it."""
        rng = self.rng
        i = Var(self.fresh("x"), None, I64)
        i.python, i.below = i.name, extent
        scope, sure, self.sure = self.scope, self.sure, True
        self.scope = [self.frozen(w) for w in scope] + [self.frozen(w) for w in self.shared if w is not v] + [i] + self.own_locals(i)
        op, element, place = rng.choice(["+", "min", "max"]), v.type.element, self.fresh("v")
        self.both(f"each {i.name} in {extent} {{", f"for {i.python} in range({extent}):")
        self.indent, self.twin_indent, self.nested = self.indent + 1, self.twin_indent + 1, self.nested + 1
        bin, value = self.expression(I64, 2), self.expression(element, 2)
        self.both(f"let {place}: i64 = {bin.text};", f"{place} = {bin.python}")
        self.both(f"atomic {v.name}[({place} as u64 % {extent}) as i64] {op}= {value.text};",
                  f"{v.python}[u64.cast({place}) % {extent}] = {element.name}.{'add' if op == '+' else op}"
                  f"({v.python}[u64.cast({place}) % {extent}], {value.python})")
        self.indent, self.twin_indent, self.nested = self.indent - 1, self.twin_indent - 1, self.nested - 1
        self.line("}")
        self.scope, self.sure = scope, sure

    def own_locals(self, i):
        """What a thread keeps, by its elements."""
        return [Var(f"{v.name}[{k}]", f"{v.name}[{i.python}][{k}]", v.type.element, True) for v in self.locals for k in range(2)]

    def phase(self, extent, owns, guard=None, twin=None, condition=None):
        """An inner `each`: own elements of some arrays are written, others are read anywhere."""
        rng = self.rng
        i = Var(self.fresh("x"), None, I64)
        i.python, i.below = i.name, extent
        written = [o[1] for o in owns if isinstance(o, tuple)]
        own = [Var(f"{v.name}[{i.name}]", f"{v.name}[{i.python}]", v.type.element, True) for v in written] \
            + [o for o in owns if isinstance(o, Var)]
        scope, loops, self.loops = self.scope, self.loops, 0
        self.scope = [self.frozen(w) for w in scope] + [self.frozen(v) for v in self.shared if v not in written] + [i] + self.own_locals(i)
        self.both(f"each {i.name} in {extent} {{", f"for {i.python} in range({extent}):")
        self.indent, self.twin_indent, self.nested = self.indent + 1, self.twin_indent + 1, self.nested + 1
        if guard:
            self.both(guard.format(i.name), twin.format(i.python, extent))
            self.twin(condition)
            self.indent, self.twin_indent = self.indent + 1, self.twin_indent + 1
            self.scope.append(Var("g", "g", I64))
        self.scope += own
        self.statements(rng.randint(0, 2), 1)
        for v in own + rng.sample(self.own_locals(i), rng.randint(0, 1) if self.locals else 0):
            self.write(v)
        if guard:
            self.indent, self.twin_indent = self.indent - 1, self.twin_indent - 1
            self.line("}")
        self.indent, self.twin_indent, self.nested = self.indent - 1, self.twin_indent - 1, self.nested - 1
        self.line("}")
        self.scope, self.loops = scope, loops
