"""Random programs without anything that the reference leaves open, each as Awg text and as Python that prints the same.

    python3 generate.py SEED... > program.awg
"""

import pathlib
import random
import re
import sys

import arrays
import texts
import trees
import values
from blocks import Blocks
from composites import Composites
from expressions import Expressions, Var
from givers import Givers
from kernels import Kernels
from launches import Launches
from lending import Lending
from more import More
from operators import Operators
from owners import Owners
from records import Records
from reductions import Reductions
from relays import Relays
from statements import Statements
from tasks import Tasks
from values import BOOL, FLOATS, INTS, Array, Enum, Float, Int, Struct
from views import Views
from waits import Waits
from windows import Windows

I64 = INTS["i64"]


class Function:
    """What calls must know: whether it may reject, whether only the host can run it, about how much it does."""

    def __init__(self, name, flavour, parameters, result, weight, rejects=False, host=False):
        self.name, self.flavour, self.parameters, self.result = name, flavour, parameters, result
        self.weight, self.rejects, self.host = weight, rejects, host


class Generator(Statements, Tasks, Waits, Launches, Kernels, Blocks, Views, Composites, Owners, Records, Lending, Relays, Windows, Givers, More, Reductions,
                Operators, Expressions):
    """Makes the items of one program, whose names begin with `prefix`."""

    def __init__(self, seed, prefix):
        self.rng = random.Random(seed)
        self.prefix = prefix
        self.count = 0
        self.awg, self.python = [], []          # finished items
        self.functions, self.types, self.kernels = [], [], []
        self.constants, self.generics, self.reducers = [], [], []
        self.owning, self.generic_kernels, self.givers = [], [], []
        self.records, self.takers, self.readers, self.pushes, self.keeps, self.zipped = [], [], [], [], [], []
        self.outside = []       # what was there before this block
        self.theme = self.rng.random() < 0.4
        self.shown, self.kept = {}, []
        self.numbers = self.rng.sample(list(INTS.values()), 3) + [I64] + self.rng.sample(list(FLOATS.values()), 2)
        self.hoisted = []
        self.nested = 0
        self.loops = 0
        self.tries = 0         # that enclose this place
        self.futures = []
        self.pending = 0        # futures of outer scopes and of the statement around
        self.quiet = False      # what prints would print in no fixed order
        self.host = self.constant = False

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
            if hidden.name.startswith("v") and hidden.name.isidentifier() and not hidden.mutable:
                name = hidden.name
                self.scope = [w for w in self.scope if w.name != name]
        v = Var(name, python, type, mutable, length)
        self.scope.append(v)
        return v

    # Output, line by line in both languages

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

    def begin(self, flavour, weight):
        """The state in which an item's body begins."""
        self.place, self.weight, self.scope = flavour, weight, []
        self.indent = self.twin_indent = 1
        self.rejecting = self.host = self.quiet = False
        self.result = None
        self.loops = self.nested = self.pending = 0
        self.outside = []

    # Items

    def program(self):
        for _ in range(self.rng.randrange(3)):
            self.item_type()
        for _ in range(self.rng.randrange(3)):
            self.item_more()
        for _ in range(self.rng.choice([1, 2] if self.theme else [0, 0, 1])):
            self.item_record()
        if self.theme:
            self.item_push()
            self.item_reader()
            self.item_taker()
        for _ in range(self.rng.randint(1, 4)):
            self.item_function()
            self.item_lending()
        self.items = len(self.awg)
        self.item_main()

    def item_lending(self):
        kinds = ["taker"] * 4 + ["push", "generic_kernel"] + ["reader", "reader", "zipped"] * bool(self.records)
        for _ in range(self.rng.choice([1, 1, 2] if self.theme else [0, 0, 1])):
            getattr(self, "item_" + self.rng.choice(kinds))()

    def item_type(self):
        rng = self.rng
        if rng.random() < 0.5:
            fields = [(f"f{k}", self.plain()) for k in range(rng.randint(1, 4))]
            type = Struct(f"S{self.fresh(self.prefix)}", fields)
            self.awg.append(f"struct {type.name} {{ {', '.join(f'{n}: {t.name}' for n, t in fields)} }}")
        else:
            type = Enum(f"E{self.fresh(self.prefix)}", [f"C{k}" for k in range(rng.randint(1, 4))])
            self.awg.append(f"enum {type.name} {{ {', '.join(type.cases)} }}")
        self.types.append(type)

    def item_function(self):
        rng = self.rng
        kind = rng.choice(["plain", "plain", "async", "kernel", "kernel", "block", "recursive"])
        if kind not in ("plain", "async"):
            return getattr(self, f"item_{kind}")()
        name = self.prefix + self.fresh("f")
        self.begin(kind, 2000)
        self.sure = rng.random() < 0.5
        result = self.plain()
        parameters = []
        for _ in range(rng.randint(0, 3)):
            if rng.random() < 0.25:
                changed = rng.random() < 0.4
                self.sure |= changed  # what it changed, had it rejected, would be open
                parameters.append(self.declare(Array(self.number()), "p", changed, (rng.randint(1, 5),)))
                parameters[-1].least = True
            else:
                parameters.append(self.declare(self.plain(), "p"))
        self.result = result
        written = ", ".join(f"{'mut ' if p.mutable else ''}{p.name}: {p.type.name}" for p in parameters)
        self.awg.append(f"{'async ' if kind == 'async' else ''}fn {name}({written}) -> {result.name} {{")
        self.python.append(f"def {name}({', '.join(p.python for p in parameters)}):")
        self.statements(rng.randint(1, 5), 2)
        value = self.expression(result, 3)
        self.settle()
        if rng.random() < 0.5:
            self.both(f"return {value.text};", f"return {value.python}")
        else:
            self.both(value.text if value.level else f"({value.text})", f"return {value.python}")
        self.awg.append("}")
        self.functions.append(Function(name, kind, parameters, result, 2005 - self.weight, self.rejecting, self.host))

    def item_main(self):
        self.begin("async", 30000)
        self.sure = False
        self.awg.append(f"async fn {self.prefix}main() {{")
        self.python.append(f"def {self.prefix}main():")
        if self.theme:
            for _ in range(2):
                self.statement_pool(1)
            for kind in self.rng.sample(["record", "buffer", "composite", "records"], 2):
                getattr(self, "statement_" + kind)(1)
        self.statements(self.rng.randint(6, 16), 3)
        if self.rng.random() < 0.4:  # what is computed here is surely printed
            self.weight = max(self.weight, 2000)
            self.statement_atomic(1)
            self.hoisted = []
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
        self.shown["show_" + key] = type.show
        self.kept.append(type)
        return key


