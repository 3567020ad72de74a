"""Marks as skipped, in JUnit reports, the tests that said they could not run.

usage: mark_skipped.py RESULTS
RESULTS/skipped.txt has a line `TEST: REASON` for each; they are shown, because a skip should be seen.
"""

import sys
import xml.etree.ElementTree as xml
from pathlib import Path


def main():
    results = Path(sys.argv[1])
    listed = results / "skipped.txt"
    if not listed.exists():
        return
    reasons = dict(line.split(": ", 1) for line in listed.read_text().splitlines())
    for test, reason in sorted(reasons.items()):
        print(f"skipped {test}: {reason}")
    for path in results.rglob("*.xml"):
        report = xml.parse(path)
        for case in report.getroot().iter("testcase"):
            if case.get("name") in reasons:
                xml.SubElement(case, "skipped", message=reasons[case.get("name")])
        report.write(path)


main()
