"""Holds lang/spec/grammar.ebnf against the parser: check_grammar.py AWGC ROOT FOLDER [SEED [COUNT]].

1. Every program of the repository that the parser accepts is a sentence of the grammar, and no other is.
2. The parser accepts random sentences of the grammar.
3. Grammar and parser agree about sentences, of both sources, with tokens left out, put in or replaced.

A sentence is an item on a line of its own, many to a file; one on which they seem to disagree is parsed again alone.
The seed is printed; with the same seed and count the test does the same.
"""

import json
import pathlib
import random
import subprocess
import sys
import threading

from ebnf import Grammar, Recogniser, Token

command, root, folder = sys.argv[1].split(), pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3])
seed = int(sys.argv[4]) if len(sys.argv) > 4 else random.SystemRandom().randrange(10**6)
count = int(sys.argv[5]) if len(sys.argv) > 5 else 400
print(f"seed {seed}, {count} sentences")
draw = random.Random(seed)

grammar = Grammar((root / "lang/spec/grammar.ebnf").read_text())
recogniser = Recogniser(grammar)
keywords = {word for word in grammar.words if word.isalpha()}

SAMPLES = {
    "NAME": ["a", "b", "xs", "Point", "on", "within", "limit", "block", "task", "vec", "sum", "min", "test", "shared"],
    "WORD": ["x", "each", "_", "sum", "race"],
    "DIGITS": ["0", "12"],
    "INT": ["1", "0xff", "3u8"],
    "FLOAT": ["1.5", "2e-3", "2.0f64"],
    "DURATION": ["30ms", "1.5s"],
    "STRING": ['"text"', '"shapes"'],
    "STRING_HEAD": ['"a{'],
    "STRING_MIDDLE": ["}b{"],
    "STRING_TAIL": ['}c"'],
    "HOLE_FORMAT": [":.3", ":>5"],
}
VOCABULARY = sorted(grammar.words - {"min=", "max="}) + [text for name in SAMPLES for text in SAMPLES[name]
                                                      if not name.startswith(("STRING_", "HOLE_"))]
CLASSES = {"Int": "INT", "Float": "FLOAT", "Duration": "DURATION", "String": "STRING", "StringHead": "STRING_HEAD",
           "StringMiddle": "STRING_MIDDLE", "StringTail": "STRING_TAIL", "HoleFormat": "HOLE_FORMAT"}


def awgc(*arguments):
    return subprocess.run([*command, *map(str, arguments)], capture_output=True, text=True)


def tokens_of(path):
    """The tokens of each line of a file, as the recogniser wants them; None for a line that has a malformed one."""
    lines = {}
    for row in awgc("--emit=tokens", path).stdout.splitlines():
        place, kind, quoted = row.split(" ", 2)
        line, column = map(int, place.split(":"))
        text = quoted[1:-1]
        tokens = lines.setdefault(line, [])
        if kind == "Broken" or tokens is None:
            lines[line] = None
        elif kind in CLASSES:
            classes = (CLASSES[kind], "DIGITS") if text.isdigit() else (CLASSES[kind],)
            tokens.append(Token(classes, None, (line, column)))
        elif text[0] == ">" and kind != "DocComment":
            tokens += [Token((), part, (line, column), at < len(text) - 1) for at, part in enumerate(text)]
        elif kind != "DocComment":
            if text == "=" and tokens and tokens[-1].text in ("min", "max"):
                tokens[-1].joined = tokens[-1].place == (line, column - 3)
            kinds = ("NAME", "WORD") if kind == "Identifier" else ("WORD",) if text[0] == "_" or text.isalpha() else ()
            tokens.append(Token(kinds, text, (line, column)))
    return lines


def reports(path):
    """(line, kind) of each mistake that the parser finds."""
    found = awgc("--emit=ast", "--diagnostics=json", path).stderr.splitlines()
    return [(report["line"], report["kind"]) for report in map(json.loads, found)]


def refused_lines(sentences):
    """Which of the sentences, a line each, the parser refuses; those with parts that it does not know yet are None."""
    path = folder / "sentences.awg"
    path.write_text("\n".join(sentences) + "\n")
    kinds = {}
    for line, kind in reports(path):
        kinds.setdefault(line - 1, set()).add(kind)
    return {line: None if "not-yet" in found else True for line, found in kinds.items()
            if found & {"not-yet", "syntax-error"}}


