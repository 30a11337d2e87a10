"""The commands that the documentation tells an operator to type."""

import sys

from machine import ROOT


def block(document, marker):
    """The commands of the first block after `marker`, one entry each."""
    _, _, after = (ROOT / document).read_text().partition(marker)
    _, _, commands = after.partition("\n```sh\n")
    commands, end, _ = commands.partition("\n```\n")
    if not end:
        sys.exit(f"{document} has no commands after {marker}")
    return [line for line in commands.replace("\\\n    ", "").splitlines() if line]


def deploy():
    """The first deployment."""
    return block("docs/deployment.md", "<!-- deploy -->")


def prod():
    return block("docs/deployment.md", "<!-- prod -->")


def section(title):
    return block("docs/operations.md", f"\n## {title}\n")
