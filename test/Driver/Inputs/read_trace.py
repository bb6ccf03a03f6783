"""Checks a trace and prints `NAME from FILE:LINE:COLUMN` for all that ran."""
import decimal
import json
import os
import sys

events = json.load(open(sys.argv[1]), parse_float=decimal.Decimal)["traceEvents"]  # sums of them are exact
threads = {event["tid"]: event["args"]["name"] for event in events if event["name"] == "thread_name"}
busy = {}
spans = {}
ran = set()
for event in events:
    if event["ph"] == "M":
        continue
    assert event["tid"] in threads and event["ts"] >= 0, event
    if "started" in event.get("args", {}):
        ran.add(f"{event['name']} from {os.path.basename(event['args']['started'])}")
    if event["ph"] == "X":
        busy.setdefault(event["tid"], []).append((event["ts"], event["ts"] + event["dur"]))
    elif event["ph"] == "b":
        spans[event["id"]] = event
    elif event["ph"] == "e":
        assert spans.pop(event["id"])["ts"] <= event["ts"], event
assert not spans, spans
for slices in busy.values():  # a thread does one thing at a time, or one within another
    ends = []
    for begin, end in sorted(slices, key=lambda slice: (slice[0], -slice[1])):
        while ends and ends[-1] <= begin:
            ends.pop()
        assert not ends or end <= ends[-1], (begin, end, ends)
        ends.append(end)
print("\n".join(sorted(ran)))
