"""Random expressions: each as Awg text and as Python that computes the same with values.py.

An expression never does what the reference leaves open. Whether it may reject is known: a context that must not reject
(`sure`) gets divisors that are no zero and subscripts that are in range.
"""

import math

from texts import Str
from values import BOOL, INTS, Array, Enum, Float, Int, Struct, Tuple

PRIMARY, UNARY, CAST, MUL, ADD, SHIFT, AND, XOR, OR, COMPARE, LOGIC_AND, LOGIC_OR, OPEN = range(12, -1, -1)


class E:
    """An expression: Awg text, Python text, how tightly it binds; `product` holds the factors' Python of an
    unparenthesised float product; `flexible` ones take their type from the context."""

    def __init__(self, text, python, level=PRIMARY, product=None, flexible=False):
        self.text, self.python, self.level, self.product, self.flexible = text, python, level, product, flexible

    def at(self, level):
        """The text where an operand that binds at least as tightly is due."""
        return self.text if self.level >= level else f"({self.text})"

    def factors(self, level):
        """Those of a product, if no parentheses come round it at that level."""
        return self.product if self.level >= level else None


def members(type):
    """The names and types of a tuple's or a struct's parts."""
    if isinstance(type, Tuple):
        return [(str(k), m) for k, m in enumerate(type.members)]
    return type.fields if isinstance(type, Struct) else []


class Var:
    """A variable; `length` are the extents of an array, of some (`least`) those that it has at least. An `open` one may come to have
    other extents; an array of records has `count` of them at least."""

    def __init__(self, name, python, type, mutable=False, length=None, least=False):
        self.name, self.python, self.type, self.mutable, self.length, self.least = name, python, type, mutable, length, least
        self.open, self.count = False, 0


