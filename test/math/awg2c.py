#!/usr/bin/env python3
"""Turns lang/std/math.awg into a C++ header, for the checker in this folder.

Reads the part of Awg that the file uses: functions over scalars and tuples, `let`,
`if`, assignment, casts and arithmetic. A product that stands unparenthesised in a
sum becomes std::fma, by the rule of the language reference; the header is for
compilation with -ffp-contract=off.

usage: awg2c.py MATH.awg > math_awg.h
"""

import re
import sys

TOKEN = re.compile(r"\s+|//[^\n]*"
                   r"|(?P<number>0x[0-9a-fA-F]+(?:u32|u64)?|\d+\.\d+(?:e[+-]?\d+)?|\d+)|(?P<name>[A-Za-z_]\w*)"
                   r"|(?P<op><<|>>|->|&&|\|\||[=!<>]=|[-+*/&|^<>=!(){},;:])")
LEVELS = [["||"], ["&&"], ["==", "!=", "<", "<=", ">", ">="], ["|"], ["^"], ["&"], ["<<", ">>"], ["+", "-"], ["*", "/"]]
C_TYPES = {"f32": "float", "f64": "double", "i32": "int32_t", "i64": "int64_t", "u32": "uint32_t",
           "u64": "uint64_t", "bool": "bool"}
BITS = {"f32": "u32", "f64": "u64"}
PRELUDE = """// Generated from lang/std/math.awg by awg2c.py.
#pragma once
#include <bit>
#include <cmath>
#include <cstdint>
#include <tuple>

namespace awg_math {
"""


def tokens(text):
    position, out = 0, []
    while position < len(text):
        match = TOKEN.match(text, position)
        if not match:
            raise SyntaxError(f"line {text.count(chr(10), 0, position) + 1}: {text[position:position + 20]!r}")
        if match.lastgroup:
            out.append((match.lastgroup, match.group(), text.count("\n", 0, position) + 1))
        position = match.end()
    return out + [("end", "", 0)]


class Parser:
    """Recursive descent; a node is a tuple whose first member is its kind."""

    def __init__(self, text):
        self.tokens, self.at = tokens(text), 0

    def peek(self):
        return self.tokens[self.at][1]

    def take(self, wanted=None):
        kind, text, line = self.tokens[self.at]
        if wanted is not None and text != wanted:
            raise SyntaxError(f"line {line}: {text!r} where {wanted!r} was expected")
        self.at += 1
        return text

    def accept(self, text):
        if self.peek() == text:
            self.at += 1
            return True
        return False

    def file(self):
        out = []
        while self.peek():
            self.accept("pub")
            self.take("fn")
            out.append(self.function())
        return out

    def comma_list(self, item):
        out = []
        self.take("(")
        while not self.accept(")"):
            out.append(item())
            if self.peek() != ")":
                self.take(",")
        return out

    def type(self):
        return tuple(self.comma_list(self.type)) if self.peek() == "(" else self.take()

    def parameter(self):
        name = self.take()
        self.take(":")
        return name, self.type()

    def function(self):
        name, parameters = self.take(), self.comma_list(self.parameter)
        self.take("->")
        return name, parameters, self.type(), self.block()

    def block(self):
        self.take("{")
        statements, value = [], None
        while not self.accept("}"):
            if self.accept("let"):
                statements.append(self.let())
                continue
            node = self.expression()
            if self.accept("="):
                statements.append(("assign", node, self.expression()))
                self.take(";")
            elif self.peek() == "}":
                value = node
            elif node[0] == "if":
                statements.append(node)
                self.accept(";")
            else:
                raise SyntaxError(f"line {self.tokens[self.at][2]}: unused value")
        return statements, value

    def let(self):
        mutable = self.accept("mut")
        names = self.comma_list(self.take) if self.peek() == "(" else self.take()
        annotation = self.type() if self.accept(":") else None
        self.take("=")
        value = self.expression()
        self.take(";")
        return ("let", mutable, names, annotation, value)

    def expression(self, level=0):
        if level == len(LEVELS):
            return self.cast()
        left = self.expression(level + 1)
        while self.peek() in LEVELS[level]:
            left = ("binary", self.take(), left, self.expression(level + 1))
        return left

    def cast(self):
        node = self.unary()
        while self.accept("as"):
            node = ("as", node, self.take())
        return node

    def unary(self):
        if self.accept("-"):
            return ("negative", self.unary())
        return self.primary()

    def primary(self):
        kind = self.tokens[self.at][0]
        if self.peek() == "(":
            items = self.comma_list(self.expression)
            return ("group", items[0]) if len(items) == 1 else ("tuple", items)
        if self.accept("if"):
            condition, then = self.expression(), self.block()
            other = None
            if self.accept("else"):
                other = ([], self.primary()) if self.peek() == "if" else self.block()
            return ("if", condition, then, other)
        text = self.take()
        if kind == "number":
            return ("number", text)
        if self.peek() == "(":
            return ("call", text, self.comma_list(self.expression))
        return ("name", text)


