"""Sums up what `./awg test` ran: reads a folder of reports, ends with `N passed, N failed`, fails if any failed.

The folder holds GoogleTest's and lit's JSON reports and, for each program that did not exit with 0, NAME.failed.
"""

import json
import pathlib
import sys

PASSED = {"PASS", "XFAIL", "FLAKYPASS"}
FAILED = {"FAIL", "XPASS", "UNRESOLVED", "TIMEOUT"}


def count_lit(report):
    codes = [test["code"] for test in report["tests"]]
    return sum(code in PASSED for code in codes), sum(code in FAILED for code in codes)


def count_gtest(report):
    failed = report["failures"] + report.get("errors", 0)
    return report["tests"] - failed - report.get("disabled", 0), failed


def main(folder):
    passed = failed = 0
    counts = {}
    for path in sorted(folder.glob("*.json")):
        report = json.loads(path.read_text(encoding="utf-8", errors="replace"))
        counts[path.stem] = count_gtest(report) if "testsuites" in report else count_lit(report)
        passed += counts[path.stem][0]
        failed += counts[path.stem][1]
    for path in folder.glob("*.failed"):
        if counts.get(path.stem, (0, 0))[1] == 0:  # it crashed, or never got to its tests
            print(f"{path.stem} ended with exit code {path.read_text().strip()}")
            failed += 1
    if passed + failed == 0:
        print("no tests were found")
        failed = 1
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1])))
