"""Reductions, on the host and within an index, over one to three indices."""

from expressions import E
from values import BOOL, INTS, Float

I64 = INTS["i64"]


def divisors(n, rng):
    """An extent that divides `n`."""
    return rng.choice([d for d in range(1, n + 1) if n % d == 0]) if n else rng.randint(0, 3)


class Reductions:
    def reduction(self, type, depth):
        """Over new indices; on the host it is awaited."""
        rng = self.rng
        if self.nested >= 2 or self.weight <= 0:
            return None
        device = self.place == "device"
        n = rng.choice([1, 2, 3, 5, 16, 17, 33]) if device else rng.choice([1, 2, 7, 16, 100, 129, 300])
        if not device and rng.random() < 0.02:
            n = rng.choice([4096, 4097, 9000])
        if rng.random() < 0.04:
            n = 0
        if self.weight < n:
            return None
        rank = rng.choice([1, 1, 1, 2, 3])
        if type is BOOL:
            op, element = rng.choice(["any", "all"]), BOOL
        elif type is I64 and rng.random() < 0.3 and rank == 1:
            op, element = rng.choice(["argmin", "argmax"]), rng.choice([INTS["i32"], I64])
        else:
            op, element = rng.choice(["sum", "product", "min", "max"]), type
        if n == 0 and op in ("min", "max", "argmin", "argmax"):
            if self.sure:
                return None
            self.rejecting = True
        header, body, values, _ = self.indexed_body(element, n, depth, rank)
        text = f"{op} each {header} => {body.text}"
        return E(f"({text})" if device else f"(await {text})", self.reduced(op, element, values))

    def reduced(self, op, element, values):
        """Python."""
        name = element.name
        if op in ("any", "all"):
            return f"{op}({values})"
        if op in ("argmin", "argmax"):
            return f"arg({values}, lambda a, b: a {'<' if op == 'argmin' else '>'} b)"
        if op in ("min", "max"):
            return f"least({values}, {name}.{op})"
        neutral = {"sum": "0", "product": "1"}[op] + (".0" if isinstance(element, Float) else "")
        return f"tree({values}, {name}.{'add' if op == 'sum' else 'mul'}, {neutral})"

    def indexed_body(self, element, n, depth, rank=1):
        """The header of an `each` over about `n` indices, its body, Python for the list of its values, the extents."""
        outer_place, self.place = self.place, "device"
        outer_hoisted, self.hoisted = self.hoisted, []
        outer_weight, self.weight = self.weight, min(self.weight // max(n, 1), 60)
        self.nested += 1
        scope = self.scope
        self.scope = [self.frozen(w) if w.mutable else w for w in scope]
        extents = [n]
        while len(extents) < rank:
            first = divisors(extents[-1], self.rng)
            extents[-1:] = [first, extents[-1] // first if first else self.rng.randint(0, 3)]
        indices = [self.declare(I64, "x") for _ in extents]
        for v, extent in zip(indices, extents):
            v.below = extent
        body = self.expression(element, min(depth - 1, 2))
        self.scope = scope
        self.nested -= 1
        self.place, self.weight = outer_place, outer_weight - n
        inner, self.hoisted = self.hoisted, outer_hoisted
        function = self.fresh("body")
        self.hoist([f"def {function}({', '.join(v.python for v in indices)}):", *("    " + line for line in inner),
                    f"    return {body.python}"])
        header = f"{indices[0].name} in {n}" if rank == 1 else \
            f"({', '.join(v.name for v in indices)}) in ({', '.join(map(str, extents))})"
        return header, body, f"[{function}(*i) for i in indices({', '.join(map(str, extents))})]", extents
