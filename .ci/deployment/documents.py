"""What the documents tell an operator to type."""

import re
import sys

from machine import ROOT


def block(document, marker):
    """The commands of the first block after `marker`, one an entry, as they stand."""
    _, _, after = (ROOT / document).read_text().partition(marker)
    _, _, commands = after.partition("\n```sh\n")
    commands, end, _ = commands.partition("\n```\n")
    if not end:
        sys.exit(f"{document} has no commands after {marker}")
    return [line for line in commands.replace("\\\n    ", "").splitlines() if line]


def deploy():
    """The first deployment. README has the same lines, but for those that only name things."""
    lines = block("docs/operations.md", "<!-- deploy -->")
    named = [line for line in lines if not re.match(r"me=|out\(\)", line)]
    if block("README.md", "\n## Deploy\n") != named:
        sys.exit("the deployment of README.md is not the one of docs/operations.md")
    return lines


def prod():
    return block("docs/operations.md", "<!-- prod -->")


def section(title):
    return block("docs/operations.md", f"\n## {title}\n")
