"""Structs that own arrays, arrays of arrays, kernels with type parameters."""

from expressions import Var
from values import Array, inside


class Owner:
    """A struct with arrays; its Python is a list of the fields."""

    def __init__(self, name, fields):
        self.name, self.fields = name, fields

    def show(self, x):
        return self.name + " { " + ", ".join(f"{n}: {inside(t, e)}" for (n, t), e in zip(self.fields, x)) + " }"

    def text(self, parts):
        """A value or a pattern, of (place, text) for some or all of the fields."""
        return f"{self.name} {{ {', '.join(f'{self.fields[k][0]}: {part}' for k, part in parts)} }}"


class OwnerTuple(Owner):
    """A tuple with arrays."""

    def __init__(self, parts):
        super().__init__(f"({', '.join(part.name for part in parts)})", [(str(k), part) for k, part in enumerate(parts)])

    def show(self, x):
        return "(" + ", ".join(inside(t, e) for (_, t), e in zip(self.fields, x)) + ")"

    def text(self, parts):
        return f"({', '.join(dict(parts).get(k, '_') for k in range(len(self.fields)))})"


class Owners:
    def item_owner(self):
        rng = self.rng
        fields = [("a", Array(self.number())), ("n", self.number()), ("b", Array(self.number()))]
        rng.shuffle(fields)
        type = Owner(f"S{self.fresh(self.prefix)}", fields)
        self.awg.append(f"struct {type.name} {{ {', '.join(f'{n}: {t.name}' for n, t in fields)} }}")
        self.owning.append(type)

    def elements(self, type):
        """An array's literal and its length."""
        values = [self.expression(type, 1) for _ in range(self.rng.randint(1, 4))]
        return f"[{', '.join(e.text for e in values)}]", f"[{', '.join(e.python for e in values)}]", len(values)

    def statement_owner(self, depth):
        """A struct with arrays, whose fields are then variables like others."""
        if not self.owning:
            return
        type = self.rng.choice(self.owning)
        self.host = True
        name = self.fresh("o")
        texts, pythons, fields = [], [], []
        for k, (field, part) in enumerate(type.fields):
            if isinstance(part, Array):
                text, python, length = self.elements(part.element)
                fields.append(Var(f"{name}.{field}", f"{name}[{k}]", part, True, (length,)))
            else:
                value = self.expression(part, 2)
                text, python = value.text, value.python
                fields.append(Var(f"{name}.{field}", f"{name}[{k}]", part, True))
            texts.append(f"{field}: {text}")
            pythons.append(python)
        self.both(f"let mut {name} = {type.name} {{ {', '.join(texts)} }};", f"{name} = [{', '.join(pythons)}]")
        self.scope += [Var(name, name, type)] + fields

    def statement_replaced(self, depth):
        """An array moves out of its field, and another one in: not in a `try`, which may end in between for want of memory."""
        if self.tries:
            return
        fields = [v for v in self.scope if v.mutable and isinstance(v.type, Array) and "." in v.name and not getattr(v, "row", False)]
        if not fields:
            return
        field = self.rng.choice(fields)
        scope, self.scope = self.scope, [v for v in self.scope if v is not field]
        values = [self.expression(field.type.element, 1) for _ in range(field.length[0])]
        self.scope = scope
        v = self.declare(field.type, mutable=self.rng.random() < 0.5, length=field.length)
        self.both(f"let {'mut ' if v.mutable else ''}{v.name} = {field.name};", f"{v.python} = {field.python}")
        self.both(f"{field.name} = [{', '.join(e.text for e in values)}];", f"{field.python} = [{', '.join(e.python for e in values)}]")

    def statement_ragged(self, depth):
        """An array of arrays of several lengths."""
        self.host = True
        element = self.number()
        rows = [self.elements(element) for _ in range(self.rng.randint(1, 3))]
        name = self.fresh("o")
        self.both(f"let mut {name}: {element.name}[_][_] = [{', '.join(r[0] for r in rows)}];",
                  f"{name} = [{', '.join(r[1] for r in rows)}]")
        self.scope.append(Var(name, name, Array(Array(element))))
        for k, (_, _, length) in enumerate(rows):
            row = Var(f"{name}[{k}]", f"{name}[{k}]", Array(element), True, (length,))
            row.row = True  # no kernel takes it
            self.scope.append(row)

    # Kernels with a type parameter

    def item_generic_kernel(self):
        rng = self.rng
        name = self.prefix + self.fresh("k")
        text, python = rng.choice([("a * x[i % len(x)] + y[i]", "T.fma(a, e, y[i])"), ("y[i] - x[i % len(x)] * a", "T.fnma(y[i], e, a)"),
                                   ("max(y[i], x[i % len(x)]) - a", "T.sub(T.max(y[i], e), a)")])
        self.awg.append(f"kernel {name}<T: num>(a: T, x: T[_], mut y: T[n]) each i in n {{ y[i] = {text}; }}")
        self.python += [f"def {name}(T, a, x, y):", f"    for i in range(len(y)): e = x[i % len(x)]; y[i] = {python}"]
        self.generic_kernels.append(name)

    def statement_generic_kernel(self, depth):
        names = self.generic_kernels
        targets = [v for v in self.scope if v.mutable and isinstance(v.type, Array) and v.type.rank == 1 and v.type.element in self.numbers
                   and v.length and v.length[0] <= 40 and not getattr(v, "row", False)]
        if not names or not targets or self.weight < 200:
            return
        y = self.rng.choice(targets)
        sources = [v for v in self.arrays(y.type.element) if v.type.rank == 1 and v.length[0] and v is not y
                   and not getattr(v, "row", False)]
        if not sources:
            return
        self.weight -= 2 * y.length[0]
        x, name = self.rng.choice(sources), self.rng.choice(names)
        a = self.expression(y.type.element, 2)
        self.both(f"await {name}({a.text}, {x.name}, mut {y.name});", f"{name}({y.type.element.name}, {a.python}, {x.python}, {y.python})")