def disagreements(sentences):
    """Those about which grammar and parser differ, each with what the grammar says."""
    found = []
    path = folder / "tokens.awg"
    for start in range(0, len(sentences), 40):
        batch = sentences[start:start + 40]
        path.write_text("\n".join(batch) + "\n")
        lines = tokens_of(path)
        accepted = {at: recogniser.accepts(lines.get(at + 1) or []) for at in range(len(batch))}
        refused = refused_lines(batch)
        for at, sentence in enumerate(batch):
            if lines.get(at + 1, []) is None or refused.get(at, False) is None or accepted[at] != (at in refused):
                continue
            alone = refused_lines([sentence]).values()
            if None not in alone and accepted[at] == bool(alone):
                found.append((sentence, accepted[at]))
    return found


def derived(number):
    """Random sentences of the grammar."""
    sentences = []
    while len(sentences) < number:
        rule = draw.choice(["item", "function", "function", "kernel"])
        sentence = " ".join(grammar.derive(rule, SAMPLES, draw, draw.randrange(10, 80)))
        if sentence:
            sentences.append(sentence)
    path = folder / "derived.awg"
    path.write_text("\n".join(sentences) + "\n")
    lines = tokens_of(path)
    return [text for at, text in enumerate(sentences) if lines.get(at + 1) and recogniser.accepts(lines[at + 1])]


def mutated(sentence):
    words = sentence.split()
    for _ in range(draw.choice([1, 1, 2])):
        at = draw.randrange(len(words))
        words[at:at + draw.choice([0, 1, 1])] = draw.choice([[], [draw.choice(VOCABULARY)], [draw.choice(words)]])
        if not words:
            return "fn"
    return " ".join(words)


def check_programs(failures):
    """Gives the items of the programs, as sentences."""
    paths = [path for path in sorted(root.rglob("*.awg")) if "build" not in path.relative_to(root).parts[0]]
    assert len(paths) > 100
    joined = folder / "programs.awg"
    texts = [path.read_text(errors="replace").replace("\r", "") + "\n" for path in paths]
    joined.write_text("".join(texts))
    lines = tokens_of(joined)
    accepted, start = [], 0
    for path, text in zip(paths, texts):
        length = text.count("\n")
        own = [lines.get(line, []) for line in range(start + 1, start + 1 + length)]
        start += length
        if None in own:
            continue
        tokens = [token for line in own for token in line]
        if recogniser.accepts(tokens):
            accepted.append((path, text))
        elif not {"not-yet", "syntax-error"} & {kind for _, kind in reports(path)}:
            place = tokens[recogniser.furthest].place if recogniser.furthest < len(tokens) else (start, 1)
            failures.append(f"{path.relative_to(root)}: the parser accepts it, the grammar does not, "
                            f"at {place[0] - start + length}:{place[1]} at the earliest")
    joined.write_text("".join(text for _, text in accepted))
    if any(kind == "syntax-error" for _, kind in reports(joined)):
        failures += [f"{path.relative_to(root)}: the grammar accepts it, the parser does not" for path, _ in accepted
                     if "syntax-error" in {kind for _, kind in reports(path)}]
    return [item for _, text in accepted for item in items_of(text)]


def items_of(text):
    """The items that begin at the margin and hold nothing that a line of its own cannot, on one line each."""
    items = [[]]
    for line in text.splitlines():
        line = line.split("//")[0].rstrip()
        if line[:1].isalpha() or line[:1] == "@":
            items.append([])
        items[-1].append(line.strip())
    return [item for item in map(" ".join, items) if 0 < len(item.split()) < 120]


def main():
    failures = []
    items = check_programs(failures)
    sentences = derived(count)
    print(f"{len(items)} items of programs, {len(sentences)} derived")
    for sentence, accepted in disagreements(sentences):
        failures.append(f"derived, but the parser refuses it:\n  {sentence}")
    changed = [mutated(draw.choice(source)) for source in (sentences, items) for _ in range(count)]
    for sentence, accepted in disagreements(changed):
        failures.append(f"the {'parser' if accepted else 'grammar'} refuses it, the other does not:\n  {sentence}")
    print("\n".join(failures) or "the grammar and the parser agree")
    return bool(failures)


status = []
sys.setrecursionlimit(10**6)
threading.stack_size(512 * 2**20)
thread = threading.Thread(target=lambda: status.append(main()))
thread.start()
thread.join()
sys.exit(status != [False])
