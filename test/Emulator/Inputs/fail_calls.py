"""Fails what a program asks of the driver, one thing at a time, and looks at how the program ends.

    fail_calls.py EMULATOR PROGRAM [--all] [--clock=FILE] [NAME...]

PROGRAM is faulty.awg, compiled; each NAME is one of its arguments. FILE is slow_clock.c, compiled, for what is done only if a program
is fast: where one worker's clock hardly moves, it is. A run that lists all calls, allocations, launches and copies
(AWG_EMU_FAULTS=list=FILE) says how many there are. Then one of them fails in each further run: with --all every one in every
program, else the first call from each place in the runtime, and every allocation, launch and copy of the first four. Calls fail as
a device that is lost, and as one that refuses. Each run must end as lang/spec/devices.md says. After an allocation that
failed it must leave no memory behind; calls that fail may lose the device, on which nothing is freed from then on.
"""

import collections
import concurrent.futures
import os
import re
import subprocess
import sys
import tempfile

NAMES = ["chain", "repeated", "two", "reduction", "running", "blocks", "copies", "views", "cancelled", "checked"]
QUICK = {"repeated"}
KINDS = {"call": ["call", "refuse"], "oom": ["oom"], "launch": ["launch", "illegal", "lost"], "copy": ["copy"]}
REJECTION = re.compile(r"rejected: (out of memory: |device lost: |device error: |no such device: )")
SECONDS = 600 # ends within 5 on a machine that has nothing else to do


def environment(emulator, name, clock, faults):
    """Launches that repeat become a graph if they follow each other quickly, and no other worker goes to sleep between them."""
    quick = {"AWG_DEVICES": "cpu:1,emu:2", "LD_PRELOAD": clock} if clock and name in QUICK else {}
    return {**os.environ, "AWG_EMU_LIBRARY": emulator, "AWG_DEVICES": "emu:2", "AWG_EMU_CHECK": "1", "AWG_EMU_THREADS": "1",
            "AWG_EMU_FAULTS": faults, **quick}


def run(emulator, program, name, clock, faults):
    """The exit code (None if it took too long), and what was printed."""
    try:
        done = subprocess.run([program, name], env=environment(emulator, name, clock, faults), capture_output=True, text=True,
                              timeout=SECONDS)
    except subprocess.TimeoutExpired:
        return None, "", ""
    return done.returncode, done.stdout, done.stderr


def things(emulator, program, name, clock):
    """What can be made to fail: kind to a list of places in the code, and the output of a run in which nothing does."""
    with tempfile.NamedTemporaryFile("r") as file:
        code, out, err = run(emulator, program, name, clock, "list=" + file.name)
        if code != 0 or err or "rejected" in out:
            sys.exit(f"{name} fails by itself with {code}: {out}{err}")
        found = collections.defaultdict(list)
        for line in file:
            kind, _, *site = line.split()
            found[kind].append(" ".join(site))
        return found, out.splitlines()


def complaint(kind, site, right, code, out, err):
    """What is wrong with how a run ended, or an empty text."""
    if code is None:
        return f"does not end within {SECONDS} s"
    if kind == "oom" and "allocations that were not freed" in err:
        return "leaves memory behind"
    if re.search(r"^error: AWG_DEVICES=\S+: ", err, re.MULTILINE) and code == 1:
        return ""  # it could not be opened
    lines = out.splitlines()
    if code == 1 and lines == right and err.startswith("error: device lost: "):
        return ""  # with what nothing needed, such as a cancelled task's
    if code != 0 or len(lines) != 3 or lines[2] != right[2]:
        return f"ends with {code}"
    if any(line != right[0] and not REJECTION.match(line) for line in lines[:2]):
        return "gives something else"
    if kind in ("oom", "refuse") and right[0] not in lines[:2]:
        return "does not go on"
    return ""


def main():
    emulator, program, *rest = sys.argv[1:]
    isAll = "--all" in rest
    clock = next((word[len("--clock="):] for word in rest if word.startswith("--clock=")), None)
    names = [name for name in rest if not name.startswith("--")] or NAMES
    jobs, known = [], set()
    for name in names:
        found, right = things(emulator, program, name, clock)
        for thing, sites in found.items():
            for number, site in enumerate(sites, 1):
                isNew = (site not in known) if site else number <= 4
                known |= {site} if site else set()
                if isAll or isNew:
                    jobs += [(name, kind, number, site, right) for kind in KINDS[thing]]
    calls = sorted({site.split()[0] for site in known})
    bad = 0
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        runs = [pool.submit(run, emulator, program, name, clock, f"{kind}@{number}") for name, kind, number, _, _ in jobs]
        for (name, kind, number, site, right), done in zip(jobs, runs):
            if wrong := complaint(kind, site, right, *done.result()):
                bad += 1
                _, out, err = done.result()
                print(f"{name} {kind}@{number} {site}: {wrong}\n{out}{err[:600]}")
    print(f"{len(known)} places call {len(calls)} functions: {' '.join(calls)}")
    print(f"{len(jobs)} runs, {bad} bad")
    sys.exit(bad > 0)


main()
