"""Looks for every example of the dialect's operations, and every operation, in a test: examples.py OPS.td TEST.mlir."""

import re
import sys

ops = open(sys.argv[1], encoding="utf-8").read()
test = open(sys.argv[2], encoding="utf-8").read()
tested = {line.strip() for line in test.splitlines()}

examples = re.findall(r"Example: `(.*)`", ops)
for block in re.findall(r"Example:\n\s*```mlir\n(.*?)```", ops, re.DOTALL):
    examples += [line for line in map(str.strip, block.splitlines()) if line]
missing = [example for example in examples if example not in tested]

mnemonics = re.findall(r'Awg_Op<"(\w+)"', ops)
missing += [f"awg.{name}" for name in mnemonics if not re.search(rf"awg\.{name}\b", test)]

for line in missing:
    print("not tested:", line)
print(len(mnemonics), "operations")
sys.exit(bool(missing))