class Emitter:
    """Gives each expression its type, literals that of their context, and writes C++."""

    def __init__(self, functions):
        self.returns = {name: result for name, _, result, _ in functions}
        self.parameters = {name: [t for _, t in parameters] for name, parameters, _, _ in functions}

    def type_of(self, node):
        """The type, or None for a literal that takes its context's."""
        kind = node[0]
        if kind == "number":
            return node[1][-3:] if node[1].endswith(("u32", "u64")) else None
        if kind == "name":
            return self.scope[node[1]]
        if kind in ("group", "negative"):
            return self.type_of(node[1])
        if kind == "as":
            return node[2]
        if kind == "tuple":
            return tuple(map(self.type_of, node[1]))
        if kind == "if":
            return self.type_of(node[2][1]) or self.type_of(node[3][1])
        if kind == "call":
            if node[1] == "__bits":
                return BITS[self.type_of(node[2][0])]
            known = self.returns.get(node[1]) or {"__f32": "f32", "__f64": "f64"}.get(node[1])
            return known or self.type_of(node[2][0])
        if node[1] in ("<<", ">>"):
            return self.type_of(node[2])
        if node[1] in LEVELS[0] + LEVELS[1] + LEVELS[2]:
            return "bool"
        return self.type_of(node[2]) or self.type_of(node[3])

    def c_type(self, kind):
        return f"std::tuple<{', '.join(map(self.c_type, kind))}>" if isinstance(kind, tuple) else C_TYPES[kind]

    def emit(self, node, want=None):
        found = self.type_of(node)
        if found and want and found != want:
            raise TypeError(f"{found} where {want} was expected: {node}")
        return getattr(self, "emit_" + node[0])(node, found or want)

    def emit_number(self, node, want):
        text = node[1].removesuffix("u32").removesuffix("u64")
        if want == "f32":
            return f"{text}f"
        if want == "f64" or (want and "." not in text):
            return text if want == "f64" else f"{C_TYPES[want]}({text}{'u' if want[0] == 'u' else ''})"
        raise TypeError(f"{text} as {want}")

    def emit_name(self, node, want):
        return node[1]

    def emit_group(self, node, want):
        return f"({self.emit(node[1], want)})"

    def emit_negative(self, node, want):
        return f"(-{self.emit(node[1], want)})"

    def emit_as(self, node, want):
        return f"{C_TYPES[want]}({self.emit(node[1])})"

    def emit_tuple(self, node, want):
        return f"std::tuple({', '.join(self.emit(n) for n in node[1])})"

    def emit_if(self, node, want):
        _, condition, (before, then), (no_statements, other) = node
        assert not before and not no_statements, "a value block holds one expression"
        return f"({self.emit(condition)} ? {self.emit(then, want)} : {self.emit(other, want)})"

    def emit_call(self, node, want):
        name, arguments = node[1], node[2]
        if name in ("__bits", "__f32", "__f64"):
            inner = {"__f32": "u32", "__f64": "u64"}.get(name)
            return f"std::bit_cast<{C_TYPES[want]}>({self.emit(arguments[0], inner)})"
        if name in self.returns:
            listed = ", ".join(self.emit(a, t) for a, t in zip(arguments, self.parameters[name], strict=True))
            return f"{name}({listed})"
        builtin = {"abs": "fabs", "floor": "floor", "sqrt": "sqrt"}[name]
        return f"std::{builtin}({', '.join(self.emit(a, want) for a in arguments)})"

    def emit_binary(self, node, want):
        _, op, left, right = node
        if op in ("<<", ">>"):
            width = int(want[1:]) - 1
            return f"({self.emit(left, want)} {op} ({self.emit(right, want)} & {width}))"
        inner = want
        if op in LEVELS[2]:
            inner = self.type_of(left) or self.type_of(right)
        if op in "+-" and want in BITS and (is_product(left) or is_product(right)):
            return self.fused(op, left, right, want)
        return f"({self.emit(left, inner)} {op} {self.emit(right, inner)})"

    def fused(self, op, left, right, want):
        """The sum with a product on one side; with one on each, the left one is fused."""
        sign = "-" if op == "-" else ""
        if is_product(left):
            return f"std::fma({self.emit(left[2], want)}, {self.emit(left[3], want)}, {sign}{self.emit(right, want)})"
        return f"std::fma({sign}{self.emit(right[2], want)}, {self.emit(right[3], want)}, {self.emit(left, want)})"

    def statement(self, node):
        if node[0] == "let":
            _, mutable, names, annotation, value = node
            kind = annotation or self.type_of(value) or ("f32" if "." in value[1] else "i64")
            if isinstance(names, list):
                self.scope.update(zip(names, kind))
                return f"auto [{', '.join(names)}] = {self.emit(value)};"
            self.scope[names] = kind
            return f"{'' if mutable else 'const '}{self.c_type(kind)} {names} = {self.emit(value, kind)};"
        if node[0] == "assign":
            return f"{node[1][1]} = {self.emit(node[2], self.type_of(node[1]))};"
        inner = "\n".join(map(self.statement, node[2][0]))
        return f"if (__builtin_expect({self.emit(node[1])}, 0)) {{\n{inner}\n}}"

    def function(self, name, parameters, result, body):
        self.scope = dict(parameters)
        listed = ", ".join(f"{C_TYPES[t]} {n}" for n, t in parameters)
        lines = [self.statement(s) for s in body[0]] + [f"return {self.emit(body[1], result)};"]
        return f"[[gnu::always_inline]] inline {self.c_type(result)} {name}({listed}) {{\n" + "\n".join(lines) + "\n}\n"


def is_product(node):
    return node[0] == "binary" and node[1] == "*"


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        functions = Parser(file.read()).file()
    emitter = Emitter(functions)
    print(PRELUDE + "\n".join(emitter.function(*f) for f in functions) + "\n} // namespace awg_math")


if __name__ == "__main__":
    main()
