"""Compares the editor's grammar with the lexer: check_textmate.py AWGC ROOT FOLDER.

On every program of the repository that the lexer reads: each keyword, literal, string, format of a hole and comment has its
scope, and nothing else has one of these.
"""

import functools
import json
import pathlib
import re
import subprocess
import sys

from textmate import TextMate

command, root, folder = sys.argv[1].split(), pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3])
grammar = TextMate(root / "lang/editors/vscode/syntaxes/awg.tmLanguage.json")
keywords = dict(re.findall(r'^AWG_KEYWORD\((\w+), "(\w+)"\)', (root / "frontend/Lex/Tokens.def").read_text(), re.MULTILINE))
KINDS = {"Int": "number", "Float": "number", "Duration": "number", "String": "string", "StringHead": "string",
         "StringMiddle": "string", "StringTail": "string", "HoleFormat": "format", "DocComment": "comment",
         "True": "constant", "False": "constant"}
SCOPES = [("comment.", "comment"), ("constant.numeric.", "number"), ("constant.language.", "constant"),
          ("constant.character.escape", "string"), ("constant.other.placeholder", "format"),
          ("punctuation.section.embedded", "string"), ("keyword.operator", "operator"), ("keyword.", "keyword"),
          ("storage.", "keyword"), ("string.", "string"), ("meta.embedded", "plain"), ("invalid.", "invalid")]
VALUE_ENDS = {"Identifier", "Int", "Float", "Duration", "String", "StringTail", "RParen", "RBracket", "RBrace", "True", "False"}
WORD_STARTS = {"Identifier", "Int", "Float", "Duration", "LParen", "True", "False", "Await", "Async", "If", "Match"}


@functools.cache
def coloured(scopes):
    """What a character is shown as: by the innermost scope that says so."""
    for scope in reversed(scopes):
        for start, meaning in SCOPES:
            if scope.startswith(start):
                return meaning
    return "plain"


def is_special(tokens, at):
    """Whether a name is one of the words that are special in their place, and stands there."""
    text = tokens[at][3]
    before = tokens[at - 1][2] if at else "Semi"
    after = [token[2] for token in tokens[at + 1:at + 3]] + ["End", "End"]
    if before == "Dot":
        return False
    if text in ("sum", "product", "min", "max", "any", "all", "argmin", "argmax"):
        return after[0] == "Each"
    if text in ("block", "task"):
        return before == "Each" and after[0] in ("Identifier", "Underscore", "LParen")
    if text in ("on", "within", "limit"):
        return before in VALUE_ENDS and after[0] in WORD_STARTS
    if text in ("shared", "local"):
        return after[:2] == ["Identifier", "Colon"]
    if text in ("atomic", "cancel"):
        return before in ("Semi", "LBrace", "RBrace") and after[0] == "Identifier"
    if text == "const":
        return after[0] == "Identifier"
    if text in ("scan", "reduce") and after[0] == "LParen":
        return is_before_each(tokens, at + 1)
    return text == "test" and after[0] in ("String", "StringHead")


def is_before_each(tokens, at):
    """Whether `each` follows the brackets that open here."""
    depth = 0
    for _, _, kind, _ in tokens[at:]:
        depth += (kind in ("LParen", "LBracket", "LBrace")) - (kind in ("RParen", "RBracket", "RBrace"))
        at += 1
        if depth == 0:
            break
    return at < len(tokens) and tokens[at][2] == "Each"


def read(path):
    """The tokens of a file, each with line, column, kind and text, and the lines in which the lexer finds a mistake."""
    done = subprocess.run([*command, "--emit=tokens", "--diagnostics=json", path], capture_output=True, text=True)
    rows = [row.split(" ", 2) for row in done.stdout.splitlines()]
    tokens = [(*map(int, place.split(":")), kind, quoted[1:-1]) for place, kind, quoted in rows]
    reports = list(map(json.loads, done.stderr.splitlines()))
    assert len(reports) < 100, "there are so many mistakes that the lexer gave up"
    return tokens, {report["line"] for report in reports}


def wanted(tokens, at):
    _, _, kind, _ = tokens[at]
    if kind in KINDS:
        return {KINDS[kind], "invalid"} if KINDS[kind] == "string" else {KINDS[kind]}
    if kind in keywords:
        return {"plain" if at and tokens[at - 1][2] == "Dot" else "keyword"}
    if kind in ("Identifier", "Underscore"):
        return {"keyword" if is_special(tokens, at) else "plain"}
    return {"operator", "plain"}


def compare(name, text, tokens, broken, failures):
    lines = text.split("\n")
    shown = [[coloured(scopes) for scopes in line] for line in grammar.scopes(lines)]
    rest = [[bool(char.strip()) for char in line] for line in lines]
    for at, (line, column, kind, part) in enumerate(tokens):
        for place in range(column - 1, column - 1 + len(part)):
            rest[line - 1][place] = False
        found = set(shown[line - 1][column - 1:column - 1 + len(part)])
        if line not in broken and not found <= wanted(tokens, at):
            failures.append(f"{name}:{line}:{column}: '{part}' is {kind}, and shown as {', '.join(sorted(found))}")
    for line, (text, own) in enumerate(zip(lines, rest), 1):
        found = {shown[line - 1][place] for place, is_rest in enumerate(own) if is_rest}
        if line not in broken and not found <= {"comment"}:
            failures.append(f"{name}:{line}: a comment is shown as {', '.join(sorted(found))}")


failures, paths = [], [path for path in sorted(root.rglob("*.awg")) if "build" not in path.relative_to(root).parts[0]]
assert len(paths) > 100
texts = [path.read_text(errors="replace") for path in paths]
joined = folder / "joined.awg"
joined.write_text("".join(text.rstrip("\n") + "\n" for text in texts))
tokens, broken = read(joined)
start = at = 0
for path, text in zip(paths, texts):
    text = text.rstrip("\n")
    end = start + text.count("\n") + 1
    first = at
    while at < len(tokens) and tokens[at][0] <= end:
        at += 1
    own = [(line - start, *rest) for line, *rest in tokens[first:at]]
    compare(path.relative_to(root), text, own, {line - start for line in broken if start < line <= end}, failures)
    start = end
for kind, word in keywords.items():
    compare(f"the keyword {word}", f" {word} ", [(1, 2, kind, word)], set(), failures)

print("\n".join(failures[:50]) or f"{len(tokens)} tokens are shown as what they are")
sys.exit(bool(failures))
