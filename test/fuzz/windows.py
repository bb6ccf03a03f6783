"""Views of fields and elements that are arrays; launches over them."""

import re

from expressions import Var
from lending import Place
from owners import Owner
from values import INTS, Array

I64 = INTS["i64"]


class Windows:
    def parts(self, mutable):
        """Places that are arrays of numbers, of any extents: text, Python, the variable that they belong to."""
        found = []
        for v in self.scope:
            if mutable and not v.mutable or getattr(v, "fields", False) or not v.name.isidentifier():
                continue
            places = [(v.name, v.python, v.type)] if isinstance(v.type, Owner) else []
            if isinstance(v.type, Array) and isinstance(v.type.element, Owner):
                places = [(f"{v.name}[{k}]", f"{v.python}[{k}]", v.type.element) for k in range(v.count)]
            for text, python, type in places:
                found += [(f"{text}.{n}", f"{python}[{k}]", part.element, v) for k, (n, part) in enumerate(type.fields)
                          if isinstance(part, Array) and part.element in self.numbers]
            if isinstance(v.type, Array) and v.open and v.type.element in self.numbers and v.type.rank == 1:
                found.append((v.name, v.python, v.type.element, v))
        return found

    def apart(self, root, mutable):
        """The scope while a part of `root` is lent."""
        name = root.name.split(".")[0].split("[")[0]
        same = [w for w in self.scope if w.name.split(".")[0].split("[")[0] == name]
        return [self.frozen(w) if w in same else w for w in self.scope if not (mutable and w in same)]

    def statement_window(self, depth):
        """`let mut v = o[1].a[1..]`, in a block of its own; a range that is not there rejects."""
        rng = self.rng
        mutable = rng.random() < 0.5
        found = self.parts(mutable)
        if not found:
            return
        self.host = True
        text, python, element, root = rng.choice(found)
        low, over = 0, ".."
        if not self.sure and rng.random() < 0.6 and text != root.name and not re.search(r"\.\d+$", text):  # else its extent may be known
            low = rng.randint(0, 2)
            high = low + rng.randint(0, 2) if rng.random() < 0.5 else None
            over = f"{low}..{'' if high is None else high}"
            self.rejecting = True
        end = f"len({python})" if over.endswith("..") else str(high)
        name, scope = self.fresh("v"), self.scope
        self.scope = self.apart(root, mutable)
        self.line("{")
        self.indent += 1
        self.both(f"let {'mut ' if mutable else ''}{name} = {text}[{over}];", f"{name} = part({python}, {low}, {end})")
        self.indent -= 1
        self.twin_indent -= 1
        self.scope.append(Var(name, name, Array(element), mutable, (0,), True))
        self.scoped(rng.randint(1, 3), depth - 1)
        self.twin_indent += 1
        self.line("}")
        self.scope = scope

    def statement_misfit(self, depth):
        """A view is lent to a function that may exchange the array: it keeps its extent."""
        rng = self.rng
        takers = [t for t in self.fitting(False) if isinstance(t.type, Array) and t.type.element in self.numbers]
        pairs = [(t, v) for t in takers for v in self.owners(True) if v.type.rank == 1 and v.type.element is t.type.element]
        if self.sure:
            return
        targets = [v for v in self.owners(True) if v.type.rank == 1 and v.type.element in self.numbers]
        if self.pushes and targets and (not pairs or rng.random() < 0.3):
            v = rng.choice(targets)
            view, _ = self.view_of(v)
            scope, self.scope = self.scope, [w for w in self.scope if w is not v]
            value = self.expression(v.type.element, 2)
            self.scope = scope
            self.rejecting = True
            return self.both(f"{rng.choice(self.pushes)}(mut {view.text}, {value.text});",
                             f"assigned({view.python}, copied({view.python}) + [{value.python}])")
        if not pairs:
            return
        taker, v = rng.choice(pairs)
        view, _ = self.view_of(v)
        text, python = self.call_of(taker, Place(v.type, view.text, f"Window({view.python})", v))
        self.rejecting = True
        self.both(f"{text};", python)

    def statement_part_launch(self, depth):
        """A kernel over an array that is part of a record; at times while this task goes on."""
        rng = self.rng
        found = [p for p in self.parts(True) if self.weight > 200]
        if not found or not self.generic_kernels:
            return
        text, python, element, root = rng.choice(found)
        sources = [v for v in self.arrays(element) if v.type.rank == 1 and v.length and v.length[0] and v.name.isidentifier() and v is not root]
        self.weight -= 20
        x, name = rng.choice(sources or [self.array(element, [rng.randint(1, 3)])]), rng.choice(self.generic_kernels)
        sure, self.sure = self.sure, True
        a = self.expression(element, 2)
        self.sure = sure
        call, twin = f"{name}({a.text}, {x.name}, mut {text})", f"{name}({element.name}, {a.python}, {x.python}, {python})"
        if rng.random() < 0.5:
            return self.both(f"await {call};", twin)
        future = self.fresh("t")
        self.both(f"let {future} = async {call};", twin)
        self.during(rng.randint(0, 2), depth - 1, [root], [x])
        self.line(f"await {future};")

    def statement_part_body(self, depth):
        """`await each i in len(o.a) { o.a[i] = ...; }`, which reads the plain fields of `o`."""
        rng = self.rng
        found = [p for p in self.parts(True) if self.weight > 300 and (isinstance(p[3].type, Owner) or p[0] == p[3].name)]
        if not found:
            return
        text, python, element, root = rng.choice(found)
        x = Var(self.fresh("x"), None, I64)
        x.python = x.name
        own = Var(f"{text}[{x.name}]", f"{python}[{x.name}]", element, True)
        sure, self.sure = self.sure, True
        scope, weight, self.weight = self.scope, self.weight, self.weight // 20
        kept = self.place, self.quiet, self.result, self.loops
        fields = self.frozen(root)
        fields.fields = True
        self.both(f"await each {x.name} in len({text}) {{", f"for {x.python} in range(len({python})):")
        self.place, self.quiet, self.result, self.loops = "device", True, None, 0
        self.scope = [w for w in self.apart(root, True)] + ([fields] if isinstance(root.type, Owner) else []) + [x, own]
        self.scope = [w if w is own else self.frozen(w) for w in self.scope]
        self.indent, self.twin_indent, self.nested = self.indent + 1, self.twin_indent + 1, self.nested + 1
        self.statements(rng.randint(0, 1), 1)
        self.write(own)
        self.indent, self.twin_indent, self.nested = self.indent - 1, self.twin_indent - 1, self.nested - 1
        self.place, self.quiet, self.result, self.loops = kept
        self.scope, self.sure, self.weight = scope, sure, weight - 100
        self.line("}")
