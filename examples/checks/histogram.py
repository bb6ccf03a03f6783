"""Checks histogram.awg's output with Python's own string functions."""

import collections
import re
import sys

data = open(sys.argv[1], "rb").read()
text = data.decode()
words = re.findall(r"[A-Za-z]+", text)
letters = collections.Counter(re.sub(r"[^a-z]", "", text.lower()))
lengths = collections.Counter(min(len(word), 20) for word in words)
letter_list = [letters[chr(97 + k)] for k in range(26)]
length_list = [lengths[k] for k in range(21)]
want = [
    f"{len(data)} bytes, {text.count(chr(10))} lines",
    f"{len(words)} words",
    f"letters {letter_list}",
    f"lengths {length_list}",
    f"letter {letter_list.index(max(letter_list))} is the most common, "
    f"words of {length_list.index(max(length_list))} letters are",
]
got = open(sys.argv[2]).read().splitlines()
assert got == want, "\n".join(["got:", *got, "want:", *want])
