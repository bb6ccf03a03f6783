"""Random expressions: each as Awg text and as Python that computes the same with values.py.

An expression never does what the reference leaves open. Whether it may reject is known: a context that must not reject
(`sure`) gets divisors that are no zero and subscripts that are in range.
"""

import math

from values import BOOL, FLOATS, INTS, Array, Enum, Float, Int, Struct, Tuple

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


class Var:
    def __init__(self, name, python, type, mutable=False, length=None):
        self.name, self.python, self.type, self.mutable, self.length = name, python, type, mutable, length


class Expressions:
    """Expects: `rng`, `scope` (a list of Vars), `sure`, `place` ('plain', 'async', 'device'), `functions`, `hoist(lines)`,
    `fresh(prefix)`, `rejecting` (set when an expression may reject)."""

    def vars(self, type):
        return [v for v in self.scope if v.type is type or (v.type.name == type.name)]

    def arrays(self, element):
        return [v for v in self.scope if isinstance(v.type, Array) and v.type.element is element]

    def expression(self, type, depth):
        if isinstance(type, Int):
            return self.int(type, depth)
        if isinstance(type, Float):
            return self.float(type, depth)
        if type is BOOL:
            return self.bool(depth)
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

    #--- Literals and variables

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
            if isinstance(v.type, Tuple):
                choices += [E(f"{v.name}.{k}", f"{v.python}[{k}]") for k, m in enumerate(v.type.members) if m is type]
            if isinstance(v.type, Struct):
                choices += [E(f"{v.name}.{n}", f"{v.python}[{k}]") for k, (n, m) in enumerate(v.type.fields) if m is type]
        if choices and rng.random() < 0.75:
            return rng.choice(choices)
        return self.literal(type)

    def subscript(self, v, depth):
        """Of a variable that is an array, for each of its dimensions; in range if nothing may reject."""
        rng = self.rng
        out = []
        for extent in v.length:
            if self.sure or rng.random() < 0.9:
                inside = [w for w in self.scope if getattr(w, "below", 1 << 62) <= extent]
                if inside and rng.random() < 0.6:
                    w = rng.choice(inside)
                    out.append(E(w.name, w.python))
                    continue
                out.append(E(str(rng.randrange(extent)), None))
                out[-1].python = out[-1].text
            else:
                self.rejecting = True
                out.append(self.int(INTS["i64"], min(depth, 1)))
        return out

    def indexed(self, type, depth):
        arrays = [v for v in self.arrays(type) if v.length and all(v.length)]
        if not arrays:
            return None
        v = self.rng.choice(arrays)
        subscripts = self.subscript(v, depth - 1)
        text = ", ".join(s.text for s in subscripts)
        python = ", ".join(s.python for s in subscripts)
        return E(f"{v.name}[{text}]", f"element({v.python}, {python})")

    #--- What every scalar type has

    def common(self, type, depth):
        """An expression of a form that any scalar type may have, or None."""
        rng = self.rng
        kind = rng.randrange(10)
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
        c, a, b = self.bool(depth - 1), self.expression(type, depth - 1), self.expression(type, depth - 1)
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
                     if f.result is type and f.flavour == "plain" and
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
        return E(f"{f.name}({text})", f"{f.name}({python})")

    def arguments(self, f, depth):
        texts, pythons = [], []
        for parameter in f.parameters:
            if isinstance(parameter.type, Array):
                fitting = [v for v in self.arrays(parameter.type.element) if v.type.rank == 1 and v.length[0] >= parameter.length[0]]
                if not fitting:
                    return None
                v = self.rng.choice(fitting)
                e = E(v.name, v.python)
            else:
                e = self.expression(parameter.type, depth - 1)
            texts.append(e.text)
            pythons.append(e.python)
        return ", ".join(texts), ", ".join(pythons)

    def matched(self, type, depth):
        """`match` over an integer or an enum."""
        rng = self.rng
        enums = [v for v in self.scope if isinstance(v.type, Enum)]
        if enums and rng.random() < 0.5:
            v = rng.choice(enums)
            values = [self.expression(type, depth - 2) for _ in v.type.cases]
            arms = ", ".join(f"{v.type.name}.{c} => {self.arm(e)}" for c, e in zip(v.type.cases, values))
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

    #--- Reductions

    def reduction(self, type, depth):
        """Over a new index; on the host it is awaited."""
        rng = self.rng
        if self.nested >= 2 or self.weight <= 0:
            return None
        device = self.place == "device"
        n = rng.choice([1, 2, 3, 5, 16, 17, 33]) if device else rng.choice([1, 2, 7, 16, 100, 129, 300])
        if not device and rng.random() < 0.02:
            n = rng.choice([4096, 4097, 9000])
        if rng.random() < 0.04:
            n = 0
        if self.weight < n:
            return None
        if type is BOOL:
            op, element = rng.choice(["any", "all"]), BOOL
        elif type.name == "i64" and rng.random() < 0.3:
            op, element = rng.choice(["argmin", "argmax"]), self.rng.choice([INTS["i32"], INTS["i64"]])
        else:
            op, element = rng.choice(["sum", "product", "min", "max"]), type
        if n == 0 and op in ("min", "max", "argmin", "argmax"):
            if self.sure:
                return None
            self.rejecting = True
        index, body, function = self.indexed_body(element, n, depth)
        values = f"[{function}(i) for i in range({n})]"
        name = element.name
        python = {
            "any": f"any({values})", "all": f"all({values})",
            "argmin": f"arg({values}, lambda a, b: a < b)", "argmax": f"arg({values}, lambda a, b: a > b)",
            "min": f"least({values}, {name}.min)", "max": f"least({values}, {name}.max)",
            "sum": f"tree({values}, {name}.add, {'0.0' if isinstance(element, Float) else '0'})",
            "product": f"tree({values}, {name}.mul, {'1.0' if isinstance(element, Float) else '1'})",
        }[op]
        text = f"{op} each {index} in {n} => {body.text}"
        if not device:
            return E(f"(await {text})", python)
        return E(f"({text})", python)

    def indexed_body(self, element, n, depth):
        """An index's name, the body of an `each` over it, and the Python function of it."""
        outer_place, self.place = self.place, "device"
        outer_hoisted, self.hoisted = self.hoisted, []
        outer_weight, self.weight = self.weight, min(self.weight // max(n, 1), 60)
        self.nested += 1
        scope = list(self.scope)
        v = self.declare(INTS["i64"], "x")
        v.below = n
        body = self.expression(element, min(depth - 1, 2))
        self.scope = scope
        self.nested -= 1
        self.place, self.weight = outer_place, outer_weight - n
        inner, self.hoisted = self.hoisted, outer_hoisted
        function = self.fresh("body")
        self.hoist([f"def {function}({v.python}):", *("    " + line for line in inner), f"    return {body.python}"])
        return v.name, body, function

    #--- Integers

    def int(self, type, depth):
        rng = self.rng
        if depth <= 0:
            return self.leaf(type)
        kind = rng.randrange(12)
        if kind <= 3:
            found = self.common(type, depth)
            return found or self.leaf(type)
        if kind <= 7:
            op, method, level = rng.choice([("+", "add", ADD), ("-", "sub", ADD), ("*", "mul", MUL), ("&", "band", AND),
                                            ("|", "bor", OR), ("^", "bxor", XOR)])
            return self.binary(type, op, method, level, depth)
        if kind == 8:
            op, method = rng.choice([("/", "div"), ("%", "rem")])
            a = self.int(type, depth - 1)
            if self.sure or rng.random() < 0.7:
                b = self.literal(type)
                while b.python == "(0)":
                    b = self.literal(type)
            else:
                b = self.int(type, depth - 1)
                self.rejecting = True
            return E(f"{a.at(MUL)} {op} {b.at(CAST)}", f"{type.name}.{method}({a.python}, {b.python})", MUL)
        if kind == 9:
            op, method = rng.choice([("<<", "shl"), (">>", "shr")])
            count_type = type if rng.random() < 0.7 else INTS[rng.choice(["u8", "i64"])]
            a, b = self.int(type, depth - 1), self.int(count_type, depth - 1)
            return E(f"{a.at(SHIFT)} {op} {b.at(ADD)}", f"{type.name}.{method}({a.python}, {b.python})", SHIFT)
        if kind == 10:
            op, method = rng.choice([("-", "neg"), ("~", "bnot")] if type.signed else [("~", "bnot")])
            a = self.int(type, depth - 1)
            if a.text[0].isdigit() or a.text[0] == "-":
                if op == "-" and a.level >= UNARY:  # a literal that need not fit behind another minus
                    return a
                a = E(f"({a.text})", a.python)
            return E(f"{op}{a.at(UNARY)}", f"{type.name}.{method}({a.python})", UNARY)
        source = self.number()
        a = self.nonliteral(source, depth - 1)
        return E(f"{a.at(CAST)} as {type.name}", f"{type.name}.cast({a.python})", CAST)

    def binary(self, type, op, method, level, depth):
        a, b = self.expression(type, depth - 1), self.expression(type, depth - 1)
        return E(f"{a.at(level)} {op} {b.at(level + 1)}", f"{type.name}.{method}({a.python}, {b.python})", level)

    def nonliteral(self, type, depth):
        """With a type of its own, for where no context gives one."""
        e = self.expression(type, depth)
        return E(f"({e.text})", e.python) if e.level < CAST else e

    #--- Floats

    def float(self, type, depth):
        rng = self.rng
        if depth <= 0:
            return self.leaf(type)
        kind = rng.randrange(12)
        if kind <= 2:
            return self.common(type, depth) or self.leaf(type)
        if kind <= 4:
            return self.product(type, depth)
        if kind <= 7:
            return self.sum(type, depth)
        name = type.name
        if kind == 8:
            op, method = "/", "div"
            a, b = self.float(type, depth - 1), self.float(type, depth - 1)
            return E(f"{a.at(MUL)} {op} {b.at(CAST)}", f"{name}.{method}({a.python}, {b.python})", MUL)
        if kind == 9:
            a = self.float(type, depth - 1)
            if rng.random() < 0.4:
                if a.text[0].isdigit() or a.text[0] == "-":
                    a = E(f"({a.text})", a.python)
                return E(f"-{a.at(UNARY)}", f"{name}.neg({a.python})", UNARY)
            builtin, method = rng.choice([("sqrt", "sqrt"), ("abs", "abs"), ("floor", "floor"), ("ceil", "ceil"),
                                          ("round", "nearest")])
            return E(f"{builtin}({a.text})", f"{name}.{method}({a.python})")
        if kind == 10:
            a, b, c = (self.float(type, depth - 1) for _ in range(3))
            return E(f"fma({a.text}, {b.text}, {c.text})", f"{name}.fma({a.python}, {b.python}, {c.python})")
        a = self.nonliteral(self.number(), depth - 1)
        return E(f"{a.at(CAST)} as {name}", f"{name}.cast({a.python})", CAST)

    def product(self, type, depth):
        a, b = self.float(type, depth - 1), self.float(type, depth - 1)
        return E(f"{a.at(MUL)} * {b.at(CAST)}", f"{type.name}.mul({a.python}, {b.python})", MUL, (a.python, b.python))

    def sum(self, type, depth):
        """Fused by the reference's rule: the left operand's product if it has one, else the right one's."""
        op = self.rng.choice("+-")
        a = self.product(type, depth - 1) if self.rng.random() < 0.5 else self.float(type, depth - 1)
        b = self.product(type, depth - 1) if self.rng.random() < 0.3 else self.float(type, depth - 1)
        text = f"{a.at(ADD)} {op} {b.at(MUL)}"
        name = type.name
        if a.factors(ADD):
            python = f"{name}.{'fma' if op == '+' else 'fms'}({', '.join(a.product)}, {b.python})"
        elif b.factors(MUL):
            python = f"{name}.{'fmac' if op == '+' else 'fnma'}({a.python}, {', '.join(b.product)})"
        else:
            python = f"{name}.{'add' if op == '+' else 'sub'}({a.python}, {b.python})"
        return E(text, python, ADD)

    #--- Bools

    def bool(self, depth):
        rng = self.rng
        if depth <= 0:
            choices = self.vars(BOOL)
            if choices and rng.random() < 0.7:
                v = rng.choice(choices)
                return E(v.name, v.python)
            return rng.choice([E("true", "True"), E("false", "False")])
        kind = rng.randrange(8)
        if kind <= 3:
            type = self.number()
            op = rng.choice(["<", "<=", ">", ">=", "==", "!="])
            a, b = self.nonliteral(type, depth - 1), self.expression(type, depth - 1)
            if op == "<" and a.level == PRIMARY:  # `f(a < b, c > (d))` would be a call of `a`
                a = E(f"({a.text})", a.python)
            return E(f"{a.at(OR)} {op} {b.at(OR)}", f"({a.python} {op} {b.python})", COMPARE)
        if kind == 4:
            a, b = self.bool(depth - 1), self.bool(depth - 1)
            return E(f"{a.at(LOGIC_AND)} && {b.at(COMPARE)}", f"({a.python} and {b.python})", LOGIC_AND)
        if kind == 5:
            a, b = self.bool(depth - 1), self.bool(depth - 1)
            return E(f"{a.at(LOGIC_OR)} || {b.at(LOGIC_AND)}", f"({a.python} or {b.python})", LOGIC_OR)
        if kind == 6:
            a = self.bool(depth - 1)
            return E(f"!{a.at(UNARY)}", f"(not {a.python})", UNARY)
        return self.common(BOOL, depth) or self.bool(0)

    #--- Types

    def number(self):
        return self.rng.choice(self.numbers)

    def scalar(self):
        return BOOL if self.rng.random() < 0.15 else self.number()
