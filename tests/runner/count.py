"""Adds up what a part's runner wrote: JUnit XML, `go test -json`, `steps`, `ignored`.

usage: count.py RESULTS EXIT_STATUS
A part that failed without a counted failure still counts as one failure.
"""

import json
import sys
import xml.etree.ElementTree as xml
from collections import Counter
from pathlib import Path


def junit(path):
    for case in xml.parse(path).getroot().iter("testcase"):
        kinds = {child.tag for child in case}
        if kinds & {"failure", "error"}:
            yield "failed"
        else:
            yield "skipped" if "skipped" in kinds else "passed"


def go(path):
    for line in path.read_text().splitlines():
        if not line.startswith("{"):
            continue
        event = json.loads(line)
        if "Test" in event and event["Action"] in ("pass", "fail", "skip"):
            yield {"pass": "passed", "fail": "failed", "skip": "skipped"}[event["Action"]]


def steps(path):
    for line in path.read_text().splitlines():
        yield line.split()[0]


def count(results):
    readers = {".xml": junit, ".jsonl": go, ".steps": steps}
    for path in sorted(results.rglob("*")):
        if path.suffix in readers:
            yield from readers[path.suffix](path)


def main():
    results, status = Path(sys.argv[1]), int(sys.argv[2])
    total = Counter(count(results))
    if status != 0 and total["failed"] == 0:
        total["failed"] = 1
    print(f"{total['passed']} passed, {total['failed']} failed, {total['skipped']} skipped")


main()
