"""Random programs without anything that the reference leaves open, each as Awg text and as Python that prints the same.

    python3 generate.py SEED > program.awg
"""

import random
import sys

from expressions import E, Expressions, Var
from more import More
from values import BOOL, FLOATS, INTS, Array, Enum, Float, Int, Struct, Tuple

I64 = INTS["i64"]


class Function:
    """What calls must know: whether it may reject, whether only the host can run it, about how much it does."""

    def __init__(self, name, flavour, parameters, result, weight, rejects=False, host=False):
        self.name, self.flavour, self.parameters, self.result = name, flavour, parameters, result
        self.weight, self.rejects, self.host = weight, rejects, host


class Generator(More, Expressions):
    """Makes the items of one program, whose names begin with `prefix`."""

    def __init__(self, seed, prefix):
        self.rng = random.Random(seed)
        self.prefix = prefix
        self.count = 0
        self.awg, self.python = [], []          # finished items
        self.functions, self.types = [], []
        self.numbers = self.rng.sample(list(INTS.values()), 3) + [I64] + self.rng.sample(list(FLOATS.values()), 2)
        self.hoisted = []
        self.nested = 0
        self.futures = []
        self.host = False

    def fresh(self, prefix):
        self.count += 1
        return f"{prefix}{self.count}"

    def hoist(self, lines):
        self.hoisted += lines

    def declare(self, type, prefix="v", mutable=False, length=None):
        """A new variable; now and then under a name that it then hides."""
        python = self.fresh(prefix)
        name = python
        if prefix == "v" and self.nested and self.rng.random() < 0.05 and self.scope:
            hidden = self.rng.choice(self.scope)
            if hidden.name.startswith("v") and not hidden.mutable:
                name = hidden.name
                self.scope = [w for w in self.scope if w.name != name]
        v = Var(name, python, type, mutable, length)
        self.scope.append(v)
        return v

    #--- Output, line by line in both languages

    def line(self, text):
        self.awg.append("    " * self.indent + text)

    def twin(self, text):
        for line in self.hoisted:
            self.python.append("    " * self.twin_indent + line)
        self.hoisted = []
        self.python.append("    " * self.twin_indent + text)

    def both(self, text, python):
        self.line(text)
        self.twin(python)

    #--- Items

    def program(self):
        for _ in range(self.rng.randrange(3)):
            self.item_type()
        for _ in range(self.rng.randrange(3)):
            self.item_more()
        for _ in range(self.rng.randint(1, 4)):
            self.item_function()
        self.item_main()

    def item_type(self):
        rng = self.rng
        if rng.random() < 0.5:
            fields = [(f"f{k}", self.scalar()) for k in range(rng.randint(1, 4))]
            type = Struct(f"S{self.fresh(self.prefix)}", fields)
            self.awg.append(f"struct {type.name} {{ {', '.join(f'{n}: {t.name}' for n, t in fields)} }}")
        else:
            type = Enum(f"E{self.fresh(self.prefix)}", [f"C{k}" for k in range(rng.randint(1, 4))])
            self.awg.append(f"enum {type.name} {{ {', '.join(type.cases)} }}")
        self.types.append(type)

    def item_function(self):
        rng = self.rng
        flavour = rng.choice(["plain", "plain", "async", "kernel"])
        if flavour == "kernel":
            return self.item_kernel()
        name = self.prefix + self.fresh("f")
        self.sure = rng.random() < 0.5
        self.rejecting = self.host = False
        self.place, self.weight, self.scope = flavour, 2000, []
        result = self.scalar()
        self.indent = self.twin_indent = 1
        parameters = []
        for _ in range(rng.randint(0, 3)):
            if rng.random() < 0.25:
                parameters.append(self.declare(Array(self.number()), "p", length=(rng.randint(1, 5),)))
            else:
                parameters.append(self.declare(self.scalar(), "p"))
        self.result = result
        written = ", ".join(f"{p.name}: {p.type.name}" for p in parameters)
        self.awg.append(f"{'async ' if flavour == 'async' else ''}fn {name}({written}) -> {result.name} {{")
        self.python.append(f"def {name}({', '.join(p.python for p in parameters)}):")
        self.loops = 0
        self.statements(rng.randint(1, 5), 2)
        value = self.expression(result, 3)
        self.settle()
        if rng.random() < 0.5:
            self.both(f"return {value.text};", f"return {value.python}")
        else:
            self.both(value.text if value.level else f"({value.text})", f"return {value.python}")
        self.awg.append("}")
        self.functions.append(Function(name, flavour, parameters, result, 2005 - self.weight, self.rejecting, self.host))

    def item_kernel(self):
        """`y[i] = ...`, by indices that own their elements."""
        rng = self.rng
        name = self.prefix + self.fresh("k")
        self.sure, self.rejecting = True, False
        self.place, self.weight, self.scope = "device", 60, []
        element = self.number()
        self.nested = 1
        a = self.declare(self.scalar(), "p")
        x = self.declare(Array(self.number()), "p", length=(1,))
        y = Var("y", "y", Array(element))
        i = self.declare(I64, "x")
        self.indent, self.twin_indent = 1, 2
        fast_index = f"{x.name}[{i.name} % len({x.name})]"
        extra = self.declare(x.type.element, "v")
        self.awg.append(f"kernel {name}({a.name}: {a.type.name}, {x.name}: {x.type.name}, mut y: {element.name}[n]) "
                        f"each {i.name} in n {{")
        self.python += [f"def {name}({a.python}, {x.python}, y):", f"    for {i.python} in range(len(y)):"]
        self.both(f"let {extra.name} = {fast_index};", f"{extra.python} = {x.python}[{i.python} % len({x.python})]")
        own = Var(f"y[{i.name}]", f"y[{i.python}]", element)
        self.scope.append(own)
        value = self.expression(element, 3)
        if rng.random() < 0.3:
            condition = self.bool(2)
            self.both(f"if {condition.text} {{ y[{i.name}] = {value.text}; }}",
                      f"if {condition.python}: y[{i.python}] = {value.python}")
        else:
            self.assign(own, value)
        self.awg.append("}")
        self.nested = 0
        self.functions.append(Function(name, "kernel", [a, x, y], None, 65 - self.weight))

    def item_main(self):
        self.sure, self.rejecting = False, False
        self.place, self.weight, self.scope = "async", 30000, []
        self.indent = self.twin_indent = 1
        self.result = None
        self.loops = 0
        self.awg.append(f"async fn {self.prefix}main() {{")
        self.python.append(f"def {self.prefix}main():")
        self.statements(self.rng.randint(6, 16), 3)
        self.settle()
        self.show(self.scope)
        self.awg.append("}")

    def show(self, variables):
        variables = [v for v in variables if v.name.isidentifier()]
        for start in range(0, len(variables), 4):
            some = variables[start:start + 4]
            text = " ".join(f"{v.name}={{{v.name}}}" for v in some)
            python = ", ".join(f'"{v.name}=" + show_{self.show_name(v.type)}({v.python})' for v in some)
            self.both(f'print("{text}");', f"out({python})")
        if not variables:
            self.both('print("nothing");', 'out("nothing")')

    def show_name(self, type):
        """The Python function that prints a type; the runner's namespace gets it."""
        key = f"{id(type):x}" if not isinstance(type, (Int, Float)) and type is not BOOL else type.name
        self.shown = getattr(self, "shown", {})
        self.shown["show_" + key] = type.show
        self.kept = getattr(self, "kept", []) + [type]
        return key

    #--- Statements

    def statements(self, count, depth):
        for _ in range(count):
            self.statement(depth)

    def scoped(self, count, depth):
        """The statements of a block, whose variables and futures end with it."""
        scope = list(self.scope)
        futures, self.futures = self.futures, []
        self.indent += 1
        self.twin_indent += 1
        self.nested += 1
        before = len(self.python)
        self.statements(count, depth)
        self.settle()
        if len(self.python) == before:
            self.twin("pass")
        self.nested -= 1
        self.indent -= 1
        self.twin_indent -= 1
        self.scope = scope
        self.futures = futures

    def statement(self, depth):
        rng = self.rng
        kinds = ["let"] * 5 + ["assign"] * 5 + ["array"] * 2 + ["store"] * 3 + ["composite", "update", "vec"]
        if depth > 0:
            kinds += ["if"] * 2 + ["for", "while", "try", "match"]
        if self.place == "async":
            kinds += ["start", "start", "join", "each", "each", "scan", "kernel", "block", "atomic", "reduce", "futures", "channel"]
        if self.place == "async" and self.result is None:
            kinds += ["show"]
        if not self.sure:
            kinds += ["fail"]
        if self.result is not None and depth < 2:
            kinds += ["return"]
        getattr(self, "statement_" + rng.choice(kinds))(depth)

    def statement_let(self, depth):
        type = self.scalar()
        value = self.expression(type, 4)
        v = self.declare(type, mutable=self.rng.random() < 0.6)
        written = f": {type.name}" if self.rng.random() < 0.5 or value.level == 0 else ""
        self.both(f"let {'mut ' if v.mutable else ''}{v.name}{written} = {value.text};", f"{v.python} = {value.python}")

    def statement_composite(self, depth):
        rng = self.rng
        type = rng.choice(self.types) if self.types and rng.random() < 0.6 else Tuple([self.scalar() for _ in range(rng.randint(2, 3))])
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
        """`v = value` or an `op=`; `+=` and `-=` fuse with a product."""
        rng = self.rng
        name = v.type.name
        if v.type is BOOL or rng.random() < 0.4:
            return self.both(f"{v.name} = {value.text};", self.twin_store(v, value.python))
        if isinstance(v.type, Int):
            op, method = rng.choice([("+", "add"), ("-", "sub"), ("*", "mul"), ("&", "band"), ("|", "bor"), ("^", "bxor")])
        else:
            op, method = rng.choice([("+", "add"), ("-", "sub"), ("*", "mul"), ("+", "add"), ("-", "sub")])
        python = f"{name}.{method}({v.python}, {value.python})"
        if value.product and op in "+-":
            python = f"{name}.{'fmac' if op == '+' else 'fnma'}({v.python}, {', '.join(value.product)})"
        self.both(f"{v.name} {op}= {value.text};", self.twin_store(v, python))

    def twin_store(self, v, python):
        return f"{v.python} = {python}"

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
        else:
            others = self.arrays(type)
            if not others:
                return
            other = rng.choice(others)
            v = self.declare(other.type, mutable=rng.random() < 0.7, length=other.length)
            text, python = f"copy({other.name})", f"copied({other.python})"
        written = f": {type.name}[{', '.join(['_'] * v.type.rank)}]"
        self.both(f"let {'mut ' if v.mutable else ''}{v.name}{written} = {text};", f"{v.python} = {python}")

    def statement_store(self, depth):
        rng = self.rng
        targets = [v for v in self.scope if v.mutable and isinstance(v.type, Array) and v.length and all(v.length)]
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
        arrays = [v for v in self.scope if isinstance(v.type, Array) and v.type.rank == 1]
        weight, self.weight = self.weight, self.weight // max(n, 1)
        if arrays and rng.random() < 0.3 and self.weight > 100:
            self.host = True
            v = rng.choice(arrays)
            item = Var(self.fresh("v"), None, v.type.element)
            item.python = item.name
            self.both(f"for {item.name} in copy({v.name}) {{", f"for {item.python} in copied({v.python}):")
            self.weight //= 40
        else:
            item = Var(self.fresh("x"), None, I64)
            item.python, item.below = item.name, max(n, 1)
            low = self.rng.randint(0, 2)
            self.both(f"for {item.name} in {low}..{n} {{", f"for {item.python} in range({low}, {n}):")
        self.scope.append(item)
        self.loops += 1
        self.scoped(rng.randint(1, 3), depth - 1)
        self.jump(depth)
        self.loops -= 1
        self.scope.pop()
        self.line("}")
        self.weight = weight - 50

    def jump(self, depth):
        """Sometimes ends an iteration early, as its last statement."""
        if self.rng.random() < 0.3:
            word = self.rng.choice(["break", "continue"])
            self.indent += 1
            self.twin_indent += 1
            scope = list(self.scope)
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
        self.scoped(self.rng.randint(1, 4), depth - 1)
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
        if self.place == "async" and self.result is None:
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
        if self.result is None or not self.nested:
            return
        condition, value = self.bool(2), self.expression(self.result, 3)
        self.both(f"if {condition.text} {{ return {value.text}; }}", f"if {condition.python}: return {value.python}")

    def statement_show(self, depth):
        self.show(self.rng.sample(self.scope, min(3, len(self.scope))))

    #--- Tasks and kernels

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
            self.both(f"let {future} = async {f.name}({text});", f"{future} = started(lambda: {f.name}({python}))")
            return self.both(f"let {v.name} = await {future};", f"{v.python} = joined({future})")
        self.both(f"let {future} = async {f.name}({text});", f"{future} = started(lambda: {f.name}({python}))")
        self.futures.append((future, f.result))

    def statement_block(self, depth):
        """An `async` block that gives a value of the plain variables that it copies."""
        if self.sure:
            return
        type = self.scalar()
        sure, self.sure = self.sure, True
        scope = self.scope
        self.scope = [v for v in scope if not isinstance(v.type, Array)]
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
        names = [self.declare(type) for _, type in some]
        self.both(f"let ({', '.join(v.name for v in names)}) = await ({', '.join(f for f, _ in some)});",
                  f"{', '.join(v.python for v in names)} = {', '.join(f'joined({f})' for f, _ in some)}")

    def settle(self, count=None):
        """Joins futures of this scope: all, or so many."""
        some = self.futures[:count]
        self.futures = self.futures[len(some):]
        for future, type in some:
            v = self.declare(type)
            self.both(f"let {v.name} = await {future};", f"{v.python} = joined({future})")

    def statement_each(self, depth):
        """`each i in n => value` and the two-dimensional form."""
        rng = self.rng
        element = self.number()
        if self.weight < 200:
            return
        if rng.random() < 0.25:
            h, w = rng.randint(1, 4), rng.randint(1, 9)
            return self.each_of_two(element, h, w)
        n = rng.choice([1, 2, 3, 7, 8, 9, 16, 31, 64, 100])
        index, body, function = self.indexed_body(element, n, 3)
        v = self.declare(Array(element), mutable=rng.random() < 0.5, length=(n,))
        self.both(f"let {'mut ' if v.mutable else ''}{v.name}: {element.name}[_] = await each {index} in {n} => {body.text};",
                  f"{v.python} = [{function}(i) for i in range({n})]")

    def each_of_two(self, element, h, w):
        row = Var(self.fresh("x"), None, I64)
        row.python, row.below = row.name, h
        self.scope.append(row)
        index, body, function = self.indexed_body(element, w, 3)
        self.scope.remove(row)
        lines, self.hoisted = self.hoisted, []
        outer = self.fresh("body")
        v = self.declare(Array(element, 2), mutable=self.rng.random() < 0.5, length=(h, w))
        self.hoist([f"def {outer}({row.python}):", *("    " + line for line in lines),
                    f"    return [{function}(i) for i in range({w})]"])
        self.both(f"let {'mut ' if v.mutable else ''}{v.name}: {element.name}[_, _] = "
                  f"await each ({row.name}, {index}) in ({h}, {w}) => {body.text};",
                  f"{v.python} = [{outer}(i) for i in range({h})]")

    def statement_scan(self, depth):
        rng = self.rng
        element = self.number()
        n = rng.choice([1, 5, 16, 17, 40, 300])
        if self.weight < 2 * n:
            return
        index, body, function = self.indexed_body(element, n, 3)
        v = self.declare(Array(element), mutable=rng.random() < 0.5, length=(n,))
        self.both(f"let {'mut ' if v.mutable else ''}{v.name}: {element.name}[_] = await scan(+) each {index} in {n} => {body.text};",
                  f"{v.python} = scan([{function}(i) for i in range({n})], {element.name}.add)")

    def statement_kernel(self, depth):
        rng = self.rng
        kernels = [f for f in self.functions if f.flavour == "kernel"]
        if not kernels:
            return
        f = rng.choice(kernels)
        inputs = self.arrays(f.parameters[1].type.element)
        outputs = [v for v in self.arrays(f.parameters[2].type.element) if v.mutable and v.type.rank == 1]
        inputs = [v for v in inputs if v.type.rank == 1]
        pairs = [(x, y) for x in inputs for y in outputs if x is not y and self.weight > y.length[0] * f.weight]
        if not pairs:
            return
        x, y = rng.choice(pairs)
        self.weight -= y.length[0] * f.weight
        a = self.expression(f.parameters[0].type, 2)
        if rng.random() < 0.5:
            return self.both(f"await {f.name}({a.text}, {x.name}, mut {y.name});", f"{f.name}({a.python}, {x.python}, {y.python})")
        future = self.fresh("t")
        self.both(f"let {future} = async {f.name}({a.text}, {x.name}, mut {y.name});", f"{f.name}({a.python}, {x.python}, {y.python})")
        self.line(f"await {future};")

    def statement_atomic(self, depth):
        """A histogram of integers."""
        rng = self.rng
        type = INTS[rng.choice(["i32", "u32", "i64", "u64"])]
        n, bins = rng.choice([7, 64, 500]), rng.randint(1, 9)
        sure, self.sure = self.sure, True
        index, body, function = self.indexed_body(I64, n, 2)
        self.sure = sure
        v = self.declare(Array(type), mutable=True, length=(bins,))
        self.both(f"let mut {v.name}: {type.name}[_] = zeros<{type.name}>({bins});", f"{v.python} = [0] * {bins}")
        step = rng.randint(1, 5)
        cast = f"(({body.text}) as u64 % {bins}) as i64"
        self.line(f"await each {index} in {n} {{ atomic {v.name}[{cast}] += {step}; }}")
        self.twin(f"for i in range({n}):")
        self.twin(f"    {v.python}[u64.cast({function}(i)) % {bins}] += {step}")


