"""Prints what failed in a stream of `go test -json`, and how each package ended.

usage: go_failures.py STREAM
"""

import json
import sys
from collections import defaultdict
from pathlib import Path


def main():
    output = defaultdict(list)
    for line in Path(sys.argv[1]).read_text().splitlines():
        if not line.startswith("{"):
            print(line)
            continue
        event = json.loads(line)
        test = event.get("Test")
        if event["Action"] in ("output", "build-output"):
            output[test].append(event["Output"])
        elif event["Action"] == "fail" and test:
            print("".join(output[test]), end="")
    print("".join(output[None]), end="")


main()
