"""Runs `awgc check` on hostile programs: survives.py AWGC FOLDER KIND...

Each must be accepted or refused with diagnostics (exit code 0 or 1), within a memory limit, never crash, and print less
than 1 MB. Prints KIND: accepted, or KIND: and the kind of the first diagnostic.
"""

import pathlib
import re
import resource
import subprocess
import sys

command, folder, *kinds = sys.argv[1:]
maker = pathlib.Path(__file__).with_name("hostile.py")


def limits():
    resource.setrlimit(resource.RLIMIT_CPU, (900, 900))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


for kind in kinds:
    path = pathlib.Path(folder) / f"{kind}.awg"
    subprocess.run([sys.executable, maker, kind, path], check=True)
    done = subprocess.run([*command.split(), "check", path], capture_output=True, preexec_fn=limits)
    path.unlink()
    said = done.stderr.decode(errors="replace")
    assert done.returncode in (0, 1), f"{kind}: exit code {done.returncode}: {said[-2000:]}"
    assert len(said) < 2**20, f"{kind}: {len(said)} characters of diagnostics"
    found = re.search(r"error: .*\[([a-z-]+)\]$", said, re.MULTILINE)
    assert (done.returncode == 1) == bool(found), f"{kind}: exit code {done.returncode}: {said[:2000]}"
    print(f"{kind}: {found.group(1) if found else 'accepted'}", flush=True)