class Expressions:
    """Expects: `rng`, `scope` (a list of Vars), `sure`, `place` ('plain', 'async', 'device'), `functions`, `hoist(lines)`,
    `fresh(prefix)`, `rejecting` (set when an expression may reject)."""

    def vars(self, type):
        return [v for v in self.scope if v.type is type or (v.type.name == type.name)]

    def arrays(self, element):
        return [v for v in self.scope if isinstance(v.type, Array) and v.type.element is element
                and not (self.place == "device" and getattr(v, "row", False))]

    def expression(self, type, depth):
        if isinstance(type, Int):
            return self.int(type, depth)
        if isinstance(type, Float):
            return self.float(type, depth)
        if type is BOOL:
            return self.bool(depth)
        if isinstance(type, (Tuple, Struct)) and depth > 0 and self.rng.random() < 0.3:
            found = self.called(type, depth) or self.indexed(type, depth)
            if found:
                return found
        if isinstance(type, Tuple):
            members = [self.expression(m, depth - 1) for m in type.members]
            return E(f"({', '.join(m.text for m in members)})", f"({', '.join(m.python for m in members)},)")
        if isinstance(type, Struct):
            return self.structure(type, depth)
        assert isinstance(type, Enum), type
        case = self.rng.randrange(len(type.cases))
        return E(f"{type.name}.{type.cases[case]}", str(case))

    def structure(self, type, depth):
        if self.vars(type) and self.rng.random() < 0.4:
            v = self.rng.choice(self.vars(type))
            return E(v.name, v.python)
        fields = [(n, self.expression(t, depth - 1)) for n, t in type.fields]
        text = ", ".join(f"{n}: {e.text}" for n, e in fields)
        return E(f"{type.name} {{ {text} }}", f"({', '.join(e.python for _, e in fields)},)", OPEN)

    # Literals and variables

    def literal(self, type):
        rng = self.rng
        if isinstance(type, Int):
            kind = rng.random()
            if kind < 0.6:
                value = rng.randint(0, 9)
            elif kind < 0.8:
                value = rng.choice([type.low, type.high, type.high - 1, type.low + 1, type.high // 3])
            else:
                value = rng.randint(type.low, type.high)
            if rng.random() < 0.25 and type.signed:
                value = type.wrap(-value)
            suffix = type.name  # under `as` and beside `<<` no context gives the type
            text = f"-{-value}{suffix}" if value < 0 else f"{value}{suffix}"
            return E(text, f"({value})", UNARY if value < 0 else PRIMARY)
        value = type.round(rng.choice([0.0, 1.0, 2.0, 0.5, 0.1, 3.0, 1e-3, 100.0, 7.25, rng.random() * 10, rng.random() * 1e5,
                                       rng.random() * 1e-5, 1e30, 1e-30, 65000.0, 2.0 ** 24]))
        if math.isinf(value):
            value = 1.0
        return E(type.literal(value) + type.name, repr(value))

    def leaf(self, type):
        rng = self.rng
        choices = [E(v.name, v.python) for v in self.vars(type)] + self.constants_of(type)
        for v in self.scope:
            part, name, python = v.type, v.name, v.python
            if isinstance(part, Array) and v.length and all(v.length) and isinstance(part.element, (Tuple, Struct)):
                places = [rng.randrange(n) for n in v.length]
                part, name = part.element, f"{name}[{', '.join(map(str, places))}]"
                python += "".join(f"[{k}]" for k in places)
            choices += [E(f"{name}.{n}", f"{python}[{k}]") for k, (n, m) in enumerate(members(part)) if m is type]
        choices += [E(text, python) for text, python, part in self.readable(True) if part is type]
        if type.name == "i64" and rng.random() < 0.2:
            choices += [E(f"len({v.name})", f"len({v.python})") for v in self.scope if isinstance(v.type, Array) and v.name.isidentifier()
                        and (self.place != "device" or v.length and not isinstance(v.type.element, Str))]
        if choices and rng.random() < 0.75:
            return rng.choice(choices)
        return self.literal(type)

    def subscript(self, v, depth):
        """Of a variable that is an array, for each of its dimensions; in range if nothing may reject."""
        rng = self.rng
        out = []
        for extent in v.length:
            inside = [w for w in self.scope if getattr(w, "below", 1 << 62) <= extent]
            if self.sure or rng.random() < 0.85:
                if inside and rng.random() < 0.6:
                    w = rng.choice(inside)
                    out.append(E(w.name, w.python))
                    continue
                out.append(E(str(rng.randrange(extent)), None))
                out[-1].python = out[-1].text
            else:
                self.rejecting = True
                w = rng.choice(inside or [None])  # at times one beyond the last
                e = E(f"{w.name} + 1", f"i64.add({w.python}, 1)") if w and rng.random() < 0.6 else self.int(INTS["i64"], min(depth, 1))
                if e.text.lstrip("-")[0].isdigit():  # a constant would be refused
                    e = E(f"{{ {e.text} }}", e.python)
                out.append(e)
        return out

    def indexed(self, type, depth):
        if self.rng.random() < 0.2:
            found = self.indexed_view(type, depth)
            if found:
                return found
        arrays = [v for v in self.arrays(type) if v.length and all(v.length)]
        if not arrays:
            return None
        v = self.rng.choice(arrays)
        subscripts = self.subscript(v, depth - 1)
        text = ", ".join(s.text for s in subscripts)
        python = ", ".join(s.python for s in subscripts)
        return E(f"{v.name}[{text}]", f"element({v.python}, {python})")

    # What every scalar type has

    def common(self, type, depth):
        """An expression of a form that any scalar type may have, or None."""
        rng = self.rng
        kind = rng.randrange(12)
        if kind == 11:
            return self.read(type, depth)
        if kind == 10:
            return self.random_number(type, depth)
        if kind == 9:
            return self.of_generic(type, depth)
        if kind == 0:
            return self.indexed(type, depth)
        if kind == 1:
            return self.choice(type, depth)
        if kind == 2:
            return self.block(type, depth)
        if kind == 3:
            return self.called(type, depth)
        if kind == 4 and type is not BOOL:
            name = rng.choice(["min", "max"])
            a, b = self.expression(type, depth - 1), self.expression(type, depth - 1)
            return E(f"{name}({a.text}, {b.text})", f"{type.name}.{name}({a.python}, {b.python})")
        if kind == 5 and type is not BOOL:
            low, high = self.leaf(type), self.leaf(type)
            x = self.expression(type, depth - 1)
            return E(f"clamp({x.text}, {low.text}, {high.text})",
                     f"{type.name}.clamp({x.python}, {low.python}, {high.python})")
        if kind == 6:
            c, a, b = self.bool(depth - 1), self.expression(type, depth - 1), self.expression(type, depth - 1)
            return E(f"select({c.text}, {a.text}, {b.text})", f"select({c.python}, {a.python}, {b.python})")
        if kind == 7 and self.place != "plain":
            return self.reduction(type, depth)
        if kind == 8:
            return self.matched(type, depth)
        return None

    def choice(self, type, depth):
        c, a = self.bool(depth - 1), self.expression(type, depth - 1)
        if not self.sure and self.rng.random() < 0.15:
            self.rejecting = True
            b = E('fail "as chosen"', 'fail("as chosen")')
        else:
            b = self.expression(type, depth - 1)
        return E(f"if {self.head(c)} {{ {a.text} }} else {{ {b.text} }}", f"({a.python} if {c.python} else {b.python})", OPEN)

    def head(self, e):
        """Where a struct's literal needs parentheses."""
        return e.text

    def block(self, type, depth):
        """`{ let a = ...; value }`."""
        other = self.scalar()
        init = self.expression(other, depth - 1)
        scope = list(self.scope)
        v = self.declare(other)
        outer, self.hoisted = self.hoisted, []
        value = self.expression(type, depth - 1)
        inner, self.hoisted = self.hoisted, outer
        self.scope = scope
        function = self.fresh("block")
        self.hoist([f"def {function}({v.python}):", *("    " + line for line in inner), f"    return {value.python}"])
        return E(f"{{ let {v.name}: {other.name} = {init.text}; {value.text} }}", f"{function}({init.python})", OPEN)

    def called(self, type, depth):
        functions = [f for f in self.functions
                     if f.result is type and (f.flavour == "plain" or f.flavour == "async" and self.place == "async" and not self.constant)
                     and not any(p.mutable for p in f.parameters) and
                     not (self.sure and f.rejects) and not (self.place == "device" and f.host)]
        if not functions or self.weight <= 0:
            return None
        f = self.rng.choice(functions)
        self.weight -= f.weight
        self.rejecting |= f.rejects
        self.host |= f.host
        arguments = self.arguments(f, depth)
        if arguments is None:
            return None
        text, python = arguments
        return E(f"(await {f.name}({text}))" if f.flavour == "async" else f"{f.name}({text})", f"{f.name}({python})")

    def arguments(self, f, depth):
        texts, pythons, taken, changed = [], [], set(), []
        for parameter in f.parameters:
            if isinstance(parameter.type, Array):
                fitting = [v for v in self.arrays(parameter.type.element) if v.type.rank == 1 and v.length[0] >= parameter.length[0]
                           and v.name not in taken and (v.mutable or not parameter.mutable) and not (parameter.mutable and getattr(v, "row", False))]
                if not fitting:
                    return None
                v = self.rng.choice(fitting)
                taken |= {v.name} if parameter.mutable or self.rng.random() < 0.5 else set()
                changed.append((v.name, parameter.mutable))
                e = self.lent(v, parameter.length[0], parameter.mutable)
            else:
                e = self.expression(parameter.type, depth - 1)
            texts.append(e.text)
            pythons.append(e.python)
        names = [name for name, _ in changed]
        if any(mutable and names.count(name) > 1 for name, mutable in changed):
            return None
        return ", ".join(texts), ", ".join(pythons)

    def matched(self, type, depth):
        """`match` over an integer or an enum."""
        rng = self.rng
        enums = [v for v in self.scope if isinstance(v.type, Enum)]
        if enums and rng.random() < 0.5:
            v = rng.choice(enums)
            values = [self.expression(type, depth - 2) for _ in v.type.cases]
            head = f"{v.type.name}." if rng.random() < 0.6 else ""
            arms = ", ".join(f"{head}{c} => {self.arm(e)}" for c, e in zip(v.type.cases, values))
            python = "".join(f"{e.python} if {v.python} == {k} else " for k, e in enumerate(values[:-1])) + values[-1].python
            return E(f"match {v.name} {{ {arms} }}", f"({python})", OPEN)
        subject_type = INTS[rng.choice(["i64", "u8", "i32"])]
        subject = self.leaf(subject_type)
        low = rng.randint(0, 5)
        high = low + rng.randint(1, 20)
        a, b, c = (self.expression(type, depth - 2) for _ in range(3))
        one = rng.randint(0, 3)
        name = self.fresh("subject")
        suffix = "" if subject_type.name == "i64" else subject_type.name
        self.hoist([])
        text = (f"match {subject.at(UNARY)} {{ {one}{suffix} => {self.arm(a)}, {low}{suffix}..{high}{suffix} => {self.arm(b)}, "
                f"_ => {self.arm(c)} }}")
        python = f"({a.python} if ({name} := {subject.python}) == {one} else {b.python} if {low} <= {name} < {high} else {c.python})"
        return E(text, python, OPEN)

    def arm(self, e):
        return f"({e.text})" if e.text.startswith("{") else e.text

    # Types

    def number(self):
        return self.rng.choice(self.numbers)

    def scalar(self):
        return BOOL if self.rng.random() < 0.15 else self.number()

    def plain(self):
        """A type of which functions take and give values: mostly a scalar."""
        kind = self.rng.random()
        if kind < 0.15 and self.types:
            return self.rng.choice(self.types)
        if kind < 0.2:
            return self.pair()
        return self.scalar()

    def pair(self):
        """One of a few tuple types, so that values of one type meet."""
        self.pairs = getattr(self, "pairs", []) or [Tuple([self.scalar() for _ in range(self.rng.randint(2, 3))]) for _ in range(2)]
        return self.rng.choice(self.pairs)
