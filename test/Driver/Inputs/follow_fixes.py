"""Follows each fix that diagnostics offer: follow_fixes.py AWGC CHECKS PAGES FOLDER

The programs are those of CHECKS, a folder of tests, and of the pages of PAGES; they are copied to FOLDER. A fix is applied alone:
then the mistake that offered it is gone, and the text is no worse Awg than before. What else is wrong may show.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

AWGC, CHECKS, PAGES, FOLDER = sys.argv[1:5]


def diagnostics(path):
    run = subprocess.run([AWGC, "check", "--diagnostics=json", path], capture_output=True, text=True)
    if run.returncode not in (0, 1):
        return [{"file": path, "line": 0, "kind": "crash", "message": run.stderr, "fixes": []}]
    return [json.loads(line) for line in (run.stdout + run.stderr).splitlines() if line.startswith("{")]


def apply(text, fixes):
    starts = [0]
    for line in text.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    place = lambda line, column: starts[line - 1] + column - 1
    edits = {(place(f["line"], f["column"]), place(f["endLine"], f["endColumn"]), f["text"]) for f in fixes}
    for begin, end, new in sorted(edits, reverse=True):
        text = text[:begin] + new + text[end:]
    return text


def follow(path):
    """The number of fixes in a program, and what is wrong with them."""
    with open(path, encoding="utf-8") as file:
        text = file.read()
    copy = path[: -len(".awg")] + ".followed.awg"
    found = [d for d in diagnostics(path) if os.path.basename(d["file"]) == os.path.basename(path)]
    count, wrong = 0, []
    for mistake in found:
        if not mistake["fixes"]:
            continue
        count += 1
        fixed = apply(text, mistake["fixes"])
        with open(copy, "w", encoding="utf-8") as file:
            file.write(fixed)
        left = diagnostics(copy)

        def alike(all):
            return sum(d["kind"] == mistake["kind"] and d["message"] == mistake["message"] for d in all)

        def unread(all):
            return sum(d["kind"] in ("syntax-error", "bad-character", "unterminated-string", "crash") for d in all)

        if alike(left) >= alike(found) or (unread(left) > unread(found) and len(left) > len(found)):
            line = fixed.splitlines()[mistake["line"] - 1]
            wrong.append(f"{path}:{mistake['line']}: {mistake['message']}\n    {line}")
    return count, wrong


def main():
    shutil.rmtree(FOLDER, ignore_errors=True)
    shutil.copytree(CHECKS, FOLDER)
    for page in sorted(os.listdir(PAGES)):
        with open(os.path.join(PAGES, page), encoding="utf-8") as file:
            for number, program in enumerate(re.findall(r"```awg[^\n]*\n(.*?)```", file.read(), re.S)):
                with open(os.path.join(FOLDER, f"page-{page[:-3]}-{number}.awg"), "w", encoding="utf-8") as copy:
                    copy.write(program)
    programs = [os.path.join(FOLDER, name) for name in sorted(os.listdir(FOLDER)) if name.endswith(".awg")]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        results = list(pool.map(follow, programs))
    total = sum(count for count, _ in results)
    for _, wrong in results:
        for text in wrong:
            print(text)
    print(f"{total} fixes followed" if total > 100 else f"only {total} fixes found")
    sys.exit(any(wrong for _, wrong in results) or total <= 100)


main()
