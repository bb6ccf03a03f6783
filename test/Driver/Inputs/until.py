"""Runs a command until what it writes to standard error matches, since a busy machine may take another way: until.py PATTERN COMMAND...

Its output is that of the last run; after 20 that do not match it exits with 1.
"""
import re
import subprocess
import sys

for _ in range(20):
    done = subprocess.run(sys.argv[2:], capture_output=True, text=True)
    isFound = re.search(sys.argv[1], done.stderr)
    if isFound or done.returncode:
        break
sys.stdout.write(done.stdout)
sys.stderr.write(done.stderr)
sys.exit(done.returncode or not isFound)
