"""Tokenises lines by a TextMate grammar: what of its rules lang/editors/vscode/syntaxes uses, and refuses the rest."""

import json
import re

KNOWN = {"name", "match", "captures", "begin", "end", "beginCaptures", "endCaptures", "patterns", "include"}


class Rule:
    def __init__(self, source):
        assert set(source) <= KNOWN, f"the tokeniser does not know {set(source) - KNOWN}"
        self.source, self.name = source, source.get("name")
        opening = source.get("match", source.get("begin"))
        self.regex = re.compile(opening) if opening else None
        self.end = re.compile(source["end"]) if "end" in source else None
        self.captures = source.get("captures", source.get("beginCaptures", {}))


class TextMate:
    def __init__(self, path):
        grammar = json.loads(path.read_text())
        self.repository = {"#" + name: rule for name, rule in grammar["repository"].items()}
        self.rules = {}
        self.root = Rule({"patterns": grammar["patterns"]})

    def within(self, rule):
        """The rules that may begin within another, with the includes followed."""
        if id(rule) not in self.rules:
            self.rules[id(rule)] = list(self.flat(rule.source["patterns"]))
        return self.rules[id(rule)]

    def flat(self, patterns):
        for source in patterns:
            source = self.repository[source["include"]] if "include" in source else source
            if "match" in source or "begin" in source:
                yield self.rules.setdefault(("rule", id(source)), Rule(source))
            else:
                yield from self.flat(source["patterns"])

    def scopes(self, lines):
        """For each line a list with the scopes of each character, the innermost last."""
        stack = [self.root]
        return [self.line(text, stack) for text in lines]

    def line(self, text, stack):
        scopes, at, resting, ahead = [()] * len(text), 0, 0, {}

        def search(regex):
            """The next match, kept until it is passed: what stands before a place does not move it."""
            key = id(regex)
            if key not in ahead or ahead[key] and ahead[key].start() < at:
                ahead[key] = regex.search(text, at)
            return ahead[key]

        def paint(start, end, *names):
            around = tuple(rule.name for rule in stack if rule.name)
            for place in range(start, end):
                scopes[place] = around + tuple(name for name in names if name)

        def paint_captures(found, captures, *names):
            for group, capture in captures.items():
                paint(*found.span(int(group)), *names, capture["name"])

        while at <= len(text):
            top = stack[-1]
            ending = search(top.end) if top.end else None
            found = None
            for order, rule in enumerate(self.within(top)):
                match = search(rule.regex)
                if match and (not found or match.start() < found[0]):
                    found = (match.start(), order, match, rule)
            if ending and (not found or ending.start() <= found[0]):
                paint(at, ending.start())
                paint(*ending.span())
                paint_captures(ending, top.source.get("endCaptures", {}))
                stack.pop()
                at = ending.end()
                continue
            if not found:
                break
            _, _, match, rule = found
            paint(at, match.start())
            if rule.end:
                stack.append(rule)
                paint(*match.span())
                paint_captures(match, rule.captures)
            else:
                paint(*match.span(), rule.name)
                paint_captures(match, rule.captures, rule.name)
            resting = resting + 1 if match.end() == at else 0
            assert resting < 100, f"the grammar goes nowhere in {text!r}"
            at = match.end()
        paint(at, len(text))
        return scopes
