"""Plants a fault into the PTX of an executable: plant.py FILE PATTERN REPLACEMENT. Every match is replaced, at its length."""

import re
import sys

path, pattern, replacement = sys.argv[1:]
with open(path, "rb") as file:
    content = file.read()


def planted(match):
    text = match.expand(replacement.encode())
    assert len(text) <= len(match[0]), "the replacement is longer than what it replaces"
    return text.ljust(len(match[0]))


content, count = re.subn(pattern.encode(), planted, content)
assert count, f"nothing in {path} is like {pattern}"
with open(path, "r+b") as file:
    file.write(content)
