"""Reads a grammar in the EBNF of lang/spec/grammar.ebnf, recognises tokens by it and derives sentences from it.

The recogniser goes from the top with all alternatives at once: a rule at a place gives every place where it can end, and
remembers it, so that the time is bounded by a polynomial of the length. The first token picks among alternatives.
"""

import re
import string

ANY = None  # in a set of first tokens: whatever stands there
LEXEME = re.compile(r'\s+|\(\*.*?\*\)|("[^"]+")|([A-Za-z_][A-Za-z_0-9]*)|([=;|{}\[\]()\-&!+<>])', re.DOTALL)


class Grammar:
    def __init__(self, text):
        self.marks, self.rules = {}, {}
        self.lexemes, at = [], 0
        while at < len(text):
            found = LEXEME.match(text, at)
            assert found, f"the grammar has a strange character: {text[at:at + 20]!r}"
            at = found.end()
            if found.lastindex:
                self.lexemes.append(found.group())
        self.at = 0
        while self.at < len(self.lexemes):
            name = self.take()
            assert name not in self.rules, f"two rules are called {name}"
            self.expect("=")
            self.rules[name] = self.alternatives()
            self.expect(";")
        self.words = {lexeme[1:-1] for lexeme in self.lexemes if lexeme[0] == '"'}
        for name in [lexeme for lexeme in self.lexemes if lexeme.islower() and lexeme[0] in string.ascii_lowercase]:
            assert name in self.rules or name in self.marks or name in ("all", "not", "after"), f"no rule is called {name}"
        self.heights = self.lowest_heights()

    # ---- reading: a node is a tuple of its sort and its parts

    def peek(self):
        return self.lexemes[self.at] if self.at < len(self.lexemes) else ";"

    def take(self):
        self.at += 1
        return self.lexemes[self.at - 1]

    def expect(self, lexeme):
        assert self.take() == lexeme, f"expected {lexeme} at {' '.join(self.lexemes[self.at - 8:self.at + 3])}"

    def alternatives(self):
        parts = [self.sequence()]
        while self.peek() == "|":
            self.take()
            parts.append(self.sequence())
        return parts[0] if len(parts) == 1 else ("any", parts)

    def sequence(self):
        parts = []
        while self.peek() not in ("|", ";", ")", "]", "}"):
            part = self.factor()
            if self.peek() == "-":
                self.take()
                if self.peek() == "all":
                    self.take()
                    part = ("ref", part[1], 0, True)
                else:
                    part = ("except", part, self.factor())
            parts.append(part)
        return parts[0] if len(parts) == 1 else ("all", parts)

    def mark(self):
        return self.marks.setdefault(self.take(), 1 << len(self.marks))

    def factor(self):
        lexeme = self.take()
        if lexeme in ("&", "!"):
            return ("look", self.factor(), lexeme == "&")
        if lexeme in ("{", "[", "("):
            inner = self.alternatives()
            self.expect({"{": "}", "[": "]", "(": ")"}[lexeme])
            return inner if lexeme == "(" else ("many", inner) if lexeme == "{" else ("any", [inner, ("all", [])])
        if lexeme == "<":
            word = self.take() if self.peek() in ("not", "after") else ""
            node = ("after", self.take()[1:-1]) if word == "after" else ("mark", self.mark(), word != "not")
            self.expect(">")
            return node
        if lexeme[0] == '"':
            return ("word", lexeme[1:-1])
        if lexeme.isupper():
            return ("class", lexeme)
        marks = 0
        while self.peek() == "+":
            self.take()
            marks |= self.mark()
        return ("ref", lexeme, marks, False)

    # ---- deriving

    def lowest_heights(self):
        """For each rule the least number of rules within each other that a sentence of it needs."""
        heights = dict.fromkeys(self.rules, 1000)
        for _ in self.rules:
            for name, node in self.rules.items():
                heights[name] = min(heights[name], 1 + self.height(node, heights))
        return heights

    def height(self, node, heights=None):
        heights = heights or self.heights
        sort = node[0]
        if sort == "ref":
            return heights[node[1]]
        if sort == "any":
            return min(self.height(part, heights) for part in node[1])
        if sort == "all":
            return max((self.height(part, heights) for part in node[1]), default=0)
        return self.height(node[1], heights) if sort == "except" else 0

    def derive(self, name, samples, draw, budget=60):
        """The tokens of a random sentence, about as many as `budget`. What stands behind & and ! is not heeded: the
        recogniser has to accept the sentence before it is one."""
        out = []

        def walk(node, marks):
            sort = node[0]
            if sort == "word":
                out.append(node[1])
            elif sort == "class":
                out.append(draw.choice(samples[node[1]]))
            elif sort == "ref":
                walk(self.rules[node[1]], 0 if node[3] else marks | node[2])
            elif sort == "all":
                for part in node[1]:
                    walk(part, marks)
            elif sort == "any":
                parts = [part for part in node[1] if self.stands(part, marks)]
                if len(out) > budget or draw.random() < 0.25:
                    lowest = min(map(self.height, parts))
                    parts = [part for part in parts if self.height(part) == lowest]
                walk(draw.choice(parts), marks)
            elif sort == "many":
                while len(out) < budget and draw.random() < 0.4:
                    walk(node[1], marks)
            elif sort == "except":
                walk(node[1], marks)

        walk(("ref", name, 0, False), 0)
        return out

    @staticmethod
    def stands(part, marks):
        """Whether an alternative may stand where these marks hold."""
        first = part[1][0] if part[0] == "all" and part[1] else part
        return first[0] != "mark" or bool(marks & first[1]) == first[2]


