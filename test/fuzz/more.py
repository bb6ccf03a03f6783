"""More constructs: constants, functions with type parameters, vecs, `reduce`, arrays of futures, channels."""

from expressions import ADD, CAST, MUL, E, Var
from values import BOOL, Float, Vec


class Generic:
    """A function with a type parameter; its Python takes the type first."""

    def __init__(self, name, count, bound):
        self.name, self.count, self.bound = name, count, bound


class More:
    def item_more(self):
        getattr(self, "item_" + self.rng.choice(["constant", "generic", "reducer", "owner", "generic_kernel", "giver", "giver"]))()

    # Constants

    def constants_of(self, type):
        return [E(c.name, c.python) for c in self.constants if c.type is type]

    def item_constant(self):
        """Of literals, operators and other constants; folded by the compiler."""
        self.begin("plain", 0)
        self.sure = True
        type = self.scalar()
        self.constant = True
        functions, self.functions = self.functions, []
        generics, self.generics = self.generics, []
        while True:  # a block or a match makes no constant
            self.hoisted = []
            value = self.expression(type, 3)
            if not any(word in value.text for word in ("{ let", "match", "as i", "as u")) and not self.hoisted:
                break
        self.functions, self.generics, self.constant = functions, generics, False
        name = self.prefix + self.fresh("c")
        self.awg.append(f"const {name}: {type.name} = {value.text};")
        self.python.append(f"{name} = {value.python}")
        self.constants.append(Var(name, name, type))

    # Type parameters

    def item_generic(self):
        rng = self.rng
        name = self.prefix + self.fresh("g")
        bound = rng.choice(["num", "num", "float", "int"])
        text, python = rng.choice({
            "num": [("a * b + c", "T.fma(a, b, c)"), ("c - a * b", "T.fnma(c, a, b)"),
                    ("if a < b { a + c } else { max(b, c) - a }", "T.add(a, c) if a < b else T.sub(T.max(b, c), a)"),
                    ("clamp(a * b - c, min(a, b), max(b, c))", "T.clamp(T.fms(a, b, c), T.min(a, b), T.max(b, c))"),
                    ("{ let mut t = a; t += b * c; t -= a * (b + t); t }",
                     "(t := T.fmac(a, b, c), T.fnma(t, a, T.add(b, t)))[1]")],
            "float": [("sqrt(abs(a)) * b + floor(c)", "T.fma(T.sqrt(T.abs(a)), b, T.floor(c))"),
                      ("-a * b + c / a", "T.fma(T.neg(a), b, T.div(c, a))"),
                      ("fma(a, b, c) - round(a)", "T.sub(T.fma(a, b, c), T.nearest(a))")],
            "int": [("a << b ^ ~c", "T.bxor(T.shl(a, b), T.bnot(c))"), ("a & b | c >> a", "T.bor(T.band(a, b), T.shr(c, a))")],
        }[bound])
        self.awg.append(f"fn {name}<T: {bound}>(a: T, b: T, c: T) -> T {{ {text} }}")
        self.python.append(f"def {name}(T, a, b, c): return {python}")
        self.generics.append(Generic(name, 3, bound))

    def of_generic(self, type, depth):
        fitting = [g for g in self.generics
                   if g.bound == "num" or (g.bound == "float") == isinstance(type, Float)]
        if type is BOOL or not fitting:
            return None
        g = self.rng.choice(fitting)
        arguments = [self.expression(type, depth - 2) for _ in range(g.count)]
        given = f"<{type.name}>" if self.rng.random() < 0.3 else ""
        return E(f"{g.name}{given}({', '.join(a.text for a in arguments)})",
                 f"{g.name}({type.name}, {', '.join(a.python for a in arguments)})")

    # reduce

    def item_reducer(self):
        """A function of two numbers; the tree is fixed, so it need not be associative."""
        rng = self.rng
        type = self.number()
        name = self.prefix + self.fresh("r")
        text, python = rng.choice([("a * b + a", "{0}.fma(a, b, a)"), ("a - b", "{0}.sub(a, b)"), ("max(a, b)", "{0}.max(a, b)"),
                                   ("if a < b { b } else { a + b }", "b if a < b else {0}.add(a, b)")])
        self.awg.append(f"fn {name}(a: {type.name}, b: {type.name}) -> {type.name} {{ {text} }}")
        self.python.append(f"def {name}(a, b): return {python.format(type.name)}")
        self.reducers.append((name, type))


    # Vecs

    def statement_vec(self, depth):
        rng = self.rng
        lane, width = self.number(), rng.randint(2, 5)
        value = self.vec(lane, width, 3)
        type = Vec(lane, width)
        v = self.declare(type, mutable=rng.random() < 0.5)
        self.both(f"let {'mut ' if v.mutable else ''}{v.name}: {type.name} = {value.text};", f"{v.python} = {value.python}")
        changed = [w for w in self.scope if isinstance(w.type, Vec) and w.mutable and w.name.isidentifier()]
        if changed and rng.random() < 0.7:
            self.change_lanes(rng.choice(changed))
        k = rng.randrange(width)
        part = self.declare(lane)
        member = f".{'xyzw'[k]}" if k < 4 and rng.random() < 0.5 else f"[{k}]"
        self.both(f"let {part.name} = {v.name}{member};", f"{part.python} = {v.python}[{k}]")

    def change_lanes(self, v):
        """A `vec` or a lane of it is assigned, or changed in place."""
        lane, k = v.type.lane, self.rng.randrange(v.type.width)
        if self.rng.random() < 0.5:
            value = self.vec(lane, v.type.width, 2)
            if self.rng.random() < 0.5:
                return self.both(f"{v.name} = {value.text};", f"{v.python} = {value.python}")
            python = f"lanes({lane.name}.fma, {', '.join(value.product)}, {v.python})" if value.product else \
                f"lanes({lane.name}.add, {v.python}, {value.python})"
            return self.both(f"{v.name} += {value.text};", f"{v.python} = {python}")
        member = f".{'xyzw'[k]}" if k < 4 and self.rng.random() < 0.5 else f"[{k}]"
        text, python = self.assignment(Var(v.name + member, "lane", lane, True), self.expression(lane, 2))
        self.twin(f"lane = {v.python}[{k}]")
        self.both(text, python)
        self.twin(f"{v.python} = updated({v.python}, {k}, lane)")

    def vec(self, lane, width, depth):
        rng = self.rng
        variables = [v for v in self.scope if isinstance(v.type, Vec) and v.type.lane is lane and v.type.width == width]
        if variables and rng.random() < 0.5:
            v = rng.choice(variables)
            return E(v.name, v.python)
        kind = rng.randrange(6) if depth > 0 else 0
        if kind == 0:
            if rng.random() < 0.3:
                x = self.expression(lane, 1)
                return E(f"vec<{lane.name}, {width}>({x.text})", f"({x.python},) * {width}")
            members = [self.expression(lane, 1) for _ in range(width)]
            return E(f"vec({', '.join(m.text for m in members)})", f"({', '.join(m.python for m in members)},)")
        a = self.vec(lane, width, depth - 1)
        b = self.vec(lane, width, depth - 1) if rng.random() < 0.7 else self.nonliteral(lane, 1)
        if kind == 1:
            name = rng.choice(["min", "max"])
            return E(f"{name}({a.text}, {b.text})", f"lanes({lane.name}.{name}, {a.python}, {b.python})")
        if kind == 2:
            mask = f"{a.at(CAST)} > {b.at(CAST)}"
            other = self.vec(lane, width, depth - 1)
            return E(f"select({mask}, {a.text}, {other.text})",
                     f"lanes(select, lanes(lambda a, b: a > b, {a.python}, {b.python}), {a.python}, {other.python})")
        if kind == 3:
            return E(f"{a.at(MUL)} * {b.at(CAST)}", f"lanes({lane.name}.mul, {a.python}, {b.python})", MUL,
                     (a.python, b.python) if isinstance(lane, Float) else None)
        op = rng.choice("+-")
        if a.factors(ADD):
            python = f"lanes({lane.name}.{'fma' if op == '+' else 'fms'}, {', '.join(a.product)}, {b.python})"
        elif b.factors(MUL):
            python = f"lanes({lane.name}.{'fmac' if op == '+' else 'fnma'}, {a.python}, {', '.join(b.product)})"
        else:
            python = f"lanes({lane.name}.{'add' if op == '+' else 'sub'}, {a.python}, {b.python})"
        return E(f"{a.at(ADD)} {op} {b.at(MUL)}", python, ADD)
