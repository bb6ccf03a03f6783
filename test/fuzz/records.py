"""Records, which are structs that own arrays and texts; arrays of them; loops over them, patterns, comprehensions."""

from expressions import E, Var
from owners import Owner, OwnerTuple
from texts import STR
from values import BOOL, INTS, Array, Enum, Int, Vec

I64 = INTS["i64"]


def same(a, b):
    """Whether two types are one."""
    return a is b or isinstance(a, Array) and isinstance(b, Array) and a.rank == b.rank and same(a.element, b.element)


def owns(type):
    """Whether values of it move: records, and arrays."""
    return isinstance(type, (Owner, Array))


class Records:
    def item_record(self):
        rng = self.rng
        fields = [("n", self.number()), ("a", Array(self.number()))]
        fields += [("w", STR)] if rng.random() < 0.4 else []
        fields += [("s", self.plain())] if rng.random() < 0.6 else []
        fields += [("b", Array(self.number()))] if rng.random() < 0.3 else []
        fields += [("r", Array(rng.choice(self.records)))] if self.records and rng.random() < 0.5 else []
        rng.shuffle(fields)
        if rng.random() < 0.2:
            return self.records.append(OwnerTuple([part for _, part in fields]))
        type = Owner(f"S{self.fresh(self.prefix)}", fields)
        self.awg.append(f"struct {type.name} {{ {', '.join(f'{n}: {t.name}' for n, t in fields)} }}")
        self.records.append(type)

    # Values

    def words(self):
        """A text: a variable, a literal, one with holes."""
        rng = self.rng
        variables = [v for v in self.scope if v.type is STR]
        kind = rng.randrange(3)
        if kind == 0 and variables:
            v = rng.choice(variables)
            return E(v.name, v.python)
        if kind == 1:
            text, python = self.hole()
            return E(f'"{text}."', f'{python} + "."')
        return E(*[rng.choice(['""', '"a"', '"two words"', '"ä"'])] * 2)

    def record(self, type, depth):
        """One that is made here, its fields in any order."""
        order = self.rng.sample(range(len(type.fields)), len(type.fields))
        values = [self.owned(type.fields[k][1], depth - 1, isinstance(type, OwnerTuple)) for k in order]
        self.host = True
        if isinstance(type, OwnerTuple):  # in their order
            order, values = zip(*sorted(zip(order, values), key=lambda pair: pair[0]))
        return E(type.text([(k, e.text) for k, e in zip(order, values)]), f"placed({list(order)}, {', '.join(e.python for e in values)})")

    def owned(self, type, depth, some=False):
        """A value of any type that belongs to who takes it: of arrays and records a new one, with `some` elements where nothing says
        their type."""
        if isinstance(type, Owner):
            sources = [(t, p) for t, p, part in self.readable() if part is type]
            if sources and self.rng.random() < 0.3:
                text, python = self.rng.choice(sources)
                return E(f"copy({text})", f"copied({python})")
            return self.record(type, depth)
        if not isinstance(type, Array):
            return self.words() if type is STR else self.vec(type.lane, type.width, depth) if isinstance(type, Vec) else self.expression(type, depth)
        count = self.rng.choice([0, 1, 1, 2, 3]) if depth > 0 else 0
        values = [self.owned(type.element, depth - 1, some) for _ in range(max(count, some))]
        return E(f"[{', '.join(e.text for e in values)}]", f"[{', '.join(e.python for e in values)}]")

    def readable(self, copied=False):
        """Records and their parts that are there for sure: text, Python, type; with those of which only plain fields can be `copied`."""
        for v in self.scope:
            if not copied and (self.place == "device" or getattr(v, "fields", False)):
                continue
            places = [(v.name, v.python, v.type)] if isinstance(v.type, Owner) else []
            if isinstance(v.type, Array) and isinstance(v.type.element, Owner):
                places = [(f"{v.name}[{k}]", f"{v.python}[{k}]", v.type.element) for k in range(v.count)]
            for text, python, type in places:
                yield text, python, type
                yield from ((f"{text}.{n}", f"{python}[{k}]", part) for k, (n, part) in enumerate(type.fields))

    # Functions that read one

    def item_reader(self):
        rng = self.rng
        name, flavour = self.prefix + self.fresh("f"), rng.choice(["plain", "async"])
        self.begin(flavour, 300)
        self.sure = rng.random() < 0.7
        type, result = rng.choice(self.records), self.number()
        p = Var(self.fresh("p"), None, type)
        p.python = p.name
        self.scope.append(p)
        q = self.declare(self.plain(), "p")
        self.result = result
        self.awg.append(f"{'async ' if flavour == 'async' else ''}fn {name}({p.name}: {type.name}, {q.name}: {q.type.name}) -> {result.name} {{")
        self.python.append(f"def {name}({p.python}, {q.python}):")
        self.statements(rng.randint(1, 3), 2)
        value = self.expression(result, 3)
        self.settle()
        self.both(f"return {value.text};", f"return {value.python}")
        self.awg.append("}")
        self.readers.append((name, type, q.type, result, 305 - self.weight, self.rejecting, flavour == "async"))

    def read(self, type, depth):
        """What a function makes of a record that it is lent."""
        if self.place == "device" or self.constant:
            return None
        readers = [r for r in self.readers if r[3] is type and not (self.sure and r[5]) and self.weight > r[4] and (not r[6] or self.place == "async")]
        sources = {r[0]: [s for s in self.readable() if s[2] is r[1]] for r in readers}
        readers = [r for r in readers if sources[r[0]]]
        if not readers:
            return None
        name, _, second, _, weight, rejects, waits = self.rng.choice(readers)
        self.weight -= weight
        self.rejecting |= rejects
        self.host = True
        text, python, _ = self.rng.choice(sources[name])
        other = self.expression(second, depth - 2)
        call = f"{name}({text}, {other.text})"
        return E(f"(await {call})" if waits else call, f"{name}({python}, {other.python})")

    # Variables

    def owner(self, type, text, python, mutable=True, count=0, length=(0,)):
        """A new variable whose arrays may come to have any extents."""
        v = Var(self.fresh("o"), None, type, mutable, length if isinstance(type, Array) and not owns(type.element) else None, True)
        v.python, v.open, v.count = v.name, True, count
        self.both(f"let {'mut ' if mutable else ''}{v.name} = {text};", f"{v.python} = {python}")
        self.scope.append(v)
        return v

    def statement_record(self, depth):
        if self.records:
            type = self.rng.choice(self.records)
            value = self.record(type, 3)
            self.owner(type, value.text, value.python, self.rng.random() < 0.7)

    def statement_pool(self, depth):
        """An array of records: written out, by a loop, or a copy."""
        rng = self.rng
        if not self.records:
            return
        self.host = True
        type, count = rng.choice(self.records), rng.randint(1, 3)
        pools = [v for v in self.scope if same(v.type, Array(type)) and v.name.isidentifier()]
        kind = rng.randrange(4)
        if kind == 0 and pools:
            v = rng.choice(pools)
            text, python, count = f"copy({v.name})", f"copied({v.python})", v.count
        elif kind == 1:
            x, value, function = self.by_loop(count, lambda: self.record(type, 2))
            text, python = f"[for {x} in 0..{count} => {value.text}]", f"[{function}(i) for i in range({count})]"
        else:
            values = [self.record(type, 3) for _ in range(count)]
            text, python = f"[{', '.join(e.text for e in values)}]", f"[{', '.join(e.python for e in values)}]"
        self.owner(Array(type), text, python, rng.random() < 0.8, count)

    def statement_buffer(self, depth):
        """An array that may be exchanged for one of other extents."""
        self.host = True
        type = self.number() if self.rng.random() < 0.75 else STR
        values = [self.words() if type is STR else self.expression(type, 2) for _ in range(self.rng.randint(1, 4))]
        self.owner(Array(type), f"[{', '.join(e.text for e in values)}]", f"[{', '.join(e.python for e in values)}]")

    # What a loop computes

    def by_loop(self, n, make, item=None):
        """A value for each index below `n`, or for each `item`: the variable's name, the value, a Python function of it."""
        scope = list(self.scope)
        hoisted, self.hoisted = self.hoisted, []
        if item is None:
            item = Var(self.fresh("x"), None, I64)
            item.below = max(n, 1)
        item.python = item.name
        self.scope.append(item)
        value = make()
        inner, self.hoisted = self.hoisted, hoisted
        self.scope = scope
        function = self.fresh("body")
        self.hoist([f"def {function}({item.python}):", *("    " + line for line in inner), f"    return {value.python}"])
        return item.name, value, function

    def item_of(self, v):
        """The variable of a loop over an array: a number, a record, a row."""
        item = Var(self.fresh("q"), None, v.type.element, False, (0,) if isinstance(v.type.element, Array) else None, True)
        item.python, item.count = item.name, 0
        return item

    def loopable(self):
        """What loops go over: arrays of numbers and records, fields that are such arrays."""
        found = [v for v in self.scope if isinstance(v.type, Array) and v.type.rank == 1 and (v.length is None or v.length[0] <= 40)]
        for text, python, type in self.readable():
            if isinstance(type, Array):
                found.append(Var(text, python, type, False, (0,), True))
        return found

    def statement_comprehend(self, depth):
        """`[for x in a..b => value]`, `[for q in array => value]`, rows of growing lengths."""
        rng = self.rng
        self.host = True
        type = self.number()
        loopable = self.loopable()
        weight, self.weight = self.weight, self.weight // 12
        mutable, kind = rng.random() < 0.5, rng.randrange(4)
        if kind == 0 and loopable:
            v = rng.choice(loopable)
            item, value, function = self.by_loop(0, lambda: self.expression(type, 2), self.item_of(v))
            self.owner(Array(type), f"[for {item} in {v.name} => {value.text}]" if value.level else f"[for {item} in {v.name} => ({value.text})]",
                       f"[{function}(i) for i in {v.python}]", False)
        elif kind == 1 and self.records:
            pools = [v for v in loopable if isinstance(v.type.element, Owner)]
            if pools:
                v = rng.choice(pools)
                item = self.item_of(v)
                condition = self.by_loop(0, lambda: self.bool(2), item)
                other = self.record(v.type.element, 2)
                self.owner(v.type, f"[for {item.name} in {v.name} => if {condition[1].text} {{ copy({item.name}) }} else {{ {other.text} }}]",
                           f"[copied(i) if {condition[2]}(i) else {other.python} for i in {v.python}]", mutable)
        elif kind == 2:
            n = rng.randint(0, 3)
            inner = Var(self.fresh("x"), None, I64)
            inner.python = inner.name
            x, value, function = self.by_loop(n, lambda: self.pack(self.by_loop(0, lambda: self.nonliteral(type, 2), inner)))
            start = rng.randint(0, 2)
            self.owner(Array(Array(type)), f"[for {x} in 0..{n} => [for {inner.name} in {start}..{x} + 1 => {value.text}]]",
                       f"[[{function}(i)(j) for j in range({start}, i + 1)] for i in range({n})]", mutable)
        else:
            n = rng.randint(0, 5)
            x, value, function = self.by_loop(n, lambda: self.expression(type, 3))
            v = self.declare(Array(type), mutable=mutable, length=(n,))
            self.both(f"let {'mut ' if mutable else ''}{v.name}: {v.type.name} = [for {x} in 0..{n} => "
                      f"{value.text if value.level else f'({value.text})'}];",
                      f"{v.python} = [{function}(i) for i in range({n})]")
        self.weight = weight - 20

    def pack(self, loop):
        """The value of an inner loop as that of an outer one: its Python gives the function."""
        return E(loop[1].text, loop[2])

    def statement_over(self, depth):
        """A loop whose items are lent: whole, or by their fields."""
        rng = self.rng
        loopable = [v for v in self.loopable() if owns(v.type.element)] or self.loopable()
        if not loopable:
            return
        self.host = True
        v = rng.choice(loopable)
        scope, weight = list(self.scope), self.weight
        root = v.name.split(".")[0].split("[")[0]
        self.scope = [self.frozen(w) if w.name.split(".")[0].split("[")[0] == root else w for w in scope]
        self.weight //= 6 if owns(v.type.element) else 40
        item = self.item_of(v)
        if isinstance(v.type.element, Owner) and rng.random() < 0.4:
            pattern, bound = self.field_patterns(v.type.element, item.python, True)
            self.both(f"for {pattern} in {v.name} {{", f"for {item.python} in {v.python}:")
            self.twin_indent += 1
            for w in bound:
                self.twin(f"{w.name} = {w.python}")
                w.python = w.name
            self.twin_indent -= 1
            self.scope += bound
        else:
            self.both(f"for {item.name} in {v.name} {{", f"for {item.python} in {v.python}:")
            self.scope.append(item)
        self.loops += 1
        self.scoped(rng.randint(1, 3), depth - 1)
        self.jump(depth)
        self.loops -= 1
        self.scope, self.weight = scope, weight - 50
        self.line("}")

    # Patterns

    def field_patterns(self, type, python, arrays, mutable=False):
        """`S { n: v, w }`, with arrays or without; the variables that it binds, their Python still that of the fields."""
        texts, bound = [], []
        for k, (name, part) in enumerate(type.fields):
            if owns(part) and not arrays or self.rng.random() < 0.3:
                continue
            w = Var(self.fresh("q"), f"{python}[{k}]", part, mutable and self.rng.random() < 0.5, (0,) if isinstance(part, Array) else None, True)
            w.count, w.open = 0, True
            if isinstance(part, Array) and owns(part.element):
                w.length = None
            bound.append(w)
            texts.append((k, f"{'mut ' if w.mutable else ''}{w.name}"))
        return type.text(texts or [(0, "_")]), bound

    def taken_apart(self, v):
        """The scope once a pattern has taken `v`."""
        self.scope = [w for w in self.scope if w is not v]

    def statement_destructure(self, depth):
        """`let S { n: v, a: mut x } = ...`: a pattern with arrays takes what it is given, one without looks at it."""
        rng = self.rng
        if not self.records or self.tries:  # a rejection may come between
            return
        variables = [v for v in self.scope if isinstance(v.type, Owner) and v.open and v.name.startswith("o")
                     and v.type in self.records]
        taken, looks = None, [r for r in self.readable() if isinstance(r[2], Owner) and r[2] in self.records]
        whole = self.fresh("s")
        if looks and rng.random() < 0.4:
            text, python, type = rng.choice(looks)
            pattern, bound = self.field_patterns(type, whole, False, True)
        elif variables and not self.loops and rng.random() < 0.6 and variables[0] in self.own_variables():
            taken = variables[0]
            text, python, type = taken.name, taken.python, taken.type
            pattern, bound = self.field_patterns(type, whole, True, True)
            if not any(owns(w.type) for w in bound):
                taken = None
        else:
            type = rng.choice(self.records)
            value = self.record(type, 3)
            text, python = value.text, value.python
            pattern, bound = self.field_patterns(type, whole, True, True)
        self.host = True
        self.both(f"let {pattern} = {text};", f"{whole} = {python}")
        for w in bound:
            self.twin(f"{w.name} = {w.python}")
            w.python = w.name
        if taken:
            self.taken_apart(taken)
        self.scope += bound

    def own_variables(self):
        """Those that were declared in this block, so that what takes them does it once."""
        return [v for v in self.scope if v not in self.outside]

    def tested(self, type, python):
        """A pattern of a field, the Python of its test, what it binds."""
        rng = self.rng
        suffix = "" if type is I64 else type.name
        if isinstance(type, Int) and rng.random() < 0.5:
            low = rng.randint(0, 9)
            if rng.random() < 0.5:
                return f"{low}{suffix}", f"{python} == {low}", None
            return f"{low}{suffix}..{low + 20}{suffix}", f"{low} <= {python} < {low + 20}", None
        if type is BOOL and rng.random() < 0.6:
            return "true", python, None
        if isinstance(type, Enum) and rng.random() < 0.7:
            k = rng.randrange(len(type.cases))
            return f"{type.name}.{type.cases[k]}", f"{python} == {k}", None
        if type is STR and rng.random() < 0.5:
            return '"a" | "two words"', f'{python} in ("a", "two words")', None
        w = Var(self.fresh("q"), python, type)
        return w.name, "True", w

    def statement_choose(self, depth):
        """`match` over a record that it looks at."""
        rng = self.rng
        looks = [r for r in self.readable() if isinstance(r[2], Owner)]
        if not looks:
            return
        self.host = True
        text, python, type = rng.choice(looks)
        subject = self.fresh("m")
        self.both(f"match {text} {{", f"{subject} = {python}")
        self.indent += 1
        scope = list(self.scope)
        root = text.split(".")[0].split("[")[0]
        for number in range(rng.randint(1, 2)):
            parts, tests = [], ["True"]
            self.scope = [self.frozen(w) if w.name.split(".")[0].split("[")[0] == root else w for w in scope]
            for k, (name, part) in enumerate(type.fields):
                if owns(part) or rng.random() < 0.4:
                    continue
                pattern, test, bound = self.tested(part, f"{subject}[{k}]")
                parts.append((k, pattern))
                tests.append(test)
                self.scope += [bound] if bound else []
            parts = parts or [(0, "_")]
            condition = self.bool(1) if rng.random() < 0.4 else None
            tests += [condition.python] if condition else []
            self.line(f"{type.text(parts)}{f' if {condition.text}' if condition else ''} => {{")
            if number:
                self.python.append("    " * self.twin_indent + "else:")
                self.twin_indent += 1
            self.twin(f"if {' and '.join(tests)}:")
            self.scoped(2, depth - 1)
            self.line("}")
        self.python.append("    " * self.twin_indent + "else:")
        self.line("_ => {")
        self.scope = scope
        self.scoped(1, depth - 1)
        self.line("}")
        self.twin_indent -= number
        self.indent -= 1
        self.line("}")