HEADER = """from values import *
globals().update(INTS); globals().update(FLOATS)
"""


def grid(value, h, w):
    return [[value] * w for _ in range(h)]


def copied(array):
    return [list(row) if isinstance(row, list) else row for row in array]


def make(seed, prefix):
    """A program's items as Awg text, and the lines that its `PREFIXmain` prints."""
    import values
    generator = Generator(seed, prefix)
    generator.program()
    lines = []
    namespace = {**vars(values), **INTS, **FLOATS, **getattr(generator, "shown", {}), "grid": grid, "copied": copied,
                 "out": lambda *texts: lines.append(" ".join(texts))}
    source = "\n".join(generator.python)
    try:
        exec(compile(source, f"seed {seed}", "exec"), namespace)
        namespace[prefix + "main"]()
    except values.Reject as rejection:
        lines.append(f"ends {rejection}")
    except Exception as error:  # a fault of this program: show where
        raise RuntimeError(f"seed {seed}: {error!r}\n" + "\n".join(f"{n}: {l}" for n, l in enumerate(source.split("\n"), 1))) from error
    return "\n".join(generator.awg) + "\n", lines


def batch(seeds):
    """A whole program for several seeds and all that it prints."""
    texts, expected, calls = [], [], []
    for seed in seeds:
        text, lines = make(seed, f"p{seed}_")
        texts.append(text)
        expected += [f"seed {seed}", *lines]
        calls.append(f'    print("seed {seed}");\n    try {{ await p{seed}_main(); }} catch e {{ print("ends {{e.message}}"); }}\n')
    return "".join(texts) + "async fn main() {\n" + "".join(calls) + "}\n", "\n".join(expected) + "\n"


if __name__ == "__main__":
    program, output = batch([int(seed) for seed in sys.argv[1:]])
    sys.stdout.write(program + "".join(f"// {line}\n" for line in output.splitlines()))
