#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The guide shows what the examples have: every link leads to a file, and every line of code stands in one.

usage: guide.py GUIDE
"""

import os
import re
import sys

# Forms that a reader fills in, calls that no example needs, and text that only looks like code.
SKETCHES = re.compile(
    r"\.\.\.|^(bool|void) on_\w+\(.*\);$|host->(log|degraded)\(|shiny_allow_output|refuse\(|ANSWER_MAX"
    r"|^drain at SIGTERM|^shinyd: "
)

guide = sys.argv[1]
folder = os.path.dirname(guide)


def squeeze(line):
    return " ".join(line.split())


def example_lines():
    lines = set()
    for base, _, names in os.walk(os.path.join(folder, "examples")):
        for name in names:
            with open(os.path.join(base, name), encoding="utf-8", errors="replace") as example:
                lines.update(squeeze(line) for line in example)
    return lines


with open(guide, encoding="utf-8") as text:
    text = text.read()
missing_links = [link for link in re.findall(r"\]\((\w[^):]*)\)", text) if not os.path.exists(os.path.join(folder, link))]
shown = [squeeze(line) for line in text.split("\n") if re.match(r" {4}.*[;{]$", line)]
known = example_lines()
unknown = [line for line in shown if line not in known and not SKETCHES.search(line)]

print("1..2")
for number, (name, problems) in enumerate([("links", missing_links), ("code", unknown)], 1):
    print(f"{'not ' if problems else ''}ok {number} /guide/{name}")
    for problem in problems:
        print("# " + problem)
sys.exit(1 if missing_links or unknown or len(shown) < 50 else 0)
