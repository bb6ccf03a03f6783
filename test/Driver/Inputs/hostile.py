"""Makes programs that no one writes, to see that the compiler survives them: hostile.py KIND FILE."""

import random
import sys

DEEP = 100_000


def main_of(body):
    return "fn main() {\n" + body + "\n}\n"


def garbage():
    words = ["fn", "let", "mut", "each", "{", "}", "(", ")", "[", "]", "=>", "await", "async", "\"a{", "1.5", "x",
             "0x", "..", ";", "kernel", "\n", "//", "if", "::", "@", "\\", "match", "<", ">>", "30ms", "'"]
    draw = random.Random(7)
    lines = [" ".join(draw.choices(words, k=12)) for _ in range(50_000)]
    text = "\n".join(lines)
    return text * (50 * 2**20 // len(text))


KINDS = {
    "parens": lambda: main_of("print(" + "(" * DEEP + "1" + ")" * DEEP + ");"),
    "unclosed": lambda: main_of("print(" + "(" * DEEP),
    "blocks": lambda: main_of("{" * DEEP + "}" * DEEP),
    "ifs": lambda: main_of("if true {" * DEEP + "}" * DEEP),
    "else-ifs": lambda: main_of("if false {}" + " else if false {}" * DEEP),
    "minus": lambda: main_of("print(" + "- " * DEEP + "1);"),
    "not": lambda: main_of("print(" + "!" * DEEP + "true);"),
    "sums": lambda: main_of("print(" + "1 + " * DEEP + "1);"),
    "ands": lambda: main_of("print(" + "true && " * DEEP + "true);"),
    "casts": lambda: main_of("print(1" + " as i64" * DEEP + ");"),
    "members": lambda: main_of("print(a" + ".b" * DEEP + ");"),
    "calls": lambda: main_of("f(" * DEEP + ")" * DEEP + ";"),
    "subscripts": lambda: main_of("let a = [1]; print(" + "a[" * DEEP + "0" + "]" * DEEP + ");"),
    "arrays": lambda: main_of("print(" + "[" * DEEP + "]" * DEEP + ");"),
    "types": lambda: "fn f(x: " + "(" * DEEP + "i64" + ")" * DEEP + ") {}\n" + main_of(""),
    "futures": lambda: "fn f(x: " + "future<" * DEEP + "i64" + ">" * DEEP + ") {}\n" + main_of(""),
    "extents": lambda: "fn f(x: i64" + "[2]" * DEEP + ") {}\n" + main_of(""),
    "patterns": lambda: main_of("let " + "(" * DEEP + "x" + ")" * DEEP + " = 1;"),
    "holes": lambda: main_of("print(" + '"{' * DEEP + "1" + '}"' * DEEP + ");"),
    "eaches": lambda: main_of("each i in 2 => " * DEEP + "1;"),
    "asyncs": lambda: "async " + main_of("let f = " + "async { " * DEEP + "}" * DEEP + ";"),
    "functions": lambda: "".join(f"fn f{i}() {{ f{i + 1}(); }}\n" for i in range(10_000)) + "fn f10000() {}\n" + main_of("f0();"),
    "digits": lambda: main_of("print(" + "9" * 10**6 + ");"),
    "fraction": lambda: main_of("print(0." + "1" * 10**6 + ");"),
    "exponent": lambda: main_of("print(1e" + "9" * 10**6 + ");"),
    "name": lambda: main_of("let " + "a" * 10**6 + " = 1;"),
    "line": lambda: main_of("let x = " + "1; let x = " * 10**5 + "nothing;"),
    "string": lambda: main_of('let s = "' + "x" * 10**6),
    "comment": lambda: "//" + "/" * 10**6,
    "nul": lambda: main_of("let x = \0 1;"),
    "bad-utf8": lambda: main_of("let x = \udcff\udcc0\udc80;"),
    "bom": lambda: "\ufeff" + main_of("print(1);"),
    "crlf": lambda: main_of("print(1);").replace("\n", "\r\n"),
    "garbage": garbage,
    "bytes": lambda: random.Random(7).randbytes(2**20).decode("utf-8", "surrogateescape"),
}

if __name__ == "__main__":
    with open(sys.argv[2], "w", encoding="utf-8", errors="surrogateescape", newline="") as out:
        out.write(KINDS[sys.argv[1]]())
