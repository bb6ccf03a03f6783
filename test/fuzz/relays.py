"""What tasks hand on: arrays and records that they receive, change and send; tasks for each item of an array."""

from expressions import Var
from owners import Owner
from records import owns, same
from values import INTS, Array

I64 = INTS["i64"]


class Relays:
    def statement_relay(self, depth):
        """An array goes to a task that changes it and back, a few times."""
        rng = self.rng
        if self.quiet or self.weight < 400:
            return
        type, n = self.number(), rng.randint(0, 4)
        there, back, future, item = self.fresh("h"), self.fresh("h"), self.fresh("t"), self.fresh("q")
        first, start = self.expression(type, 1), self.expression(type, 1)
        scope, sure = self.scope, self.sure
        self.scope, self.sure = self.copyable(scope), True
        hoisted, self.hoisted = self.hoisted, []
        old = Var(self.fresh("q"), None, type)
        old.python = old.name
        self.scope.append(old)
        changed, added = self.expression(type, 2), self.expression(type, 2)
        inner, self.hoisted = self.hoisted, hoisted
        self.scope, self.sure = scope, sure
        function, pushes = self.fresh("body"), rng.random() < 0.6
        self.hoist([f"def {function}({old.python}):", *("    " + line for line in inner), f"    return {changed.python}, {added.python}"])
        capacity = rng.choice(["0", "1", "2"])
        self.line(f"let ({there}, {back}) = (chan<{type.name}[_]>({capacity}), chan<{type.name}[_]>({rng.choice(['0', '2'])}));")
        text = f"let {old.name} = {item}[0]; {item}[0] = {changed.text}; "
        if pushes and self.pushes and rng.random() < 0.5:
            text += f"{rng.choice(self.pushes)}(mut {item}, {added.text}); "
        elif pushes:
            x, y = self.fresh("x"), self.fresh("q")
            end = added.text if added.level else f"({added.text})"
            text += f"let {y} = {end}; {item} = [for {x} in 0..len({item}) + 1 => if {x} < len({item}) {{ {item}[{x}] }} else {{ {y} }}]; "
        sends = f"await {back}.send({item});" if rng.random() < 0.7 else f"let {item}o = {item}; await {back}.send({item}o);"
        self.line(f"let {future} = async {{ for await mut {item} in {there} {{ {text}{sends} }} {back}.close(); }};")
        b = self.owner(Array(type), f"[{first.text}, {start.text}]", f"[{first.python}, {start.python}]")
        x = self.fresh("x")
        self.line(f"for {x} in 0..{n} {{ await {there}.send({b.name}); {b.name} = await {back}.recv(); }}")
        self.twin(f"for {x} in range({n}):")
        self.twin(f"    {item}1, {item}2 = {function}({b.python}[0])")
        self.twin(f"    {b.python} = [{item}1] + {b.python}[1:]{f' + [{item}2]' if pushes else ''}")
        self.line(f"{there}.close();")
        self.line(f"await {future};")

    def statement_crowd(self, depth):
        """`async for` over an array: each task sends a number, whose sum does not depend on their order."""
        rng = self.rng
        found = [v for v in self.loopable() if self.weight > 2000]
        if not found:
            return
        found = [v for v in found if isinstance(v.type.element, Owner)] or found
        v = rng.choice(found)
        self.host = True
        type = INTS[rng.choice(["i64", "u32", "i16"])]
        channel, item = self.fresh("h"), self.fresh("q")
        self.line(f"let {channel} = chan<{type.name}>(1000);")
        work = 6 if isinstance(v.type.element, Owner) else 41
        self.iterations(type, channel, item, self.item_of(v), (v.name, v.python), weight=work, limited=0.7, depth=depth, rests=0.4)
        self.weight -= 200

    def statement_parcel(self, depth):
        """Records go through a channel, whole; who receives them takes them apart."""
        rng = self.rng
        if not self.records or self.tries:
            return
        type, n = rng.choice(self.records), rng.randint(0, 3)
        channel, future, item = self.fresh("h"), self.fresh("t"), self.fresh("q")
        x, (value,), function = self.sent(n, lambda: (self.record(type, 2),))
        result = self.number()
        self.line(f"let {channel} = chan<{type.name}>({rng.choice([0, 1, 3])});")
        self.line(f"let {future} = async {{ for {x.name} in 0..{n} {{ await {channel}.send({value.text}); }} {channel}.close(); }};")
        total = self.declare(result, mutable=True)
        start = self.literal(result)
        self.both(f"let mut {total.name}: {result.name} = {start.text};", f"{total.python} = {start.python}")
        scope = list(self.scope)
        self.scope = [v for v in scope if v is not total]
        p = Var(item, item, type)
        whole = rng.random() < 0.5
        pattern, bound = (item, [p]) if whole else self.field_patterns(type, item, True, True)
        hoisted, self.hoisted = self.hoisted, []
        for w in bound:
            w.python, old = w.name, w.python
            if not whole:
                self.hoisted.append(f"{w.name} = {old}")
        self.scope += bound
        sure, self.sure = self.sure, True  # the one that sends would go on
        added = self.expression(result, 3)
        self.scope, self.sure = scope, sure
        inner, self.hoisted = self.hoisted, hoisted
        fold = self.fresh("body")
        self.hoist([f"def {fold}({item}):", *("    " + line for line in inner), f"    return {added.python}"])
        self.line(f"for await {pattern} in {channel} {{ {total.name} = {total.name} - ({added.text}); }}")
        self.twin(f"for {item} in [{function}(i)[0] for i in range({n})]: {total.python} = {result.name}.sub({total.python}, {fold}({item}))")
        self.line(f"await {future};")

    def statement_gather(self, depth):
        """A task for each record of an array, or one for a record, that it is lent while this one goes on."""
        rng = self.rng
        readers = [r for r in self.readers if r[6] and not r[5] and self.weight > 6 * r[4]]
        pairs = [(r, v) for r in readers for v in self.scope if v.name.isidentifier() and not getattr(v, "fields", False)
                 and (v.type is r[1] or same(v.type, Array(r[1])))]
        if not pairs:
            return
        (name, type, second, result, weight, _, _), v = rng.choice(pairs)
        self.weight -= 6 * weight
        sure, self.sure = self.sure, True
        other = self.expression(second, 2)
        self.sure = sure
        future, item, root = self.fresh("t"), self.fresh("q"), v.name
        if isinstance(v.type, Array):
            self.both(f"let {future} = [for {item} in {root} => async {name}({item}, {other.text})];",
                      f"{future} = [{name}({item}, {other.python}) for {item} in {v.python}]")
        else:
            self.both(f"let {future} = async {name}({root}, {other.text});", f"{future} = {name}({v.python}, {other.python})")
        self.during(rng.randint(0, 2), depth - 1, [], [w for w in self.scope if owns(w.type)])
        if isinstance(v.type, Array):
            return self.owner(Array(result), f"await {future}", future, False)
        w = self.declare(result, "w")
        self.both(f"let {w.name} = await {future};", f"{w.python} = {future}")

    def statement_carry(self, depth):
        """An `async` block takes a record or an array with `move`, changes it and gives it back."""
        rng = self.rng
        some = [v for v in self.own_variables() if v.open and v.name.startswith("o") and v.name.isidentifier() and owns(v.type)]
        if not some or not self.keeps or self.tries or self.pending or self.futures:
            return
        v = rng.choice(some)
        future, q = self.fresh("t"), Var(self.fresh("q"), None, v.type, True, v.length, v.least)
        q.python, q.open, q.count = q.name, True, v.count
        self.scope.remove(v)
        scope = self.scope
        self.both(f"let {future} = async {{", "if True:")
        self.indent, self.twin_indent = self.indent + 1, self.twin_indent + 1
        self.both(f"let mut {q.name} = {rng.choice(self.keeps)}(move {v.name});", f"{q.python} = {v.python}")
        self.indent, self.twin_indent = self.indent - 1, self.twin_indent - 1
        self.scope = [self.frozen(w) for w in scope] + [q]
        self.in_task(lambda: self.scoped(rng.randint(1, 3), depth - 1))
        self.line(f"    {q.name}")
        self.line("};")
        self.scope = scope
        self.owner(v.type, f"await {future}", q.python, rng.random() < 0.7, v.count)