class Token:
    """One token, or a part of one: `>>` is two `>`, of which the first is joined to the second."""

    def __init__(self, kinds, text, place, joined=False):
        self.kinds, self.text, self.place, self.joined = kinds, text, place, joined


def pieces(word):
    return re.findall(r"[a-z]+|[>=]", word) if word[0] == ">" or word in ("min=", "max=") else [word]


class Recogniser:
    def __init__(self, grammar):
        self.grammar = grammar
        self.firsts = {}
        self.rules = {}
        for name in grammar.rules:
            self.rules[name] = {"first": self.first(("ref", name, 0, False)), "memo": {}}
        for name, node in grammar.rules.items():
            self.rules[name]["match"] = self.compile(node)

    def accepts(self, tokens, name="module"):
        """Whether the tokens are a sentence; if not, `furthest` is the token that none can follow."""
        self.tokens, self.end, self.furthest = [*tokens, Token((), None, "the end")], len(tokens), 0
        for rule in self.rules.values():
            rule["memo"] = {}
        return self.end in self.compile(("ref", name, 0, False))(0, 0)

    # ---- which tokens something can begin with

    def first(self, node):
        """The texts and classes that `node` can begin with; ANY is among them if it can be nothing at all."""
        sort = node[0]
        if sort == "word":
            return {pieces(node[1])[0]}
        if sort == "class":
            return {node[1]}
        if sort == "ref":
            if node[1] not in self.firsts:
                self.firsts[node[1]] = self.first(self.grammar.rules[node[1]])
            return self.firsts[node[1]]
        if sort == "any":
            return set().union(*map(self.first, node[1]))
        if sort == "all":
            firsts = {ANY}
            for part in node[1]:
                firsts = firsts - {ANY} | self.first(part)
                if ANY not in firsts:
                    break
            return firsts
        return self.first(node[1]) if sort == "except" else {ANY} | (self.first(node[1]) if sort == "many" else set())

    def begins(self, firsts, at):
        token = self.tokens[at]
        return ANY in firsts or token.text in firsts or any(kind in firsts for kind in token.kinds)

    # ---- a node becomes a function from a place and the marks to the places where it can end

    def compile(self, node):
        return getattr(self, "compile_" + node[0])(*node[1:])

    def step(self, at):
        self.furthest = max(self.furthest, at + 1)
        return (at + 1,)

    def compile_word(self, word):
        parts = pieces(word)

        def match(at, marks):
            for part in parts[:-1]:
                if self.tokens[at].text != part or not self.tokens[at].joined:
                    return ()
                at += 1
            return self.step(at) if self.tokens[at].text == parts[-1] else ()

        return match

    def compile_class(self, kind):
        return lambda at, marks: self.step(at) if kind in self.tokens[at].kinds else ()

    def compile_ref(self, name, added, cleared):
        rule = self.rules[name]

        def match(at, marks):
            marks = 0 if cleared else marks | added
            memo, key = rule["memo"], at * 8 + marks
            ends = memo.get(key)
            if ends is None:
                ends = memo[key] = rule["match"](at, marks) if self.begins(rule["first"], at) else ()
            return ends

        return match

    def compile_all(self, parts):
        matches = [self.compile(part) for part in parts]

        def match(at, marks):
            ends = (at,)
            for part in matches:
                if len(ends) == 1:
                    ends = part(ends[0], marks)
                elif ends:
                    ends = tuple({end for start in ends for end in part(start, marks)})
                else:
                    break
            return ends

        return match

    def compile_any(self, parts):
        choices = [(self.first(part), self.compile(part)) for part in parts]

        def match(at, marks):
            found = [ends for firsts, part in choices if self.begins(firsts, at) and (ends := part(at, marks))]
            return found[0] if len(found) == 1 else tuple({end for ends in found for end in ends})

        return match

    def compile_many(self, inner):
        part, firsts = self.compile(inner), self.first(inner)

        def match(at, marks):
            ends, new = {at}, [at]
            while new:
                start = new.pop()
                if self.begins(firsts, start):
                    fresh = [end for end in part(start, marks) if end not in ends]
                    ends.update(fresh)
                    new += fresh
            return tuple(ends)

        return match

    def compile_except(self, inner, without):
        part, other = self.compile(inner), self.compile(without)
        return lambda at, marks: tuple(set(part(at, marks)).difference(other(at, marks)))

    def compile_look(self, inner, wanted):
        part, firsts = self.compile(inner), self.first(inner)

        def match(at, marks):
            furthest = self.furthest
            there = self.begins(firsts, at) and bool(part(at, marks))
            self.furthest = furthest
            return (at,) if there == wanted else ()

        return match

    def compile_mark(self, mark, wanted):
        return lambda at, marks: (at,) if bool(marks & mark) == wanted else ()

    def compile_after(self, text):
        return lambda at, marks: (at,) if at and self.tokens[at - 1].text == text else ()
