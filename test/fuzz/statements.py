"""Statements that tasks, functions and kernels have in common."""

import re

from expressions import Var
from values import BOOL, INTS, Array, Float, Int, Struct, Tuple

I64 = INTS["i64"]

# what some programs have much of
THEME = {"record", "pool", "buffer", "set", "grow", "lend", "hold", "half", "over", "choose", "comprehend", "destructure", "zipped",
         "relay", "crowd", "parcel", "window", "part_launch", "part_body", "gather", "carry", "misfit"}


class Statements:
    def statements(self, count, depth):
        for _ in range(count):
            self.statement(depth)

    def scoped(self, count, depth):
        """The statements of a block, whose variables and futures end with it."""
        scope, outside = list(self.scope), self.outside
        self.outside = scope
        futures, self.futures = self.futures, []
        self.pending += len(futures)
        self.indent += 1
        self.twin_indent += 1
        self.nested += 1
        before = len(self.python)
        self.statements(count, depth)
        self.settle()
        new = [w for w in self.scope if w not in scope]
        if new and self.place == "async" and self.result is None and not self.quiet:
            self.show(new)  # else what the block computes would often go unseen
        if len(self.python) == before:
            self.twin("pass")
        self.nested -= 1
        self.indent -= 1
        self.twin_indent -= 1
        self.covered = {w.name for w in self.scope if w not in scope}
        self.scope, self.outside = scope, outside
        self.futures = futures
        self.pending -= len(futures)

    def statement(self, depth):
        rng = self.rng
        kinds = ["let"] * 5 + ["assign"] * 5 + ["composite", "pattern", "decide", "update", "update", "vec", "set", "lend", "lend", "lapse"]
        if self.place != "device":
            kinds += ["array"] * 2 + ["store"] * 3 + ["text", "duration", "records", "member", "transfer", "reshape", "change", "owner", "replaced",
                                                          "ragged", "given", "given", "record", "pool", "buffer", "set", "set", "grow", "grow", "lend",
                      "comprehend", "destructure", "zipped", "misfit"]
        if depth > 0:
            kinds += ["if"] * 2 + ["for", "while", "match", "view", "split", "chunks", "rows"]
            kinds += ["try", "over", "over", "choose", "window"] if self.place != "device" else []
        if self.place == "async":
            kinds += ["start", "start", "join", "each", "each", "scan", "kernel", "kernel", "block", "atomic", "reduce", "arg", "body",
                      "body", "futures", "channel", "overlap", "writer", "tasks", "race", "late", "failing", "agree", "generic_kernel", "atomic",
                      "parcels", "collect", "hold", "hold", "half", "half", "relay", "crowd", "parcel", "part_launch",
                      "part_body", "gather", "gather", "carry", "carry"]
        if self.place == "async" and self.result is None and not self.quiet:
            kinds += ["show"]
        if not self.sure:
            kinds += ["fail"]
        if self.result is not None and depth < 2:
            kinds += ["return"]
        if self.theme and rng.random() < 0.5:
            kinds = [kind for kind in kinds if kind in THEME] or kinds
        getattr(self, "statement_" + rng.choice(kinds))(depth)
        self.hoisted = []  # of an expression that found no use

    def statement_let(self, depth):
        type = self.scalar()
        value = self.expression(type, 4)
        v = self.declare(type, mutable=self.rng.random() < 0.6)
        written = f": {type.name}" if self.rng.random() < 0.5 or value.level == 0 else ""
        if not v.mutable and self.rng.random() < 0.1:
            return self.both(f"const {v.name}{written} = {value.text};", f"{v.python} = {value.python}")
        self.both(f"let {'mut ' if v.mutable else ''}{v.name}{written} = {value.text};", f"{v.python} = {value.python}")

    def statement_composite(self, depth):
        rng = self.rng
        type = rng.choice(self.types) if self.types and rng.random() < 0.6 else self.pair()
        value = self.expression(type, 3)
        v = self.declare(type, mutable=rng.random() < 0.5)
        self.both(f"let {'mut ' if v.mutable else ''}{v.name}: {type.name} = {value.text};", f"{v.python} = {value.python}")

    def statement_update(self, depth):
        targets = [v for v in self.scope if v.mutable and isinstance(v.type, (Struct, Tuple))]
        if not targets:
            return
        v = self.rng.choice(targets)
        members = v.type.fields if isinstance(v.type, Struct) else [(str(k), m) for k, m in enumerate(v.type.members)]
        k = self.rng.randrange(len(members))
        value = self.expression(members[k][1], 3)
        self.both(f"{v.name}.{members[k][0]} = {value.text};", f"{v.python} = updated({v.python}, {k}, {value.python})")

    def statement_assign(self, depth):
        targets = [v for v in self.scope if v.mutable and (isinstance(v.type, (Int, Float)) or v.type is BOOL)]
        if targets:
            v = self.rng.choice(targets)
            self.assign(v, self.expression(v.type, 4))

    def assign(self, v, value):
        self.both(*self.assignment(v, value))

    def assignment(self, v, value):
        """`v = value` or an `op=`; `+=` and `-=` fuse with a product."""
        rng = self.rng
        name = v.type.name
        if v.type is BOOL or rng.random() < 0.4:
            return f"{v.name} = {value.text};", f"{v.python} = {value.python}"
        if isinstance(v.type, Int):
            op, method = rng.choice([("+", "add"), ("-", "sub"), ("*", "mul"), ("&", "band"), ("|", "bor"), ("^", "bxor"), ("<<", "shl"),
                                     (">>", "shr"), ("/", "div"), ("%", "rem")])
            if op in "/%" and not re.fullmatch(r"\([1-9]\d*\)", value.python):  # which may be 0
                if self.sure:
                    op, method = "-", "sub"
                else:
                    self.rejecting = True
        else:
            op, method = rng.choice([("+", "add"), ("-", "sub"), ("*", "mul"), ("+", "add"), ("-", "sub"), ("/", "div"), ("%", "rem")])
        python = f"{name}.{method}({v.python}, {value.python})"
        if value.product and op in "+-":
            python = f"{name}.{'fmac' if op == '+' else 'fnma'}({v.python}, {', '.join(value.product)})"
        return f"{v.name} {op}= {value.text};", f"{v.python} = {python}"

    def statement_change(self, depth):
        """A call of a function that changes an array."""
        functions = [f for f in self.functions if f.flavour == "plain" and any(p.mutable for p in f.parameters) and self.weight > f.weight]
        if not functions:
            return
        f = self.rng.choice(functions)
        arguments = self.arguments(f, 2)
        if arguments is None:
            return
        self.weight -= f.weight
        self.host |= f.host
        v = self.declare(f.result)
        self.both(f"let {v.name} = {f.name}({arguments[0]});", f"{v.python} = {f.name}({arguments[1]})")

    def statement_array(self, depth):
        rng = self.rng
        self.host = True
        type = self.number()
        if rng.random() < 0.3:
            h, w = rng.randint(1, 3), rng.randint(1, 4)
            value = self.expression(type, 1)
            v = self.declare(Array(type, 2), mutable=rng.random() < 0.7, length=(h, w))
            written = f": {type.name}[_, _]"
            return self.both(f"let {'mut ' if v.mutable else ''}{v.name}{written} = full({value.text}, {h}, {w});",
                             f"{v.python} = grid({value.python}, {h}, {w})")
        kind = rng.random()
        if kind < 0.4:
            elements = [self.expression(type, 2) for _ in range(rng.randint(1, 5))]
            v = self.declare(Array(type), mutable=rng.random() < 0.7, length=(len(elements),))
            text, python = ", ".join(e.text for e in elements), ", ".join(e.python for e in elements)
            text, python = f"[{text}]", f"[{python}]"
        elif kind < 0.7:
            n = rng.randint(1, 40)
            value = self.expression(type, 1)
            v = self.declare(Array(type), mutable=rng.random() < 0.7, length=(n,))
            text, python = f"full({value.text}, {n})", f"[{value.python}] * {n}"
            if rng.random() < 0.2:
                text, python = f"zeros<{type.name}>({n})", f"[{'0.0' if isinstance(type, Float) else '0'}] * {n}"
        else:
            others = self.arrays(type)
            if not others:
                return
            other = rng.choice(others)
            v = self.declare(other.type, mutable=rng.random() < 0.7, length=other.length)
            v.least = other.least
            text, python = f"copy({other.name})", f"copied({other.python})"
        written = f": {type.name}[{', '.join(['_'] * v.type.rank)}]"
        self.both(f"let {'mut ' if v.mutable else ''}{v.name}{written} = {text};", f"{v.python} = {python}")

    def statement_store(self, depth):
        rng = self.rng
        targets = [v for v in self.scope if v.mutable and isinstance(v.type, Array) and v.length and all(v.length)
                   and v.type.element in self.numbers]
        if not targets:
            return
        v = rng.choice(targets)
        sure = self.sure
        self.sure |= rng.random() < 0.5
        subscripts = self.subscript(v, 2)
        self.sure = sure or not self.sure  # whether a subscript or the value rejects first is left open
        value = self.expression(v.type.element, 3)
        self.sure = sure
        text = ", ".join(s.text for s in subscripts)
        python = ", ".join(s.python for s in subscripts)
        if rng.random() < 0.6:
            temporaries = ", ".join(self.fresh("s") for _ in subscripts)
            return self.both(f"{v.name}[{text}] = {value.text};",
                             f"{temporaries}, = {python},; store({v.python}, {value.python}, {temporaries})")
        element = v.type.element
        op, method = rng.choice([("+", "add"), ("-", "sub"), ("*", "mul")])
        update = f"{element.name}.{method}({{old}}, {value.python})"
        if value.product and op in "+-":
            update = f"{element.name}.{'fmac' if op == '+' else 'fnma'}({{old}}, {', '.join(value.product)})"
        temporaries = [self.fresh("s") for _ in subscripts]
        places = ", ".join(temporaries)
        old = f"element({v.python}, {places})"
        self.both(f"{v.name}[{text}] {op}= {value.text};",
                  f"{places}, = {python},; store({v.python}, {update.format(old=old)}, {places})")

    def statement_if(self, depth):
        condition = self.bool(3)
        self.both(f"if {condition.text} {{", f"if {condition.python}:")
        self.scoped(self.rng.randint(1, 3), depth - 1)
        if self.rng.random() < 0.5:
            self.line("} else {")
            self.python.append("    " * self.twin_indent + "else:")
            self.scoped(self.rng.randint(1, 3), depth - 1)
        self.line("}")

    def statement_match(self, depth):
        subjects = [v for v in self.scope if isinstance(v.type, Int)]
        if not subjects:
            return
        v = self.rng.choice(subjects)
        cut = self.rng.randint(0, 9)
        suffix = "" if v.type.name == "i64" else v.type.name
        subject = self.fresh("m")
        self.both(f"match {v.name} {{", f"{subject} = {v.python}")
        self.indent += 1
        self.both(f"{cut}{suffix} | {cut + 1}{suffix} => {{", f"if {subject} in ({cut}, {cut + 1}):")
        self.scoped(2, depth - 1)
        bound = self.fresh("v")
        self.line("}")
        self.both(f"{bound} if {bound} > {cut + 1}{suffix} => {{", f"elif {subject} > {cut + 1}:")
        self.scope.append(Var(bound, subject, v.type))
        self.scoped(2, depth - 1)
        self.scope.pop()
        self.both("}", "else:")
        self.line("_ => {")
        self.scoped(1, depth - 1)
        self.line("}")
        self.indent -= 1
        self.line("}")

    def statement_for(self, depth):
        rng = self.rng
        n = rng.randint(0, 5)
        arrays = [v for v in self.scope if isinstance(v.type, Array) and v.type.rank == 1 and v.length and v.length[0] <= 40
                  and not (self.place == "device" and getattr(v, "row", False))]
        weight, self.weight = self.weight, self.weight // max(n, 1)
        scope = list(self.scope)
        if arrays and rng.random() < 0.3 and self.weight > 100:
            v = rng.choice(arrays)
            item = Var(self.fresh("v"), None, v.type.element)
            item.python = item.name
            if self.place != "device" and (rng.random() < 0.5 or not v.name.isidentifier()):
                self.host = True
                self.both(f"for {item.name} in copy({v.name}) {{", f"for {item.python} in copied({v.python}):")
            else:
                self.both(f"for {item.name} in {v.name} {{", f"for {item.python} in {v.python}:")
                self.scope = self.without(v, False)
            self.weight //= 40
        else:
            item = Var(self.fresh("x"), None, I64)
            item.python, item.below = item.name, max(n, 1)
            low = self.rng.randint(0, 2)
            over = f"{low}..{n}" if rng.random() < 0.8 else f"({low}..{n})"
            self.both(f"for {item.name} in {over} {{", f"for {item.python} in range({low}, {n}):")
        self.scope.append(item)
        self.loops += 1
        self.scoped(rng.randint(1, 3), depth - 1)
        self.jump(depth)
        self.loops -= 1
        self.scope = scope
        self.line("}")
        self.weight = weight - 50

    def jump(self, depth):
        """Sometimes ends an iteration early, as its last statement."""
        if self.rng.random() < 0.3:
            word = self.rng.choice(["break", "continue"])
            self.indent += 1
            self.twin_indent += 1
            scope = list(self.scope)
            self.scope = [w for w in scope if w.name not in self.covered]
            condition = self.bool(2)
            self.both(f"if {condition.text} {{ {word}; }}", f"if {condition.python}: {word}")
            self.scope = scope
            self.indent -= 1
            self.twin_indent -= 1

    def statement_while(self, depth):
        counter = self.fresh("c")
        rounds = self.rng.randint(1, 4)
        condition = self.bool(2)
        self.both(f"let mut {counter} = 0;", f"{counter} = 0")
        limit = f"{counter} < {rounds}"
        weight, self.weight = self.weight, self.weight // (rounds + 1)
        # what the condition hoists must be there in each round: it reads variables, so once before the loop is enough
        self.both(f"while ({limit}) && ({condition.text}) {{", f"while {limit} and ({condition.python}):")
        self.indent += 1
        self.twin_indent += 1
        self.both(f"{counter} += 1;", f"{counter} += 1")
        self.indent -= 1
        self.twin_indent -= 1
        self.loops += 1
        self.scoped(self.rng.randint(1, 3), depth - 1)
        self.jump(depth)
        self.loops -= 1
        self.line("}")
        self.weight = weight - 50

    def statement_try(self, depth):
        self.host = True
        sure, self.sure = self.sure, False
        rejecting = self.rejecting
        self.both("try {", "try:")
        self.tries += 1
        self.scoped(self.rng.randint(1, 4), depth - 1)
        self.tries -= 1
        self.rejecting = rejecting
        self.sure = sure
        error = self.fresh("e")
        self.line(f"}} catch {error} {{")
        self.python.append("    " * self.twin_indent + f"except Reject as {error}_:")
        self.twin_indent += 1
        self.twin(f"{error} = str({error}_)")
        self.twin_indent -= 1
        self.indent += 1
        self.twin_indent += 1
        if self.place == "async" and self.result is None and not self.quiet:
            self.both(f'print("caught {{{error}.message}}");', f'out("caught " + {error})')
        self.indent -= 1
        self.twin_indent -= 1
        self.scoped(self.rng.randint(0, 2), depth - 1)
        self.line("}")

    def statement_fail(self, depth):
        condition = self.bool(2)
        values = [v for v in self.scope if isinstance(v.type, (Int, Float)) and v.name.isidentifier()]
        self.rejecting = True
        if values and self.rng.random() < 0.7:
            v = self.rng.choice(values)
            self.both(f'if {condition.text} {{ fail "on purpose {{{v.name}}}"; }}',
                      f'if {condition.python}: fail("on purpose " + show_{self.show_name(v.type)}({v.python}))')
        else:
            self.both(f'assert({condition.text}, "as asserted");', f'if not ({condition.python}): fail("assertion failed: as asserted")')

    def statement_return(self, depth):
        if self.result is None or not self.nested or self.pending or self.futures:
            return
        condition, value = self.bool(2), self.expression(self.result, 3)
        self.both(f"if {condition.text} {{ return {value.text}; }}", f"if {condition.python}: return {value.python}")

    def statement_show(self, depth):
        self.show(self.rng.sample(self.scope, min(3, len(self.scope))))
