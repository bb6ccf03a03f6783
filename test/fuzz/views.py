"""Views: parts of arrays, named or on the spot, read, written and lent; `chunks`, `split`, `reshape`, rows."""

from expressions import E, Var
from values import Array


class Views:
    def view_of(self, v, rank=1):
        """A view of a variable's array as an expression, and its extents; None if there is none of that rank."""
        rng = self.rng
        extents, n = v.length, v.name
        low = rng.randint(0, extents[0])
        high = rng.randint(low, extents[0])
        text = rng.choice([f"{low}..{high}"] + ([f"{low}.."] if high == extents[0] and not v.least else []) + ([f"..{high}"] if low == 0 else []))
        if len(extents) == 1:
            return (E(f"{n}[{text}]", f"part({v.python}, {low}, {high})"), (high - low,)) if rank == 1 else None
        if len(extents) > 2 or not all(extents):
            return None
        h, w = extents
        if rank == 2:
            left = rng.randint(0, w)
            right = rng.randint(left, w)
            if rng.random() < 0.5:
                return E(f"{n}[{text}]", f"part({v.python}, {low}, {high})"), (high - low, w)
            return (E(f"{n}[{text}, {left}..{right}]", f"columns(part({v.python}, {low}, {high}), {left}, {right})"),
                    (high - low, right - left))
        r, c = rng.randrange(h), rng.randrange(w)
        kind = rng.randrange(4)
        if kind == 0:
            return E(f"{n}[{r}]", f"{v.python}[{r}]"), (w,)
        if kind == 1:
            return E(f"{n}[{r}, {c}..]", f"part({v.python}[{r}], {c}, {w})"), (w - c,)
        if kind == 2:
            return E(f"{n}[.., {c}]", f"Column({v.python}, {c})"), (h,)
        return E(f"{n}[{text}, {c}]", f"Column(part({v.python}, {low}, {high}), {c})"), (high - low,)

    def indexed_view(self, type, depth):
        """An element of a view on the spot."""
        arrays = [v for v in self.arrays(type) if v.length and all(v.length)]
        if not arrays:
            return None
        found = self.view_of(self.rng.choice(arrays))
        if not found or not found[1][0]:
            return None
        view, (n,) = found
        inside = [w for w in self.scope if getattr(w, "below", 1 << 62) <= n]
        if inside and self.rng.random() < 0.6:
            k = self.rng.choice(inside)
            return E(f"{view.text}[{k.name}]", f"{view.python}[{k.python}]")
        k = self.rng.randrange(n)
        return E(f"{view.text}[{k}]", f"{view.python}[{k}]")

    def lent(self, v, least, mutable=False):
        """An array as an argument: the whole of it, or a view that has at least so many elements."""
        mark = "mut " if mutable else ""
        if self.rng.random() < 0.4 and v.name.isidentifier():
            found = self.view_of(v)
            if found and found[1][0] >= least:
                return E(mark + found[0].text, found[0].python)
        return E(mark + v.name, v.python)

    def without(self, v, mutable):
        """The scope while a view of `v` lives."""
        frozen = [] if mutable else [self.frozen(v)]
        return [w for w in self.scope if w is not v] + frozen

    def owners(self, mutable=False):
        return [v for v in self.scope if isinstance(v.type, Array) and v.type.rank <= 2 and v.length and all(v.length)
                and v.name.isidentifier() and (v.mutable or not mutable)]

    def statement_view(self, depth):
        """A named view, in a block of its own."""
        rng = self.rng
        mutable = rng.random() < 0.5 and self.place != "device"
        owners = self.owners(mutable)
        if not owners:
            return
        v = rng.choice(owners)
        rank = rng.randint(1, v.type.rank)
        found = self.view_of(v, rank)
        if not found:
            return
        view, extents = found
        scope, self.scope = self.scope, self.without(v, mutable)
        name = self.fresh("v")
        self.line("{")
        self.indent += 1
        self.both(f"let {'mut ' if mutable else ''}{name} = {view.text};", f"{name} = {view.python}")
        self.indent -= 1
        self.twin_indent -= 1
        self.scope.append(Var(name, name, Array(v.type.element, rank), mutable, extents))
        self.scoped(rng.randint(1, 3), depth - 1)
        self.twin_indent += 1
        self.line("}")
        self.scope = scope

    def statement_split(self, depth):
        rng = self.rng
        mutable = rng.random() < 0.6 and self.place != "device"
        owners = [v for v in self.owners(mutable) if v.type.rank == 1]
        if not owners:
            return
        v = rng.choice(owners)
        at = rng.randint(0, v.length[0])
        scope, self.scope = self.scope, self.without(v, mutable)
        a, b, mark = self.fresh("v"), self.fresh("v"), "mut " if mutable else ""
        self.line("{")
        self.indent += 1
        self.both(f"let ({mark}{a}, {mark}{b}) = split({mark}{v.name}, {at});",
                  f"{a}, {b} = part({v.python}, 0, {at}), part({v.python}, {at}, {v.length[0]})")
        self.indent -= 1
        self.twin_indent -= 1
        self.scope += [Var(a, a, v.type, mutable, (at,)), Var(b, b, v.type, mutable, (v.length[0] - at,))]
        self.scoped(rng.randint(1, 3), depth - 1)
        self.twin_indent += 1
        self.line("}")
        self.scope = scope

    def statement_chunks(self, depth):
        """A loop over `chunks`, in order or with a task each."""
        rng = self.rng
        mutable = rng.random() < 0.6 and self.place != "device"
        owners = [v for v in self.owners(mutable) if v.type.rank == 1]
        if not owners or self.weight < 400:
            return
        v = rng.choice(owners)
        n = v.length[0]
        length = rng.randint(max(1, n // 4), n + 1)
        count = -(-n // length)
        name, mark = self.fresh("v"), "mut " if mutable else ""
        concurrent = self.place == "async" and rng.random() < 0.5
        scope, self.scope = self.scope, self.without(v, mutable)
        if concurrent:
            self.freeze()
        self.scope.append(Var(name, name, v.type, mutable, (n - (count - 1) * length,), least=True))
        weight, self.weight = self.weight, self.weight // (count + 1)
        head = f"{mark}{name} in chunks({mark}{v.name}, {length})"
        twin = f"for {name} in parts({v.python}, {length}):"
        if concurrent:
            limit = f" limit {rng.randint(1, 5)}" if rng.random() < 0.7 else ""
            self.both(f"async for {head}{limit} {{", twin)
            self.in_task(lambda: self.scoped(rng.randint(1, 3), depth - 1))
        else:
            self.both(f"for {head} {{", twin)
            self.loops += 1
            self.scoped(rng.randint(1, 3), depth - 1)
            self.loops -= 1
        self.line("}")
        self.scope, self.weight = scope, weight - 100

    def statement_rows(self, depth):
        """`for row in m`, whose rows are read only."""
        owners = [v for v in self.owners() if v.type.rank == 2]
        if not owners or self.weight < 400:
            return
        v = self.rng.choice(owners)
        name = self.fresh("v")
        scope, self.scope = self.scope, self.without(v, False)
        self.scope.append(Var(name, name, Array(v.type.element), False, v.length[1:]))
        weight, self.weight = self.weight, self.weight // (v.length[0] + 1)
        self.both(f"for {name} in {v.name} {{", f"for {name} in {v.python}:")
        self.loops += 1
        self.scoped(self.rng.randint(1, 2), depth - 1)
        self.loops -= 1
        self.line("}")
        self.scope, self.weight = scope, weight - 50

    def statement_reshape(self, depth):
        self.host = True
        owners = [v for v in self.owners() if v.length[0] <= 64 and not v.least]
        if not owners:
            return
        v = self.rng.choice(owners)
        n = 1
        for extent in v.length:
            n *= extent
        extents = (n,)
        if self.rng.random() < 0.6:
            h = self.rng.choice([h for h in range(1, n + 1) if n % h == 0])
            extents = (h, n // h)
        w = self.declare(Array(v.type.element, len(extents)), mutable=self.rng.random() < 0.6, length=extents)
        self.both(f"let {'mut ' if w.mutable else ''}{w.name}: {w.type.name} = reshape({v.name}, {', '.join(map(str, extents))});",
                  f"{w.python} = reshaped({v.python}, {', '.join(map(str, extents))})")

    def statement_transfer(self, depth):
        """`x[..] = y`: elements copied into a view, of another array or of another part of the same one."""
        targets = self.owners(True)
        if not targets:
            return
        v = self.rng.choice(targets)
        found = self.view_of(v)
        if not found or found[0].text == v.name:
            return
        target, extents = found
        sources = [w for w in self.owners() if w.type.element is v.type.element]
        for w in self.rng.sample(sources, min(4, len(sources))):
            source = self.view_of(w)
            if source and source[1] == extents:
                return self.both(f"{target.text} = {source[0].text};", f"assigned({target.python}, {source[0].python})")
        if 0 < extents[0] < 6 and v.type.element in self.numbers:
            element = self.leaf(v.type.element)
            self.host = True
            text, python = ", ".join([element.text] * extents[0]), ", ".join([element.python] * extents[0])
            self.both(f"{target.text} = [{text}];", f"assigned({target.python}, [{python}])")