class Program:
    """A seed's program: its text, that of a module which it imports or None, the lines that it prints."""

    def __init__(self, seed, modules=True):
        prefix = f"p{seed}_"
        generator = Generator(seed, prefix)
        generator.program()
        self.lines = outcome(generator, seed)
        items, main = generator.awg[:generator.items], generator.awg[generator.items:]
        self.module, self.main = None, "\n".join(items + main) + "\n"
        if modules and random.Random(seed).random() < 0.2:
            self.module = "\n".join(exported(line) for line in items) + "\n"
            names = re.compile(rf"\b[SE]?{prefix}[a-z]*\d+\b")
            main = [line if line.lstrip().startswith("async fn") else names.sub(rf"m{seed}.\g<0>", line) for line in main]
            self.main = f'import "module-{seed}.awg" as m{seed};\n' + "\n".join(main) + "\n"


def exported(line):
    return line if line.startswith((" ", "}")) or not line else re.sub(r"^(@\S+ )?", r"\1pub ", line)


def outcome(generator, seed):
    lines = []
    namespace = {**vars(values), **vars(trees), **vars(arrays), **vars(texts), **INTS, **FLOATS, **generator.shown,
                 "out": lambda *texts: lines.append(" ".join(texts))}
    source = "\n".join(generator.python)
    try:
        exec(compile(source, f"seed {seed}", "exec"), namespace)
        namespace[generator.prefix + "main"]()
    except values.Reject as rejection:
        lines.append(f"ends {rejection}")
    except Exception as error:  # a fault of this program: show where
        numbered = "\n".join(f"{n}: {l}" for n, l in enumerate(source.split("\n"), 1))
        raise RuntimeError(f"seed {seed}: {error!r}\n{numbered}") from error
    return lines


def batch(seeds):
    """A whole program for several seeds, the modules that it imports by their names, and all that it prints."""
    parts, expected, calls, modules = [], [], [], {}
    for seed in seeds:
        program = Program(seed)
        parts.append(program.main)
        if program.module:
            modules[f"module-{seed}.awg"] = program.module
        expected += [f"seed {seed}", *program.lines]
        calls.append(f'    print("seed {seed}");\n    try {{ await p{seed}_main(); }} catch e {{ print("ends {{e.message}}"); }}\n')
    parts.sort(key=lambda part: not part.startswith("import"))
    imports = [line for part in parts for line in part.split("\n") if line.startswith("import")]
    rest = [line for part in parts for line in part.split("\n") if not line.startswith("import")]
    return "\n".join(imports + rest) + "async fn main() {\n" + "".join(calls) + "}\n", modules, "\n".join(expected) + "\n"


if __name__ == "__main__":
    program, modules, output = batch([int(seed) for seed in sys.argv[1:]])
    for name, text in modules.items():
        pathlib.Path(name).write_text(text)
    sys.stdout.write(program + "".join(f"// {line}\n" for line in output.splitlines()))
