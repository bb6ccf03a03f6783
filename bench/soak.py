#!/usr/bin/env python3
"""Runs soak.awg, 10^8 tasks, and watches its memory: soak.py AWGC [short]. Fails if it grows after a tenth of the time."""

import os
import pathlib
import subprocess
import sys
import tempfile
import time


def resident(pid):
    """KiB in memory, or None once the process has ended."""
    try:
        for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1])
    except OSError:
        pass
    return None


def main():
    here = pathlib.Path(__file__).parent
    with tempfile.TemporaryDirectory() as folder:
        program = os.path.join(folder, "soak")
        subprocess.run([sys.argv[1], here / "soak.awg", "-o", program], check=True)
        start, samples = time.time(), []
        process = subprocess.Popen([program, *sys.argv[2:]], env={**os.environ, "AWG_STATS": "1"})
        while process.poll() is None:
            kib = resident(process.pid)
            if kib:
                samples.append(kib)
            time.sleep(0.05)
        early, late = max(samples[: len(samples) // 10 + 1]), max(samples)
        print(f"{time.time() - start:.1f} s, {early} KiB after a tenth of the time, {late} KiB at most")
        if process.returncode or late > early * 1.1 + 1024:
            sys.exit("soak: it failed, or its memory grew")


if __name__ == "__main__":
    main()
