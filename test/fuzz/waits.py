"""Tasks that others overlap, race, end in time or too late, are cancelled, fail together; `async for`; recursion by tasks."""

from expressions import E, Var
from owners import Owner
from values import BOOL, INTS, Array

I64 = INTS["i64"]


class Waits:
    def freeze(self):
        """What is outside may only be read."""
        self.scope = [w if not w.mutable else self.frozen(w) for w in self.scope]

    def frozen(self, w):
        copy = Var(w.name, w.python, w.type, False, w.length, w.least)
        for mark in ("below", "row", "open", "count", "fields"):
            if hasattr(w, mark):
                setattr(copy, mark, getattr(w, mark))
        return copy

    def copyable(self, scope):
        """What an `async` block copies as it starts: plain variables, and of structs that own arrays the plain fields."""
        found = [self.frozen(v) if isinstance(v.type, Owner) else v for v in scope
                 if not isinstance(v.type, Array) and v.name.isidentifier()]
        for v in found:
            if isinstance(v.type, Owner):
                v.fields = True
        return found

    def in_task(self, statements):
        """Statements whose order among those of other tasks is open: they print nothing, reject nothing, do not return."""
        kept = self.quiet, self.sure, self.result, self.loops
        self.quiet, self.sure, self.result, self.loops = True, True, None, 0
        statements()
        self.quiet, self.sure, self.result, self.loops = kept

    def during(self, count, depth, taken, read=()):
        """Statements while a task holds the arrays `taken`; what they declare stays."""
        scope = self.scope
        owners = tuple(w.name.split(".")[0].split("[")[0] for w in taken)
        self.scope = [self.frozen(w) if w in read or not w.name.isidentifier() else w for w in scope
                      if w not in taken and w.name not in owners]
        before = list(self.scope)
        sure, self.sure = self.sure, self.sure or bool(taken)  # a rejection would cancel it: what it wrote would be open
        self.pending += 1
        self.statements(count, depth)
        self.pending -= 1
        self.sure = sure
        new = [w for w in self.scope if w not in before]
        hidden = {w.name for w in new}
        gone = {w.name for w in before} - {w.name for w in self.scope}
        self.scope = [w for w in scope if w.name not in hidden and (w in taken or w.name not in gone)] + new

    def statement_overlap(self, depth):
        """A task that is lent arrays while this one goes on."""
        functions = [f for f in self.functions if f.flavour == "async" and not f.rejects and self.weight > f.weight + 300
                     and any(isinstance(p.type, Array) for p in f.parameters)]
        if not functions:
            return
        f = self.rng.choice(functions)
        arguments = self.arguments(f, 2)
        if arguments is None:
            return
        text, python = arguments
        words = set(text.replace("[", " ").replace(",", " ").replace("(", " ").split())
        self.weight -= f.weight
        future = self.fresh("t")
        self.both(f"let {future} = async {f.name}({text});", f"{future} = started({f.name}, {python})")
        lent = [w for w in self.scope if isinstance(w.type, Array) and w.name in words]
        taken = [w for w in lent if f"mut {w.name}" in text]
        self.during(self.rng.randint(1, 3), depth - 1, taken, lent)
        v = self.declare(f.result)
        self.both(f"let {v.name} = await {future};", f"{v.python} = joined({future})")

    def statement_writer(self, depth):
        """An `async` block that assigns variables and elements of outside."""
        if self.place != "async" or self.weight < 400:
            return
        rng = self.rng
        mutable = [w for w in self.scope if w.mutable and w.name.isidentifier()]
        taken = rng.sample(mutable, min(len(mutable), rng.randint(1, 2)))
        if not taken:
            return
        future = self.fresh("t")
        scope = self.scope
        self.scope = [w if w in taken else self.frozen(w) for w in scope]
        arrays = [w for w in scope if isinstance(w.type, Array)]
        self.both(f"let {future} = async {{", "if True:")
        self.in_task(lambda: self.scoped(rng.randint(1, 3), depth - 1))
        self.line("};")
        self.scope = scope
        self.during(rng.randint(0, 2), depth - 1, taken, arrays)
        self.line(f"await {future};")

    def statement_tasks(self, depth):
        """`async for`: each iteration sends a number, whose sum does not depend on their order."""
        rng = self.rng
        if self.weight < 1000:
            return
        n = rng.randint(0, 6)
        type = INTS[rng.choice(["i64", "u32", "i16"])]
        channel, item = self.fresh("h"), self.fresh("v")
        self.line(f"let {channel} = chan<{type.name}>({n + 1});")
        x = Var(self.fresh("x"), None, I64)
        x.python, x.below = x.name, max(n, 1)
        self.iterations(type, channel, item, x, (f"0..{n}", f"range({n})"), weight=n + 1, limited=0.6, depth=depth)
        self.weight -= 100

    def iterations(self, type, channel, item, x, over, weight, limited, depth, rests=0):
        """An `async for` whose iterations send numbers, each in so many times the work of one, and their sum: `over` is what it
        runs over, in Awg and in Python. `limited` and `rests` say how often it has a limit, and sleeps."""
        rng = self.rng
        scope, before = list(self.scope), self.weight
        self.freeze()
        self.scope.append(x)
        self.weight //= weight
        numbers = self.fresh("n")
        limit = f" limit {rng.randint(1, 3)}" if rng.random() < limited else ""
        self.twin(f"{numbers} = []")
        self.both(f"async for {x.name} in {over[0]}{limit} {{", f"for {x.python} in {over[1]}:")

        def body():
            self.scoped(rng.randint(0, 2), depth - 1)
            self.scope = [w for w in self.scope if w.name not in self.covered]
            self.indent, self.twin_indent = self.indent + 1, self.twin_indent + 1
            if rng.random() < 0.3:
                condition = self.bool(1)
                self.both(f"if {condition.text} {{ continue; }}", f"if {condition.python}: continue")
            if rests and rng.random() < rests:
                self.line(f"await sleep({rng.choice(['0ms', '1us'])});")
            value = self.expression(type, 2)
            self.both(f"await {channel}.send({value.text});", f"{numbers}.append({value.python})")
            self.indent, self.twin_indent = self.indent - 1, self.twin_indent - 1
        self.in_task(body)
        self.line("}")
        self.scope, self.weight = scope, before
        total = self.declare(type, mutable=True)
        self.line(f"{channel}.close();")
        self.both(f"let mut {total.name}: {type.name} = 0;", f"{total.python} = {type.name}.wrap(sum({numbers}))")
        self.line(f"for await {item} in {channel} {{ {total.name} += {item}; }}")

    def task(self, type, depth):
        """What starts a task that surely gives a `type`: Awg behind `async`, Python."""
        sure, self.sure = self.sure, True
        functions = [f for f in self.functions if f.flavour == "async" and not f.rejects and f.result is type and self.weight > f.weight
                     and not any(isinstance(p.type, Array) for p in f.parameters)]
        if functions and self.rng.random() < 0.6:
            f = self.rng.choice(functions)
            self.weight -= f.weight
            text, python = self.arguments(f, depth)
            self.sure = sure
            return f"{f.name}({text})", f"{f.name}({python})"
        scope = self.scope
        self.scope = self.copyable(scope)
        value = self.expression(type, depth)
        self.scope, self.sure = scope, sure
        return f"{{ {value.text if value.level else f'({value.text})'} }}", value.python

    def statement_race(self, depth):
        """One that ends against those that do not."""
        rng = self.rng
        if self.weight < 300:
            return
        type = self.scalar()
        text, python = self.task(type, 2)
        name, future, late = self.fresh("w"), self.fresh("t"), self.fresh("t")
        self.both(f"let {future} = async {text};", f"{name} = {python}")
        kind = rng.randrange(4)
        if kind == 0:
            v = self.declare(type)
            return self.both(f"let {v.name} = await {future} within 1000s;", f"{v.python} = {name}")
        other = self.literal(type) if type is not BOOL else E("true", "True")
        arms = [f"{name} = await {future} => {name}", f"_ = await sleep({rng.randint(100, 999)}s) => {other.text}"]
        if rng.random() < 0.5:
            self.line(f"let {late} = async {{ await sleep(1000s); {other.text} }};")
            arms.append(f"{late}_ = await {late} => {{ {late}_ }}")
        rng.shuffle(arms)
        v = self.declare(type)
        self.both(f"let {v.name}: {type.name} = race {{ {', '.join(arms)} }};", f"{v.python} = {name}")

    def statement_late(self, depth):
        """What is not waited for to the end: `within` that passes, `cancel`."""
        rng = self.rng
        future = self.fresh("t")
        if rng.random() < 0.5 or self.quiet or self.result is not None:  # a cancelled task may have printed or not
            functions = [f for f in self.functions if f.flavour == "async" and self.weight > f.weight
                         and not any(isinstance(p.type, Array) for p in f.parameters)]
            operation = "{ await sleep(1000s); 1 }"
            if functions and rng.random() < 0.7:
                f = rng.choice(functions)
                sure, self.sure = self.sure, True
                hoisted = list(self.hoisted)
                operation = f"{f.name}({self.arguments(f, 1)[0]})"
                self.hoisted, self.sure = hoisted, sure
            self.line(f"let {future} = async {operation};")
            return self.line(f"cancel {future};")
        self.line(f"try {{ await sleep(1000s) within {rng.choice(['0ms', '1us', '1ms'])}; }} catch e {{ print(e.message); }}")
        self.twin('out("timed out")')

    def statement_failing(self, depth):
        """Of several that are joined one may fail."""
        functions = [f for f in self.functions if f.flavour == "async" and f.rejects and self.weight > f.weight
                     and not any(isinstance(p.type, Array) for p in f.parameters)]
        if not functions or self.quiet or self.result is not None:
            return
        f = self.rng.choice(functions)
        self.weight -= f.weight
        sure, self.sure = self.sure, True
        text, python = self.arguments(f, 2)
        type = self.scalar()
        other, twin = self.task(type, 2)
        self.sure = sure
        a, b, one, two = self.fresh("t"), self.fresh("t"), self.fresh("v"), self.fresh("v")
        self.line("try {")
        self.twin("try:")
        self.indent, self.twin_indent = self.indent + 1, self.twin_indent + 1
        lines = [(f"let {a} = async {f.name}({text});", f"{a} = started({f.name}, {python})"),
                 (f"let {b} = async {other};", f"{b} = ({twin}, None)")]
        for line in lines if self.rng.random() < 0.5 else lines[::-1]:
            self.both(*line)
        self.both(f"let ({one}, {two}) = await ({a}, {b});", f"{one}, {two} = joined({a}, {b})")
        self.both(f'print("{{{one}}} {{{two}}}");',
                  f"out(show_{self.show_name(f.result)}({one}), show_{self.show_name(type)}({two}))")
        self.indent, self.twin_indent = self.indent - 1, self.twin_indent - 1
        error = self.fresh("e")
        self.line(f'}} catch {error} {{ print("caught {{{error}.message}}"); }}')
        self.twin(f'except Reject as {error}: out("caught " + str({error}))')

    def item_recursive(self):
        """A function that calls itself, or a tree of tasks."""
        rng = self.rng
        name = self.prefix + self.fresh("f")
        self.begin("plain", 40)
        self.sure = True
        type = self.number()
        if rng.random() < 0.5:
            n, a, b = self.declare(I64, "p"), self.declare(type, "p"), None
            base = self.expression(type, 2)
            b = Var("b", "b", type)
            step = self.expression(type, 1)
            self.scope.append(b)
            value = self.expression(type, 2)
            self.awg.append(f"fn {name}_at({n.name}: i64, {a.name}: {type.name}) -> {type.name} {{\n"
                            f"    if {n.name} <= 0 {{ return {base.text}; }}\n    let b = {name}_at({n.name} - 1, {step.text});\n"
                            f"    return {value.text};\n}}")
            self.python.append(f"def {name}_at({n.python}, {a.python}):")
            self.twin(f"if {n.python} <= 0: return {base.python}")
            self.twin(f"b = {name}_at({n.python} - 1, {step.python})")
            self.twin(f"return {value.python}")
            depth = rng.randint(0, 12)
            self.awg.append(f"fn {name}(a: {type.name}) -> {type.name} {{ return {name}_at({depth}, a); }}")
            self.python.append(f"def {name}(a): return {name}_at({depth}, a)")
            flavour = "plain"
        else:
            low, high = self.declare(I64, "p"), self.declare(I64, "p")
            leaf = self.expression(type, 2)
            self.scope += [Var("a", "a", type), Var("b", "b", type)]
            value = self.expression(type, 2)
            cut = rng.choice([2, 3])
            wait = rng.choice(["let (a, b) = await (f, g);", "let b = await g; let a = await f;"])
            self.awg.append(f"async fn {name}_of({low.name}: i64, {high.name}: i64) -> {type.name} {{\n"
                            f"    if {high.name} - {low.name} < 2 {{ return {leaf.text}; }}\n"
                            f"    let middle = {low.name} + ({high.name} - {low.name} + {cut - 1}) / {cut};\n"
                            f"    let f = async {name}_of({low.name}, middle);\n    let g = async {name}_of(middle, {high.name});\n"
                            f"    {wait}\n    return {value.text};\n}}")
            self.python.append(f"def {name}_of({low.python}, {high.python}):")
            self.twin(f"if {high.python} - {low.python} < 2: return {leaf.python}")
            self.twin(f"middle = {low.python} + ({high.python} - {low.python} + {cut - 1}) // {cut}")
            self.twin(f"a, b = {name}_of({low.python}, middle), {name}_of(middle, {high.python})")
            self.twin(f"return {value.python}")
            extent = rng.randint(1, 20)
            self.awg.append(f"async fn {name}(a: {type.name}) -> {type.name} {{ let b = await {name}_of(0, {extent}); return a - b; }}")
            self.python.append(f"def {name}(a): return {type.name}.sub(a, {name}_of(0, {extent}))")
            flavour = "async"
        from generate import Function
        function = Function(name, flavour, [Var("a", "a", type)], type, 300)
        function.host = True  # no kernel calls what calls itself
        self.functions.append(function)
