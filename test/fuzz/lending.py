"""Elements and members that are lent for writing: functions that change them, exchange them, fail half way; tasks that hold them."""

import re

from expressions import E, Var, members
from owners import Owner
from records import owns, same
from texts import DURATION, STR
from values import BOOL, Array, Float, Int


class Taker:
    """A function whose first parameter is lent for writing; its Python takes a Cell."""

    def __init__(self, name, flavour, type, parameters, result, weight, rejects, host):
        self.name, self.flavour, self.type, self.parameters, self.result = name, flavour, type, parameters, result
        self.weight, self.rejects, self.host = weight, rejects, host
        self.python = name


class Place:
    """What can be assigned and lent: Awg, Python for its Cell, the variable it belongs to, what must hold for it to be there."""

    def __init__(self, type, text, cell, root, guards=(), rejects=False):
        self.type, self.text, self.cell, self.root, self.guards, self.rejects = type, text, cell, root, guards, rejects


def base(v):
    return v.name.split(".")[0].split("[")[0]


class Lending:
    # Places

    def places(self, fits):
        """All of them below the mutable variables, with the subscripts that chance takes; their Cells begin with `@`."""
        found = []
        for v in self.scope:
            if v.mutable and not (self.place == "device" and getattr(v, "row", False)):
                exchanged = not isinstance(v.type, Array) or v.open
                self.below(found, v, Place(v.type, v.name, "@", v), 4, exchanged, v.count)
        return [p for p in found if fits(p.type)]

    def below(self, found, v, p, depth, whole=True, count=0):
        if whole:
            found.append(p)
        if depth == 0:
            return
        if isinstance(p.type, Owner):
            for k, (name, part) in enumerate(p.type.fields):
                self.below(found, v, Place(part, f"{p.text}.{name}", f"Cell({p.cell}.v, {k})", v, p.guards, p.rejects), depth - 1)
        elif isinstance(p.type, Array):
            self.below_array(found, v, p, depth, count)
        else:
            for k, (name, part) in enumerate(members(p.type)):
                self.below(found, v, Place(part, f"{p.text}.{name}", f"Member({p.cell}, {k})", v, p.guards, p.rejects), depth - 1)

    def below_array(self, found, v, p, depth, count):
        rng, whole = self.rng, p.text == v.name
        if self.place == "device":
            return
        if whole and v.length and all(v.length):
            rejecting, self.rejecting = self.rejecting, False
            subscripts = self.subscript(v, 1)
            rejects, self.rejecting = self.rejecting, rejecting
            text, python = ", ".join(s.text for s in subscripts), ", ".join(s.python for s in subscripts)
            if self.hoisted and rejects:
                return
            return self.below(found, v, Place(p.type.element, f"{p.text}[{text}]", f"at({p.cell}, {python})", v, p.guards, rejects), depth - 1)
        if p.type.rank > 1:
            return
        k = rng.randrange(count) if whole and count else rng.randrange(3)
        inside = [w for w in self.scope if getattr(w, "below", 1 << 62) <= (count if whole else 0)]
        text, python = (rng.choice(inside).name,) * 2 if inside and rng.random() < 0.5 else (str(k), str(k))
        if text != str(k):
            python = next(w.python for w in inside if w.name == text)
        if whole and not count or re.search(r"\.\d+$", p.text):
            text = f"{{ {text} }}"  # a constant beyond a known extent would be refused
        guards, rejects = p.guards, p.rejects
        if not (whole and count):
            if self.sure or rng.random() < 0.7:
                guards += ((f"len({p.text}) > {k}", f"len({p.cell}.v) > {k}"),)
            else:
                rejects = True
        self.below(found, v, Place(p.type.element, f"{p.text}[{text}]", f"at({p.cell}, {python})", v, guards, rejects), depth - 1)

    def chosen(self, fits):
        """One of them, if there is any; deeper ones are likelier."""
        found = self.places(fits)
        if not found:
            return None
        deep = [p for p in found if p.text != p.root.name]
        p = self.rng.choice(deep if deep and self.rng.random() < 0.7 else found)
        self.rejecting |= p.rejects
        return p

    def lent_to(self, takers, fits=lambda p: True):
        """A taker and what it could be lent, or None."""
        places = [p for p in self.places(lambda t: True) if fits(p)]
        pairs = [(t, p) for t in takers for p in places if same(t.type, p.type)]
        deep = [pair for pair in pairs if pair[1].text != pair[1].root.name]
        if not pairs:
            return None, None
        taker, p = self.rng.choice(deep if deep and self.rng.random() < 0.7 else pairs)
        self.rejecting |= p.rejects
        return taker, p

    def around(self, p, text, lines):
        """A statement that changes what is in the place, if it is there; its variable has what was done though it rejects.

        `lines` are those of the Python, with `@` for the variable's Cell."""
        root = self.fresh("h")
        condition = " && ".join(g[0] for g in p.guards)
        self.both(f"if {condition} {{ {text} }}" if condition else text, f"{root} = Cell([{p.root.python}], 0)")
        self.twin("try:")
        self.twin_indent += 1
        if condition:
            self.twin(f"if {' and '.join(g[1] for g in p.guards).replace('@', root)}:")
            self.twin_indent += 1
        for line in lines:
            self.twin(line.replace("@", root))
        self.twin_indent -= 2 if condition else 1
        self.twin(f"finally: {p.root.python} = {root}.v")

    def others(self, p):
        """The scope without what is lent; plain variables stay, which arguments copy."""
        name = base(p.root)
        return [w for w in self.scope if base(w) != name or w is p.root and p.text == w.name and (isinstance(w.type, (Int, Float)) or w.type is BOOL)]

    # Assignments

    def statement_set(self, depth):
        """`o[1].s.f1 op= value`, `o[0].a[2] = value`, `o.w = "text"`, `o[1] = S { ... }`: any place below a variable."""
        p = self.chosen(lambda t: t is not DURATION and not (isinstance(t, Array) and owns(t.element)))
        if p:
            self.set(p)

    def set(self, p):
        sure, self.sure = self.sure, self.sure or p.rejects
        hoisted, self.hoisted = self.hoisted, []
        scope, self.scope = self.scope, self.others(p)
        cell = self.fresh("h")
        if isinstance(p.type, (Int, Float)) or p.type is BOOL:
            text, python = self.assignment(Var(p.text, f"{cell}.v", p.type, True), self.expression(p.type, 3))
        else:
            value = self.owned(p.type, 2)
            text, python = f"{p.text} = {value.text};", f"{cell}.v = {value.python}"
        self.scope, self.sure = scope, sure
        self.hoisted = hoisted + self.hoisted
        self.around(p, text, [f"{cell} = {p.cell}", python])

    def statement_grow(self, depth):
        """An array is exchanged for one that has one element more."""
        rng = self.rng
        p = self.chosen(lambda t: isinstance(t, Array) and t.rank == 1)
        if not p or self.place == "device":
            return
        self.host = True
        sure, self.sure = self.sure, self.sure or p.rejects
        scope, self.scope = self.scope, self.others(p)
        value = self.owned(p.type.element, 2)
        self.scope, self.sure = scope, sure
        cell, v = self.fresh("h"), self.fresh("v")
        if self.pushes and rng.random() < 0.6:
            text = f"{rng.choice(self.pushes)}(mut {p.text}, {value.text});"
        else:
            x = self.fresh("x")
            old = f"copy({p.text}[{x}])" if owns(p.type.element) else f"{p.text}[{x}]"
            end = f"({value.text})" if value.text.startswith("{") else value.text
            text = f"{p.text} = [for {x} in 0..len({p.text}) + 1 => if {x} < len({p.text}) {{ {old} }} else {{ {end} }}];"
        self.around(p, text, [f"{cell} = {p.cell}", f"{cell}.v = copied({cell}.v) + [{value.python}]"])

    def item_push(self):
        """`fn push<T>(mut x: T[_], v: T)`, in two ways; one that changes a number of any type; one that gives what it is given."""
        rng, name = self.rng, self.prefix + self.fresh("u")
        body = rng.choice(["x = [for i in 0..len(x) + 1 => if i < len(x) { copy(x[i]) } else { copy(v) }];",
                           "let n = len(x); x = [for i in 0..n + 1 => { if i == n { copy(v) } else { copy(x[i]) } }];"])
        self.awg.append(f"fn {name}<T>(mut x: T[_], v: T) {{ {body} }}")
        self.pushes.append(name)
        name, text, python = self.prefix + self.fresh("e"), *rng.choice([
            ("x = x * y + x;", "T.fma(p.v, y, p.v)"), ("x -= y;", "T.sub(p.v, y)"),
            ("if x < y { x = max(x, y) - x; }", "T.sub(y, p.v) if p.v < y else p.v")])
        self.awg.append(f"fn {name}<T: num>(mut x: T, y: T) {{ {text} }}")
        for type in self.numbers:
            taker = Taker(name, "plain", type, [Var("y", "y", type)], None, 2, False, False)
            taker.python = f"{name}_{type.name}"
            self.python.append(f"def {taker.python}(p, y, T={type.name}): p.v = {python}")
            self.takers.append(taker)
        self.keeps.append(self.prefix + self.fresh("u"))
        self.awg.append(f"fn {self.keeps[-1]}<T>(move x: T) -> T {{ {rng.choice(['x', 'return x;', 'let y = x; y'])} }}")

    # Functions

    def item_taker(self):
        """A function that is lent a place and changes it, and may fail then."""
        rng = self.rng
        flavour = rng.choice(["plain", "plain", "async"])
        fields = [part for type in self.records for _, part in type.fields]
        type = rng.choice([self.plain(), Array(self.number()), STR] + self.records + [Array(t) for t in self.records] + fields)
        name = self.prefix + self.fresh("e")
        self.begin(flavour, 400)
        self.quiet = True
        self.sure = flavour == "async" or rng.random() < 0.5
        p = Var(self.fresh("p"), None, type, True, (0,) if isinstance(type, Array) and not owns(type.element) else None, isinstance(type, Array))
        p.python, p.open, p.count = f"{p.name}.v", True, 0
        parameters = [self.declare(self.plain(), "p") for _ in range(rng.randint(0, 2))]
        self.result = self.scalar() if rng.random() < 0.5 else None
        written = ", ".join([f"mut {p.name}: {type.name}"] + [f"{v.name}: {v.type.name}" for v in parameters])
        self.awg.append(f"{'async ' if flavour == 'async' else ''}fn {name}({written}){f' -> {self.result.name}' if self.result else ''} {{")
        self.python.append(f"def {name}({', '.join([p.name] + [v.python for v in parameters])}):")
        self.scope.append(p)
        self.twin("pass")
        for _ in range(rng.randint(1, 3)):
            self.change(p)
            if flavour == "async" and rng.random() < 0.6:
                self.line(f"await sleep({rng.choice(['0ms', '1us', '1ms'])});")
            if not self.sure and rng.random() < 0.5:
                self.statement_fail(1)
            self.statements(rng.randint(0, 2), 2)
        self.settle()
        if self.result:
            value = self.expression(self.result, 2)
            self.both(f"return {value.text};", f"return {value.python}")
        self.awg.append("}")
        self.takers.append(Taker(name, flavour, type, parameters, self.result, 405 - self.weight, self.rejecting, self.host))

    def change(self, p):
        """Something changes in the variable, mostly."""
        scope = self.scope
        for _ in range(4):
            if self.rng.random() < 0.4 and any(isinstance(q.type, Array) for q in self.below_of(p)):
                found = [q for q in self.below_of(p) if isinstance(q.type, Array) and q.type.rank == 1]
            else:
                found = [q for q in self.below_of(p) if not (isinstance(q.type, Array) and owns(q.type.element))]
            if found:
                q = self.rng.choice(found)
                self.rejecting |= q.rejects
                return self.set(q) if not (isinstance(q.type, Array) and owns(q.type.element)) else None

    def below_of(self, p):
        found = []
        self.below(found, p, Place(p.type, p.name, "@", p), 3, True, 0)
        return found

    # Calls

    def call_of(self, taker, p):
        """`f(mut place, ...)`; Python with `@` for the root's Cell."""
        sure, self.sure = self.sure, self.sure or p.rejects
        scope, self.scope = self.scope, self.others(p)
        arguments = [self.expression(v.type, 2) for v in taker.parameters]
        self.scope, self.sure = scope, sure
        self.weight -= taker.weight
        self.rejecting |= taker.rejects
        self.host |= taker.host
        return (f"{taker.name}({', '.join([f'mut {p.text}'] + [a.text for a in arguments])})",
                f"{taker.python}({', '.join([p.cell] + [a.python for a in arguments])})")

    def fitting(self, asynchronous):
        return [t for t in self.takers if (t.flavour == "async") == asynchronous and not (self.sure and t.rejects)
                and not (self.place == "device" and t.host) and self.weight > t.weight]

    def statement_lend(self, depth):
        takers = self.fitting(False)
        takers += self.fitting(True) if self.place == "async" else []
        if not takers:
            return
        taker, p = self.lent_to(takers)
        if not p:
            return
        text, python = self.call_of(taker, p)
        text = f"await {text}" if taker.flavour == "async" else text
        if not taker.result or self.rng.random() < 0.3:
            return self.around(p, f"{text};", [python])
        v = self.declare(taker.result, "w")
        other = self.literal(taker.result) if taker.result is not BOOL else E("true", "True")
        condition = " && ".join(g[0] for g in p.guards)
        guards, p.guards = p.guards, ()
        line = f"let {v.name}: {taker.result.name} = " + (f"if {condition} {{ {text} }} else {{ {other.text} }};" if condition else f"{text};")
        twin = f"{python} if {' and '.join(g[1] for g in guards)} else {other.python}" if condition else python
        self.around(p, line, [f"{v.python} = {twin}"])

    def statement_hold(self, depth):
        """A task that holds a place while this one goes on."""
        rng = self.rng
        takers = self.fitting(True) + [t for t in self.fitting(False) if not t.rejects]
        if not takers or self.place != "async":
            return
        taker, p = self.lent_to(takers, lambda p: p.root.name.isidentifier() and not p.rejects and not p.guards)
        if not p:
            return
        sure, self.sure = self.sure, True
        text, python = self.call_of(taker, p)
        self.sure = sure
        future, root = self.fresh("t"), self.fresh("h")
        result = taker.result
        if taker.flavour == "plain":
            wait = rng.choice(["", "await sleep(0ms); ", "await sleep(1us); "])
            result, text = None, f"{{ {wait}{text}; }}"
        self.both(f"let {future} = async {text};", f"{root} = Cell([{p.root.python}], 0)")
        self.twin(f"{future} = {python.replace('@', root)}")
        self.twin(f"{p.root.python} = {root}.v")
        self.during(rng.randint(0, 2), depth - 1, [p.root], [w for w in self.scope if owns(w.type)])
        if result and rng.random() < 0.8:
            v = self.declare(result, "w")
            return self.both(f"let {v.name} = await {future};", f"{v.python} = {future}")
        self.line(f"await {future};")

    def statement_half(self, depth):
        """What rejects half way has done the rest."""
        takers = [t for t in self.takers if t.rejects and not (self.place == "device") and self.weight > t.weight]
        if not takers or self.quiet or self.result is not None or self.place != "async":
            return
        sure, self.sure = self.sure, False
        taker, p = self.lent_to(takers)
        if p:
            rejecting = self.rejecting
            text, python = self.call_of(taker, p)
            error = self.fresh("e")
            self.both("try {", "try:")
            self.indent, self.twin_indent = self.indent + 1, self.twin_indent + 1
            self.around(p, f"{text};", [python])
            self.indent, self.twin_indent = self.indent - 1, self.twin_indent - 1
            self.line(f'}} catch {error} {{ print("caught {{{error}.message}}"); }}')
            self.twin(f'except Reject as {error}: out("caught " + str({error}))')
            self.rejecting = rejecting
            if p.root.name.isidentifier():
                self.show([p.root])
        self.sure = sure
