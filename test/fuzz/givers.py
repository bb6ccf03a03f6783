"""Arrays that functions give and take for good; channels of arrays, structs and tuples."""

from expressions import Var
from values import INTS, Array

I64 = INTS["i64"]


class Giver:
    """A function from an array of `element` and a number to an array of the same extent."""

    def __init__(self, name, flavour, element, moves, weight, rejects):
        self.name, self.flavour, self.element, self.moves = name, flavour, element, moves
        self.weight, self.rejects = weight, rejects


class Givers:
    def item_giver(self):
        """`fn f(move a: T[n], b: T) -> T[n]`, or with a copy of what it was lent."""
        rng = self.rng
        name, flavour, element = self.prefix + self.fresh("a"), rng.choice(["plain", "async"]), self.number()
        self.begin(flavour, 1000)
        self.quiet, self.sure = True, rng.random() < 0.6
        b, moves = self.declare(element, "p"), rng.random() < 0.6
        self.awg.append(f"{'async ' if flavour == 'async' else ''}fn {name}({'move ' if moves else ''}a: {element.name}[n], "
                        f"{b.name}: {element.name}) -> {element.name}[n] {{")
        self.python.append(f"def {name}(a, {b.python}):")
        self.twin("n = len(a)")
        self.scope.append(Var("n", "n", I64))
        self.statements(rng.randint(0, 2), 1)
        self.settle()
        self.both(f"let mut y = {'a' if moves else 'copy(a)'};", f"y = {'a' if moves else 'copied(a)'}")
        x, e = self.fresh("x"), self.fresh("v")
        self.both(f"for {x} in 0..n {{", f"for {x} in range(n):")
        self.indent, self.twin_indent = self.indent + 1, self.twin_indent + 1
        self.both(f"let {e} = y[{x}];", f"{e} = y[{x}]")
        self.scope += [Var(x, x, I64), Var(e, e, element)]
        value = self.expression(element, 3)
        self.both(f"y[{x}] = {value.text};", f"y[{x}] = {value.python}")
        self.indent, self.twin_indent = self.indent - 1, self.twin_indent - 1
        self.line("}")
        self.both(rng.choice(["y", "return y;"]), "return y")
        self.awg.append("}")
        self.givers.append(Giver(name, flavour, element, moves, 1005 - self.weight, self.rejecting))

    def statement_given(self, depth):
        rng = self.rng
        givers = [g for g in self.givers if not (self.sure and g.rejects) and (g.flavour == "plain" or self.place == "async")]
        if not givers:
            return
        g = rng.choice(givers)
        if self.weight < 12 * g.weight:
            return
        self.host = True
        if g.moves:
            w = self.array(g.element, [rng.randint(1, 12)])
            self.scope.remove(w)
        else:
            lent = [v for v in self.arrays(g.element) if v.type.rank == 1 and v.length and not v.least and v.length[0] <= 12]
            if not lent:
                return
            w = rng.choice(lent)
        self.weight -= 12 * g.weight
        self.rejecting |= g.rejects
        b = self.expression(g.element, 2)
        text = f"{g.name}({'move ' if g.moves else ''}{w.name}, {b.text})"
        python = f"{g.name}({w.python}, {b.python})"
        v = self.declare(Array(g.element), mutable=rng.random() < 0.6, length=w.length)
        mark = "mut " if v.mutable else ""
        if g.flavour == "async" and rng.random() < 0.4:
            future = self.fresh("t")
            self.both(f"let {future} = async {text};", f"{future} = started({g.name}, {w.python}, {b.python})")
            return self.both(f"let {mark}{v.name} = await {future};", f"{v.python} = joined({future})")
        self.both(f"let {mark}{v.name} = {'await ' if g.flavour == 'async' else ''}{text};", f"{v.python} = {python}")

    # Arrays whose extents must agree

    def item_zipped(self):
        """`fn f(a: T[n], b: T[n]) -> T[n + 1]`, or a kernel with a result of `n`."""
        rng = self.rng
        name, type, more = self.prefix + self.fresh("z"), self.number(), rng.randint(0, 2)
        text, python = rng.choice([("a[i] * b[i] + a[i]", "{0}.fma(x, y, x)"), ("a[i] - b[i]", "{0}.sub(x, y)"), ("max(a[i], b[i])", "{0}.max(x, y)")])
        values = f"[{python.format(type.name)} for x, y in zip(a, b)]"
        flavour = rng.choice(["plain", "kernel"])
        if flavour == "kernel":
            self.awg.append(f"kernel {name}(a: {type.name}[n], b: {type.name}[n]) -> {type.name}[n] each i in n => {text};")
        else:
            self.awg.append(f"fn {name}(a: {type.name}[n], b: {type.name}[n]) -> {type.name}[n + {more}] {{\n"
                            f"    let mut y = zeros<{type.name}>(n + {more});\n"
                            f"    for i in 0..n {{ y[i] = {text}; }}\n    return y;\n}}")
            values += f" + [{type.name}.cast(0)] * {more}"
        self.python += [f"def {name}(a, b):", "    if len(a) != len(b): fail(f'extents differ: n is {len(a)} and {len(b)}')", f"    return {values}"]
        self.zipped.append((name, flavour, type))

    def statement_zipped(self, depth):
        rng = self.rng
        some = [z for z in self.zipped if z[1] == "plain" or self.place == "async"]
        if not some:
            return
        name, flavour, type = rng.choice(some)
        parts = [r for r in self.readable() if isinstance(r[2], Array) and r[2].element is type
                 and not r[0][-1].isdigit()]  # of a tuple the extents may be known
        if not parts:
            return
        self.host = True
        a, b = rng.choice(parts), rng.choice(parts)
        text = f"{'await ' if flavour == 'kernel' else ''}{name}({a[0]}, {b[0]})"
        python = f"{name}({a[1]}, {b[1]})"
        if self.sure or rng.random() < 0.5:
            text = f"if len({a[0]}) == len({b[0]}) {{ {text} }} else {{ copy({a[0]}) }}"
            python = f"{python} if len({a[1]}) == len({b[1]}) else copied({a[1]})"
        else:
            self.rejecting = True
        self.owner(Array(type), text, python, False)

    # Channels

    def sent(self, count, make):
        """What a task sends for each number below `count`: `make()` gives expressions; Awg's index, they, a Python function."""
        scope, sure = self.scope, self.sure
        self.scope, self.sure = self.copyable(scope), True
        hoisted, self.hoisted = self.hoisted, []
        x = self.declare(I64, "x")
        x.below = max(count, 1)
        values = make()
        inner, self.hoisted = self.hoisted, hoisted
        self.scope, self.sure = scope, sure
        function = self.fresh("body")
        self.hoist([f"def {function}({x.python}):", *("    " + line for line in inner),
                    f"    return {', '.join(value.python for value in values)},"])
        return x, values, function

    def statement_parcels(self, depth):
        """A task sends arrays of growing length, which move; this one folds their first and last elements."""
        rng = self.rng
        type, n = self.number(), rng.randint(0, 5)
        channel, future, item, parcel = self.fresh("h"), self.fresh("t"), self.fresh("v"), self.fresh("v")
        x, (first, last), function = self.sent(n, lambda: (self.expression(type, 2), self.expression(type, 1)))
        start, total = self.leaf(type), self.declare(type, mutable=True)
        self.line(f"let {channel} = chan<{type.name}[_]>({rng.choice([0, 1, 3])});")
        self.line(f"let {future} = async {{ for {x.name} in 0..{n} {{ let mut {parcel}: {type.name}[_] = full({first.text}, {x.name} + 1); "
                  f"{parcel}[{x.name}] = {last.text}; await {channel}.send({parcel}); }} {channel}.close(); }};")
        self.both(f"let mut {total.name}: {type.name} = {start.text};", f"{total.python} = {start.python}")  # it may hide what is sent
        self.line(f"for await {item} in {channel} {{ {total.name} = {total.name} * {item}[0] - {item}[len({item}) - 1]; }}")
        self.twin(f"for {x.python}, (first, last) in enumerate([{function}(i) for i in range({n})]): "
                  f"{total.python} = {type.name}.fms({total.python}, first if {x.python} else last, last)")
        self.line(f"await {future};")

    def statement_collect(self, depth):
        """An array of what comes out of a channel: scalars, tuples, structs, cases."""
        rng = self.rng
        type, n = self.plain(), rng.randint(1, 5)
        channel, future = self.fresh("h"), self.fresh("t")
        x, (value,), function = self.sent(n, lambda: (self.expression(type, 2),))
        self.line(f"let {channel} = chan<{type.name}>({rng.choice([0, 1, 3])});")
        self.line(f"let {future} = async {{ for {x.name} in 0..{n} {{ await {channel}.send({value.text}); }} }};")
        v = self.declare(Array(type), mutable=rng.random() < 0.6, length=(n,))
        self.both(f"let {'mut ' if v.mutable else ''}{v.name}: {type.name}[_] = [for _ in 0..{n} => await {channel}.recv()];",
                  f"{v.python} = [{function}(i)[0] for i in range({n})]")
        self.line(f"await {future};")
