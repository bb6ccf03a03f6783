"""Operators on numbers and bools, in both languages; the rule of fused products."""

from expressions import (ADD, AND, CAST, COMPARE, LOGIC_AND, LOGIC_OR, MUL, OR, PRIMARY, SHIFT, UNARY, XOR, E)
from values import BOOL, INTS


class Operators:
    # Integers

    def int(self, type, depth):
        rng = self.rng
        if depth <= 0:
            return self.leaf(type)
        kind = rng.randrange(12)
        if kind <= 3:
            found = self.common(type, depth)
            return found or self.leaf(type)
        if kind <= 7:
            op, method, level = rng.choice([("+", "add", ADD), ("-", "sub", ADD), ("*", "mul", MUL), ("&", "band", AND),
                                            ("|", "bor", OR), ("^", "bxor", XOR)])
            return self.binary(type, op, method, level, depth)
        if kind == 8:
            op, method = rng.choice([("/", "div"), ("%", "rem")])
            a = self.int(type, depth - 1)
            if self.sure or rng.random() < 0.7:
                b = self.literal(type)
                while b.python == "(0)":
                    b = self.literal(type)
            else:
                b = self.int(type, depth - 1)
                self.rejecting = True
            return E(f"{a.at(MUL)} {op} {b.at(CAST)}", f"{type.name}.{method}({a.python}, {b.python})", MUL)
        if kind == 9:
            op, method = rng.choice([("<<", "shl"), (">>", "shr")])
            count_type = type if rng.random() < 0.7 else INTS[rng.choice(["u8", "i64"])]
            a, b = self.int(type, depth - 1), self.int(count_type, depth - 1)
            return E(f"{a.at(SHIFT)} {op} {b.at(ADD)}", f"{type.name}.{method}({a.python}, {b.python})", SHIFT)
        if kind == 10:
            op, method = rng.choice([("-", "neg"), ("~", "bnot")] if type.signed else [("~", "bnot")])
            a = self.int(type, depth - 1)
            if a.text[0].isdigit() or a.text[0] == "-":
                if op == "-" and a.level >= UNARY:  # a literal that need not fit behind another minus
                    return a
                a = E(f"({a.text})", a.python)
            return E(f"{op}{a.at(UNARY)}", f"{type.name}.{method}({a.python})", UNARY)
        source = self.number()
        a = self.nonliteral(source, depth - 1)
        return E(f"{a.at(CAST)} as {type.name}", f"{type.name}.cast({a.python})", CAST)

    def binary(self, type, op, method, level, depth):
        a, b = self.expression(type, depth - 1), self.expression(type, depth - 1)
        return E(f"{a.at(level)} {op} {b.at(level + 1)}", f"{type.name}.{method}({a.python}, {b.python})", level)

    def nonliteral(self, type, depth):
        """With a type of its own, for where no context gives one."""
        e = self.expression(type, depth)
        return E(f"({e.text})", e.python) if e.level < CAST else e

    # Floats

    def float(self, type, depth):
        rng = self.rng
        if depth <= 0:
            return self.leaf(type)
        kind = rng.randrange(12)
        if kind <= 2:
            return self.common(type, depth) or self.leaf(type)
        if kind <= 4:
            return self.product(type, depth)
        if kind <= 7:
            return self.sum(type, depth)
        name = type.name
        if kind == 8:
            op, method = ("/", "div") if rng.random() < 0.7 else ("%", "rem")
            a, b = self.float(type, depth - 1), self.float(type, depth - 1)
            return E(f"{a.at(MUL)} {op} {b.at(CAST)}", f"{name}.{method}({a.python}, {b.python})", MUL)
        if kind == 9:
            a = self.float(type, depth - 1)
            if rng.random() < 0.4:
                if a.text[0].isdigit() or a.text[0] == "-":
                    a = E(f"({a.text})", a.python)
                return E(f"-{a.at(UNARY)}", f"{name}.neg({a.python})", UNARY)
            builtin, method = rng.choice([("sqrt", "sqrt"), ("abs", "abs"), ("floor", "floor"), ("ceil", "ceil"),
                                          ("round", "nearest")])
            return E(f"{builtin}({a.text})", f"{name}.{method}({a.python})")
        if kind == 10:
            a, b, c = (self.float(type, depth - 1) for _ in range(3))
            return E(f"fma({a.text}, {b.text}, {c.text})", f"{name}.fma({a.python}, {b.python}, {c.python})")
        a = self.nonliteral(self.number(), depth - 1)
        return E(f"{a.at(CAST)} as {name}", f"{name}.cast({a.python})", CAST)

    def product(self, type, depth):
        a, b = self.float(type, depth - 1), self.float(type, depth - 1)
        return E(f"{a.at(MUL)} * {b.at(CAST)}", f"{type.name}.mul({a.python}, {b.python})", MUL, (a.python, b.python))

    def sum(self, type, depth):
        """Fused by the reference's rule: the left operand's product if it has one, else the right one's."""
        op = self.rng.choice("+-")
        a = self.product(type, depth - 1) if self.rng.random() < 0.5 else self.float(type, depth - 1)
        b = self.product(type, depth - 1) if self.rng.random() < 0.3 else self.float(type, depth - 1)
        text = f"{a.at(ADD)} {op} {b.at(MUL)}"
        name = type.name
        if a.factors(ADD):
            python = f"{name}.{'fma' if op == '+' else 'fms'}({', '.join(a.product)}, {b.python})"
        elif b.factors(MUL):
            python = f"{name}.{'fmac' if op == '+' else 'fnma'}({a.python}, {', '.join(b.product)})"
        else:
            python = f"{name}.{'add' if op == '+' else 'sub'}({a.python}, {b.python})"
        return E(text, python, ADD)

    # Bools

    def bool(self, depth):
        rng = self.rng
        if depth <= 0:
            choices = self.vars(BOOL)
            if choices and rng.random() < 0.7:
                v = rng.choice(choices)
                return E(v.name, v.python)
            return rng.choice([E("true", "True"), E("false", "False")])
        kind = rng.randrange(9)
        if kind == 8:
            return self.equality(depth)
        if kind <= 3:
            type = self.number()
            op = rng.choice(["<", "<=", ">", ">=", "==", "!="])
            a, b = self.nonliteral(type, depth - 1), self.expression(type, depth - 1)
            if op == "<" and a.level == PRIMARY:  # `f(a < b, c > (d))` would be a call of `a`
                a = E(f"({a.text})", a.python)
            return E(f"{a.at(OR)} {op} {b.at(OR)}", f"({a.python} {op} {b.python})", COMPARE)
        if kind == 4:
            a, b = self.bool(depth - 1), self.bool(depth - 1)
            return E(f"{a.at(LOGIC_AND)} && {b.at(COMPARE)}", f"({a.python} and {b.python})", LOGIC_AND)
        if kind == 5:
            a, b = self.bool(depth - 1), self.bool(depth - 1)
            return E(f"{a.at(LOGIC_OR)} || {b.at(LOGIC_AND)}", f"({a.python} or {b.python})", LOGIC_OR)
        if kind == 6:
            a = self.bool(depth - 1)
            return E(f"!{a.at(UNARY)}", f"(not {a.python})", UNARY)
        return self.common(BOOL, depth) or self.bool(0)
