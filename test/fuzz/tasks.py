"""Tasks: what is started, joined, cancelled, raced; channels."""

from expressions import PRIMARY, E, Var
from values import BOOL, FLOATS, INTS, Array


class Tasks:
    def statement_start(self, depth):
        """A task; what may reject is not joined together with another that may."""
        functions = [f for f in self.functions if f.flavour == "async" and not (self.sure and f.rejects)]
        if not functions or self.weight < 500:
            return
        f = self.rng.choice(functions)
        arguments = self.arguments(f, 3)
        if arguments is None:
            return
        self.weight -= f.weight
        future = self.fresh("t")
        text, python = arguments
        self.rejecting |= f.rejects
        lends = any(isinstance(p.type, Array) for p in f.parameters)  # which nothing may then touch before the join
        if self.rng.random() < 0.3 or f.rejects or lends:
            v = self.declare(f.result)
            if self.rng.random() < 0.5:
                return self.both(f"let {v.name} = await {f.name}({text});", f"{v.python} = {f.name}({python})")
            self.both(f"let {future} = async {f.name}({text});", f"{future} = started({f.name}, {python})")
            return self.both(f"let {v.name} = await {future};", f"{v.python} = joined({future})")
        self.both(f"let {future} = async {f.name}({text});", f"{future} = started({f.name}, {python})")
        self.futures.append((future, f.result))

    def statement_agree(self, depth):
        """A mathematical function has the same bits on the host, in the lanes of a kernel, and folded."""
        rng = self.rng
        if self.weight < 100:
            return
        type = FLOATS[rng.choice(["f32", "f32", "f64", "f16", "bf16"])]
        name = rng.choice(["exp", "exp2", "log", "log2", "sin", "cos", "tan", "tanh", "erf", "rsqrt"])
        x = self.leaf(type)
        k, v = rng.randrange(40), self.declare(BOOL)
        text = x.at(PRIMARY)
        self.both(f"let {v.name} = {{ let a = {name}({text}); let b = (await each i in 40 => {name}(if i >= {k} {{ {text} }} "
                  f"else {{ i as {type.name} }}))[{rng.randrange(k, 40)}]; a == b || (a != a && b != b) }};", f"{v.python} = True")

    def statement_block(self, depth):
        """An `async` block that gives a value of the plain variables that it copies."""
        if self.sure:
            return
        type = self.scalar()
        sure, self.sure = self.sure, True
        scope = self.scope
        self.scope = self.copyable(scope)
        value = self.expression(type, 3)
        self.scope, self.sure = scope, sure
        future = self.fresh("t")
        text = value.text if value.level else f"({value.text})"
        self.both(f"let {future} = async {{ {text} }};", f"{future} = ({value.python}, None)")
        self.futures.append((future, type))

    def statement_join(self, depth):
        if len(self.futures) < 2 or self.rng.random() < 0.4:
            return self.settle(1)
        some, self.futures = self.futures[:2], self.futures[2:]
        names = [self.declare(type, "w") for _, type in some]
        self.both(f"let ({', '.join(v.name for v in names)}) = await ({', '.join(f for f, _ in some)});",
                  f"{', '.join(v.python for v in names)} = {', '.join(f'joined({f})' for f, _ in some)}")

    def settle(self, count=None):
        """Joins futures of this scope: all, or so many."""
        some = self.futures[:count]
        self.futures = self.futures[len(some):]
        for future, type in some:
            v = self.declare(type)
            self.both(f"let {v.name} = await {future};", f"{v.python} = joined({future})")

    def statement_futures(self, depth):
        """`[for x in 0..n => async f(...)]` and its join; or of blocks."""
        rng = self.rng
        n = rng.randint(0, 5)
        functions = [f for f in self.functions if f.flavour == "async" and not f.rejects and self.weight > n * f.weight
                     and not any(isinstance(p.type, Array) for p in f.parameters)]
        x = Var(self.fresh("x"), None, INTS["i64"])
        x.python, x.below = x.name, max(n, 1)
        self.scope.append(x)
        sure, self.sure = self.sure, True
        hoisted, self.hoisted = self.hoisted, []
        if functions and rng.random() < 0.7:
            f = rng.choice(functions)
            self.weight -= n * f.weight
            text, python = self.arguments(f, 2)
            type, call, value = f.result, f"{f.name}({text})", f"{f.name}({python})"
        else:
            type = self.number()
            scope = self.scope
            self.scope = self.copyable(scope)
            e = self.expression(type, 2)
            self.scope = scope
            call, value = f"{{ {e.text if e.level else f'({e.text})'} }}", e.python
        inner, self.hoisted = self.hoisted, hoisted
        self.sure = sure
        self.scope.remove(x)
        function = self.fresh("body")
        self.hoist([f"def {function}({x.python}):", *("    " + line for line in inner), f"    return {value}"])
        future = self.fresh("t")
        v = self.declare(Array(type), length=(n,))
        self.line(f"let {future} = [for {x.name} in 0..{n} => async {call}];")
        self.both(f"let {v.name}: {type.name}[_] = await {future};", f"{v.python} = [{function}(i) for i in range({n})]")

    def statement_channel(self, depth):
        """One sends, this task receives and folds."""
        rng = self.rng
        type = self.scalar()
        n = rng.randint(0, 6)
        channel, future, item = self.fresh("h"), self.fresh("t"), self.fresh("v")
        scope, sure = self.scope, self.sure
        self.scope, self.sure = self.copyable(scope), True
        hoisted, self.hoisted = self.hoisted, []
        x = self.declare(INTS["i64"], "x")
        x.below = max(n, 1)
        value = self.expression(type, 2)
        inner, self.hoisted = self.hoisted, hoisted
        self.scope, self.sure = scope, sure
        function = self.fresh("body")
        self.hoist([f"def {function}({x.python}):", *("    " + line for line in inner), f"    return {value.python}"])
        start = self.leaf(type) if type is not BOOL else E("true", "True")
        total = self.declare(type, mutable=True)
        self.both(f"let mut {total.name}: {type.name} = {start.text};", f"{total.python} = {start.python}")
        self.line(f"let {channel} = chan<{type.name}>({rng.choice([0, 1, 3])});")
        self.line(f"let {future} = async {{ for {x.name} in 0..{n} {{ await {channel}.send({value.text}); }} {channel}.close(); }};")
        if type is BOOL:
            text, python = f"{total.name} = {total.name} != {item};", f"{total.python} = {total.python} != {item}"
        else:
            text, python = f"{total.name} = {total.name} * {item} - {item};", \
                f"{total.python} = {type.name}.fms({total.python}, {item}, {item})"
        self.both(f"for await {item} in {channel} {{ {text} }}", f"for {item} in [{function}(i) for i in range({n})]: {python}")
        self.line(f"await {future};")
