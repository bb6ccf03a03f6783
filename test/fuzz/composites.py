"""Strings and their formats, durations, arrays of structs and tuples, patterns, equality, random numbers."""

from expressions import CAST, COMPARE, E, Var, members
from texts import DURATION, STR
from values import BOOL, FLOATS, INTS, Array, Enum, Float, Int, Struct, Tuple

I64, U64 = INTS["i64"], INTS["u64"]
UNITS = [("ns", 1), ("us", 10 ** 3), ("ms", 10 ** 6), ("s", 10 ** 9)]


class Composites:
    # Strings

    def hole(self):
        """A hole with a format, and what it gives."""
        rng = self.rng
        values = [v for v in self.scope if v.name.isidentifier() and isinstance(v.type, (Int, Float)) or v.type is STR]
        if not values:
            return "literal", '"literal"'
        v = rng.choice(values)
        width, align = rng.randint(1, 14), rng.choice(["", "<", ">"])
        shown = f"show_{self.show_name(v.type)}({v.python})"
        forms = [("", shown), (f":{align}{width}", f'padded({shown}, {width}, {not v.type is STR}, "{align}")')]
        if isinstance(v.type, Int):
            digits = f"hexadecimal({v.type.name}, {v.python})"
            forms += [(":x", digits), (f":{align}{width}x", f'padded({digits}, {width}, True, "{align}")')]
        if isinstance(v.type, Float):
            count = rng.randint(0, 6)
            digits = f"precise({v.python}, {count})"
            forms += [(f":.{count}", digits), (f":{align}{width}.{count}", f'padded({digits}, {width}, True, "{align}")'),
                      (":e", f"scientific({v.type.name}, {v.python})")]
        format, python = rng.choice(forms)
        return f"{{{v.name}{format}}}", python

    def statement_text(self, depth):
        """A string of holes; its length, comparisons, a `match`."""
        rng = self.rng
        self.host = True
        texts, pythons = zip(*(self.hole() for _ in range(rng.randint(1, 3))))
        between = rng.choice(["", " ", "-", ", "])
        v = self.declare(STR)
        self.both(f'let {v.name} = "{between.join(texts)}";', f'{v.python} = "{between}".join([{", ".join(pythons)}])')
        kind = rng.randrange(4)
        if kind == 0:
            n = self.declare(I64)
            return self.both(f"let {n.name} = len(bytes({v.name}));", f"{n.python} = len({v.python}.encode())")
        if kind == 1:
            others = [w for w in self.scope if w.type is STR]
            other, b = rng.choice(others), self.declare(BOOL)
            op = rng.choice(["==", "!=", "<", "<=", ">", ">="])
            return self.both(f"let {b.name} = {v.name} {op} {other.name};", f"{b.python} = {v.python}.encode() {op} {other.python}.encode()")
        if kind == 2:
            n = self.declare(I64)
            words = ["0", "literal", "1.0", "true"]
            arms = ", ".join(f'"{word}" => {k}' for k, word in enumerate(words))
            self.both(f"let {n.name} = match {v.name} {{ {arms}, _ => -1 }};",
                      f"{n.python} = {words}.index({v.python}) if {v.python} in {words} else -1")

    def statement_duration(self, depth):
        rng = self.rng
        texts, total = [], "0"
        for _ in range(rng.randint(1, 3)):
            (unit, ns), count, op = rng.choice(UNITS), rng.randint(0, 1500), rng.choice(["", " * 3", " / 2"])
            texts.append(f"{count}{unit}{op}")
            total += f" + {count * ns}" + {"": "", " * 3": " * 3", " / 2": " // 2"}[op]
        v = self.declare(DURATION)
        self.both(f"let {v.name} = {' + '.join(texts)};", f"{v.python} = {total}")
        if rng.random() < 0.4:
            b = self.declare(BOOL)
            limit = rng.randint(0, 3000)
            self.both(f"let {b.name} = {v.name} < {limit}ms;", f"{b.python} = {v.python} < {limit * 10 ** 6}")

    def lapse(self, depth):
        """A duration, from 0 to so little that nothing overflows: its Python counts nanoseconds."""
        rng = self.rng
        variables = [v for v in self.scope if v.type is DURATION]
        kind = rng.randrange(8) if depth > 0 else rng.randrange(2)
        if kind == 0 and variables:
            v = rng.choice(variables)
            return E(v.name, v.python)
        if kind < 2:
            (unit, ns), count = rng.choice(UNITS), rng.randint(0, 1500)
            return E(f"{count}{unit}", str(count * ns))
        a = self.lapse(depth - 1)
        if kind == 2:
            k, op = rng.randint(1, 9), rng.choice("*/")
            return E(f"({a.text} {op} {k})", f"({a.python} {'*' if op == '*' else '//'} {k})")
        if kind == 3:
            factor = rng.choice(["0.7", "1.5", "0.25", "3.0"])
            if rng.random() < 0.5:
                return E(f"({factor} * {a.text})", f"nearest_ns({a.python} * {factor})")
            return E(f"({a.text} / {factor})", f"nearest_ns({a.python} / {factor})")
        b = self.lapse(depth - 1)
        if kind == 4:
            return E(f"abs({a.text} - {b.text})", f"abs({a.python} - {b.python})")
        if kind == 5:
            name = rng.choice(["min", "max"])
            return E(f"{name}({a.text}, {b.text})", f"{name}({a.python}, {b.python})")
        if kind == 6:
            c = self.bool(1)
            return E(f"select({c.text}, {a.text}, {b.text})", f"select({c.python}, {a.python}, {b.python})")
        return E(f"({a.text} + {b.text})", f"({a.python} + {b.python})")

    def statement_lapse(self, depth):
        """Durations: computed, compared, divided, reduced by a launch."""
        rng = self.rng
        value = self.lapse(3)
        value = E(f"clamp({value.text}, 0s, 1000s)", f"min(max({value.python}, 0), 10 ** 12)")
        kind = rng.randrange(5)
        changed = [v for v in self.scope if v.type is DURATION and v.mutable]
        if kind == 0 and changed:
            v = rng.choice(changed)
            if rng.random() < 0.5:
                return self.both(f"{v.name} = {value.text};", f"{v.python} = {value.python}")
            self.both(f"{v.name} += {value.text};", f"{v.python} += {value.python}")
            return self.both(f"{v.name} = min({v.name}, 1000s);", f"{v.python} = min({v.python}, 10 ** 12)")
        if kind == 1:
            other, b, op = self.lapse(2), self.declare(BOOL), rng.choice(["<", "<=", ">", ">=", "==", "!="])
            return self.both(f"let {b.name} = {value.text} {op} {other.text};", f"{b.python} = {value.python} {op} {other.python}")
        if kind == 2:
            other, v = self.lapse(2), self.declare(FLOATS["f64"])
            return self.both(f"let {v.name} = {value.text} / {other.text};", f"{v.python} = f64.div(float({value.python}), float({other.python}))")
        if kind == 3 and self.place == "async" and "await " not in value.text:  # which an `each` could not do
            n, op = rng.choice([1, 3, 40, 200]), rng.choice(["sum", "min", "max"])
            self.weight -= n
            v, x = self.declare(DURATION, mutable=rng.random() < 0.5), self.fresh("x")
            return self.both(f"let {'mut ' if v.mutable else ''}{v.name} = min(await {op} each {x} in {n} => {value.text} / ({x} % 3 + 1), 1000s);",
                             f"{v.python} = min({op}({value.python} // ({x} % 3 + 1) for {x} in range({n})), 10 ** 12)")
        v = self.declare(DURATION, mutable=rng.random() < 0.5)
        self.both(f"let {'mut ' if v.mutable else ''}{v.name} = {value.text};", f"{v.python} = {value.python}")

    # Structs and tuples

    def aggregate(self):
        """A type with members, of those that the program has."""
        structs = [t for t in self.types if isinstance(t, Struct)]
        return self.rng.choice(structs) if structs and self.rng.random() < 0.6 else self.pair()

    def statement_records(self, depth):
        """An array of structs or tuples, on the host; one member of one element changes."""
        rng = self.rng
        self.host = True
        type = self.aggregate() if rng.random() < 0.8 else rng.choice(self.types or [self.pair()])
        values = [self.expression(type, 2) for _ in range(rng.randint(1, 3))]
        v = self.declare(Array(type), mutable=rng.random() < 0.7, length=(len(values),))
        self.both(f"let {'mut ' if v.mutable else ''}{v.name}: {type.name}[_] = [{', '.join(e.text for e in values)}];",
                  f"{v.python} = [{', '.join(e.python for e in values)}]")

    def statement_member(self, depth):
        """`a[k].f = value` and `op=`."""
        rng = self.rng
        targets = [v for v in self.scope if v.mutable and isinstance(v.type, Array) and members(v.type.element) and all(v.length)
                   and v.name.isidentifier()]
        if not targets:
            return
        v = rng.choice(targets)
        places = [rng.randrange(n) for n in v.length]
        k = rng.randrange(len(members(v.type.element)))
        name, type = members(v.type.element)[k]
        value = self.expression(type, 3)
        target = f"{v.python}" + "".join(f"[{p}]" for p in places)
        self.both(f"{v.name}[{', '.join(map(str, places))}].{name} = {value.text};",
                  f"{target} = updated({target}, {k}, {value.python})")

    def statement_pattern(self, depth):
        """`let (a, _, b) = ...` and `let S { f: a, g } = ...`."""
        rng = self.rng
        type = self.aggregate()
        value = self.expression(type, 3)
        if value.level == 0 and isinstance(type, Tuple):
            value.text = f"({value.text})"
        names, places, texts = [], [], []
        whole = self.fresh("s")
        parts = members(type)
        for k, (name, part) in enumerate(parts):
            if rng.random() < 0.25:
                texts.append("_" if isinstance(type, Tuple) else f"{name}: _")
                continue
            mutable = rng.random() < 0.3
            w = Var(self.fresh("v"), None, part, mutable)
            w.python = w.name
            names.append(w)
            places.append(k)
            mark = "mut " if mutable else ""
            texts.append(f"{mark}{w.name}" if isinstance(type, Tuple) else f"{name}: {mark}{w.name}")
        pattern = f"({', '.join(texts)})" if isinstance(type, Tuple) else f"{type.name} {{ {', '.join(texts)} }}"
        self.both(f"let {pattern} = {value.text};", f"{whole} = {value.python}")
        for w, k in zip(names, places):
            self.twin(f"{w.python} = {whole}[{k}]")
        self.scope += names

    def statement_decide(self, depth):
        """`match` over a tuple of an integer, a bool and an enum if there is one."""
        rng = self.rng
        type = rng.choice([INTS["i64"], INTS["u8"]])
        number, flag = self.leaf(type), self.bool(1)
        enums = [v for v in self.scope if isinstance(v.type, Enum)]
        result = self.scalar()
        bound, subject = self.fresh("v"), self.fresh("m")
        suffix = "" if type is I64 else type.name
        cut = rng.randint(0, 9)
        texts, pythons = [number.text, flag.text], [number.python, flag.python]
        third, last, test = "", ", _", "True"
        if enums:
            e = rng.choice(enums)
            case = rng.randrange(len(e.type.cases))
            texts.append(e.name)
            pythons.append(e.python)
            third, test = f", {e.type.name}.{e.type.cases[case]}", f"{subject}[2] == {case}"
            if len(e.type.cases) > 1 and rng.random() < 0.5:
                other = (case + 1) % len(e.type.cases)
                third, test = f"{third} | {e.type.name}.{e.type.cases[other]}", f"{subject}[2] in ({case}, {other})"
        else:
            last = ""
        outer, self.hoisted = self.hoisted, []
        one, three = self.expression(result, 2), self.expression(result, 2)
        scope = list(self.scope)
        self.scope.append(Var(bound, bound, type))
        guard, two = self.bool(1), self.expression(result, 2)
        self.scope = scope
        inner, self.hoisted = self.hoisted, outer
        function = self.fresh("match")
        v = self.declare(result)
        self.hoist([f"def {function}({subject}):", f"    {bound} = {subject}[0]", *("    " + line for line in inner),
                    f"    if {subject}[0] == {cut} and {subject}[1] and {test}: return {one.python}",
                    f"    if not {subject}[1] and {guard.python}: return {two.python}", f"    return {three.python}"])
        self.both(f"let {v.name}: {result.name} = match ({', '.join(texts)}) {{ ({cut}{suffix}, true{third}) => {self.arm(one)}, "
                  f"({bound}, false{last}) if {guard.text} => {self.arm(two)}, _ => {self.arm(three)} }};",
                  f"{v.python} = {function}(({', '.join(pythons)}))")

    def equality(self, depth):
        """`==` of tuples and structs, and of enums."""
        rng = self.rng
        types = [t for t in self.types if isinstance(t, (Struct, Enum))] + [self.pair()]
        type = rng.choice(types)
        variables = self.vars(type)
        if not variables:
            return self.bool(0)
        v = rng.choice(variables)
        other = rng.choice(variables + [None])
        e = E(other.name, other.python) if other else self.expression(type, depth - 1)
        op = rng.choice(["==", "!="])
        text = e.text if isinstance(type, Tuple) and e.level else f"({e.text})"
        return E(f"{v.name} {op} {text}", f"({'not ' if op == '!=' else ''}equal({v.python}, {e.python}))", COMPARE)

    def random_number(self, type, depth):
        """`random.u64`, `random.f32`, the place of an enum's case."""
        if type.name not in ("u64", "f32", "i64") or self.constant:
            return None
        enums = [v for v in self.scope if isinstance(v.type, Enum)]
        if type is I64:
            return E(f"{enums[0].name} as i64", enums[0].python, CAST) if enums else None
        seed, counter = self.rng.randint(0, 99), self.expression(I64, depth - 2)
        return E(f"random.{type.name}({seed}, {counter.text})", f"random_{type.name}({seed}, {counter.python})")
