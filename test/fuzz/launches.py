"""Launches of host code: `each` with values and with bodies, reductions, scans, kernels, atomics."""

from expressions import E, Var
from kernels import map_of
from values import FLOATS, INTS, Array, Int, Tuple

I64 = INTS["i64"]


class Launches:
    def statement_each(self, depth):
        """`each i in n => value`, over one to three indices."""
        rng = self.rng
        if self.weight < 200:
            return
        element = self.element()
        n = rng.choice([0, 1, 2, 3, 7, 8, 9, 16, 31, 64, 100])
        rank = rng.choice([1, 1, 1, 2, 2, 3])
        header, body, values, extents = self.indexed_body(element, n, 3, rank)
        v = self.declare(Array(element, rank), mutable=rng.random() < 0.5, length=tuple(extents))
        on = rng.choice(["", "", " on cpu"])
        self.both(f"let {'mut ' if v.mutable else ''}{v.name}: {v.type.name} = await each {header} => {body.text}{on};",
                  f"{v.python} = nested({values}, {', '.join(map(str, extents))})")

    def statement_scan(self, depth):
        rng = self.rng
        element = self.number()
        n = rng.choice([1, 5, 16, 17, 40, 300])
        if self.weight < 2 * n:
            return
        header, body, values, _ = self.indexed_body(element, n, 3)
        v = self.declare(Array(element), mutable=rng.random() < 0.5, length=(n,))
        kinds = [("+", "add"), ("+", "add"), ("*", "mul"), ("min", "min"), ("max", "max")] \
            + ([("&", "band"), ("|", "bor"), ("^", "bxor")] if isinstance(element, Int) else [])
        op, method = rng.choice(kinds)
        function = f"{element.name}.{method}"
        reducers = [name for name, type in self.reducers if type is element]
        if reducers and rng.random() < 0.5:
            op = function = rng.choice(reducers)
        self.both(f"let {'mut ' if v.mutable else ''}{v.name}: {element.name}[_] = await scan({op}) each {header} => {body.text};",
                  f"{v.python} = scan({values}, {function})")

    def statement_reduce(self, depth):
        if not self.reducers:
            return
        name, type = self.rng.choice(self.reducers)
        n = self.rng.choice([0, 1, 2, 3, 8, 9, 100, 257])
        if self.weight < 3 * n:
            return
        init = self.expression(type, 1)
        header, body, values, _ = self.indexed_body(type, n, 3, self.rng.choice([1, 1, 2]))
        v = self.declare(type)
        self.both(f"let {v.name} = await reduce({name}, {init.text}) each {header} => {body.text};",
                  f"{v.python} = neighbours({values}, {name}, {init.python})")

    def statement_arg(self, depth):
        """`argmin` and `argmax` of floats that are no NaNs, over several indices."""
        rng = self.rng
        rank, n = rng.randint(1, 3), rng.choice([1, 6, 24, 200])
        if self.weight < 2 * n:
            return
        number, type = rng.choice([INTS["i16"], I64, INTS["u8"]]), FLOATS[rng.choice(["f32", "f64", "f16", "bf16"])]
        op = rng.choice(["argmin", "argmax"])
        header, body, values, extents = self.indexed_body(number, n, 2, rank)
        if not all(extents):
            return
        names = [self.declare(I64, "w") for _ in extents]  # which hide nothing, each other least
        python = self.reduced(op, type, f"[{type.name}.cast(e) for e in {values}]")
        lower = [extents[1] * extents[2], extents[2]] if rank == 3 else extents[1:]
        parts = ["k // {}".format(lower[0])] + (["k // {} % {}".format(extents[2], extents[1])] if rank == 3 else []) \
            + ["k % {}".format(extents[-1])] if rank > 1 else ["k"]
        text = f"({', '.join(v.name for v in names)})" if rank > 1 else names[0].name
        self.both(f"let {text} = await {op} each {header} => ({body.text}) as {type.name};",
                  f"{', '.join(v.python for v in names)}{',' if rank == 1 else ''} = (lambda k: ({', '.join(parts)},))({python})")

    # Bodies

    def statement_body(self, depth):
        """`each i in n { ... }`, which writes elements of arrays of outside."""
        rng = self.rng
        if self.weight < 600:
            return
        rank = rng.choice([1, 1, 2, 2, 3])
        extents = [rng.choice([1, 2, 3, 8, 17]) if rank == 1 else rng.randint(1, 5) for _ in range(rank)]
        indices = [Var(self.fresh("x"), None, I64) for _ in extents]
        for x, extent in zip(indices, extents):
            x.python, x.below = x.name, extent
        outputs, taken = [], []
        sure, self.sure = self.sure, self.sure or rng.random() < 0.6
        for _ in range(rng.randint(1, 2)):
            map = map_of(rng, [x.name for x in indices], [str(n) for n in extents])
            v = self.output(map, extents, taken)
            taken.append(v)
            outputs.append((v, v.type.element, map))
        header = indices[0].name if rank == 1 else f"({', '.join(x.name for x in indices)})"
        over = str(extents[0]) if rank == 1 else f"({', '.join(str(n) for n in extents)})"
        started = rng.random() < 0.4
        future = self.fresh("t")
        self.both(f"{f'let {future} = async' if started else 'await'} each {header} in {over} {{",
                  f"for {', '.join(x.python for x in indices)}, in indices({', '.join(str(n) for n in extents)}):")
        scope, weight = self.scope, self.weight
        self.scope = scope + indices
        self.indent, self.twin_indent = self.indent + 1, self.twin_indent + 1
        spent = self.body(outputs)
        self.indent, self.twin_indent = self.indent - 1, self.twin_indent - 1
        self.line("};")
        count = 1
        for extent in extents:
            count *= extent
        self.scope, self.weight = scope, weight - count * (spent + 5)
        if started:
            arrays = [w for w in self.scope if isinstance(w.type, Array)]
            self.during(rng.randint(0, 2) if self.sure else 0, depth - 1, taken, arrays)
            self.line(f"await {future};")
        self.sure = sure

    def output(self, map, extents, taken):
        """An array that a launch writes: a new one if the launch may reject, so that nothing sees it then."""
        shape = map.extents(extents)
        fitting = [v for v in self.scope if v.mutable and isinstance(v.type, Array) and v.type.rank == len(shape) and v.length
                   and all(a >= b for a, b in zip(v.length, shape)) and v not in taken and v.name.isidentifier()]
        if self.sure and fitting and self.rng.random() < 0.6:
            return self.rng.choice(fitting)
        return self.array(self.element(), shape)

    def array(self, element, shape):
        """A new one of that shape."""
        self.host = True
        value = self.expression(element, 1)
        v = self.declare(Array(element, len(shape)), "w", True, tuple(shape))  # hides none that the launch names
        self.both(f"let mut {v.name}: {v.type.name} = full({value.text}, {', '.join(map(str, shape))});",
                  f"{v.python} = grid({value.python}, {', '.join(map(str, shape))})")
        return v

    # Kernels

    def statement_kernel(self, depth):
        rng = self.rng
        kernels = [k for k in self.kernels if not (self.sure and k.rejects)]
        if not kernels:
            return
        k = rng.choice(kernels)
        sizes = [rng.choice([1, 2, 7, 16, 40]) if k.rank == 1 else rng.randint(1, 5) for _ in range(k.rank)]
        count = 1
        for size in sizes:
            count *= size
        if self.weight < count * k.weight + 100:
            return
        inputs = []
        for x in k.inputs:
            fitting = [v for v in self.arrays(x.type.element) if v.type.rank == 1 and v.length[0] and v.name.isidentifier()]
            inputs.append(rng.choice(fitting) if fitting else self.array(x.type.element, [rng.randint(1, 5)]))
        self.weight -= count * k.weight
        sure, self.sure = self.sure, not k.rejects
        outputs = []
        for element, map in k.outputs:
            outputs.append(self.kernel_output(element, map.extents(sizes), inputs + outputs))
        self.sure = sure
        scalars = [self.expression(s.type, 2) for s in k.scalars]
        self.rejecting |= k.rejects
        numbers = [str(size) for size in sizes]
        lent = [self.lent(v, v.length[0]) for v in inputs]
        texts = [e.text for e in scalars + lent] + ([] if getattr(k, "bound", False) else numbers) + [f"mut {v.name}" for v in outputs]
        pythons = [e.python for e in scalars + lent] + numbers + [v.python for v in outputs]
        call = f"{k.name}({', '.join(texts)})"
        twin = f"{k.name}({', '.join(pythons)})"
        on = rng.choice(["", "", "", " on cpu"])
        if k.result:
            v = self.declare(Array(k.result), mutable=rng.random() < 0.5, length=(sizes[0],))
            return self.both(f"let {'mut ' if v.mutable else ''}{v.name} = await {call}{on};", f"{v.python} = {twin}")
        if rng.random() < 0.5:
            return self.both(f"await {call}{on};", twin)
        future = self.fresh("t")
        self.both(f"let {future} = async {call}{on};", f"{future} = started({k.name}, {', '.join(pythons)})")
        self.during(rng.randint(0, 2), depth - 1, outputs, inputs)
        self.both(f"await {future};", f"joined({future})")

    def kernel_output(self, element, shape, taken):
        """An array of exactly that shape."""
        fitting = [v for v in self.arrays(element) if v.mutable and v.length == tuple(shape) and not v.least and v not in taken and v.name.isidentifier()]
        if self.sure and fitting and self.rng.random() < 0.7:
            return self.rng.choice(fitting)
        return self.array(element, shape)

    # Atomics

    def statement_atomic(self, depth):
        """Elements that any index may add to, or lower, or raise."""
        rng = self.rng
        op = rng.choice(["+", "min", "max"])
        type = rng.choice(list(INTS.values()) + ([FLOATS["f32"], FLOATS["f64"]] if op != "+" else []))
        n, bins, w = rng.choice([7, 64, 500]), rng.randint(1, 9), rng.randint(1, 3)
        rank = rng.randint(1, 2)
        if self.weight < 3 * n:
            return
        sure, self.sure = self.sure, True
        shape = [bins, w][:rank]
        first = rng.randint(0, 9)  # near zero, where orders that differ by the sign tell
        start = E(f"{first}{type.name}", str(first)) if isinstance(type, Int) else self.literal(type)
        v = self.declare(Array(type, rank), mutable=True, length=tuple(shape))
        self.both(f"let mut {v.name}: {v.type.name} = full({start.text}, {', '.join(map(str, shape))});",
                  f"{v.python} = grid({start.python}, {', '.join(map(str, shape))})")
        self.scope.remove(v)
        header, body, values, _ = self.indexed_body(Tuple([I64, type]), n, 2)
        self.scope.append(v)
        self.sure = sure
        index = header.split()[0]
        bin, value = self.fresh("v"), self.fresh("v")
        second = f", {index} % {w}" if rank == 2 else ""
        change, twin = value, value
        if isinstance(type, Int):  # of both signs
            change, twin = f"{value} - {index} as {type.name}", f"{type.name}.sub({value}, {type.name}.cast({index}))"
        self.line(f"await each {header} {{ let ({bin}, {value}) = {body.text}; "
                  f"atomic {v.name}[({bin} as u64 % {bins}) as i64{second}] {op}= {change}; }};")
        self.twin(f"for {index}, ({bin}, {value}) in enumerate({values}):")
        target = f"{v.python}[u64.cast({bin}) % {bins}]" + (f"[{index} % {w}]" if rank == 2 else "")
        method = "add" if op == "+" else op
        self.twin(f"    {target} = {type.name}.{method}({target}, {twin})")
