"""A compiler whose programs print something else: liar.py [--together] AWGC... With --together, only those of several seeds do."""
import re
import subprocess
import sys

isTogether, *command = sys.argv[1:] if sys.argv[1] == "--together" else [None, *sys.argv[1:]]
if isTogether and not re.search(r"/seed-\d+-\d+\.awg$", command[-1]):
    sys.exit(subprocess.run(command).returncode)
print("liar")
