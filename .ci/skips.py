"""Compare the reasons of skipped tests in a JUnit report with the list of those that are accepted."""

from __future__ import annotations

import sys
from pathlib import Path
from xml.etree import ElementTree


def accepted(text: str) -> set[str]:
    """Return the reasons that a list names, a line each; ``#`` begins a comment."""
    return {line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")}


def skipped(report: str) -> dict[str, str]:
    """Return each reason for which a test was skipped, with the name of one such test."""
    found = {}
    for case in ElementTree.fromstring(report).iter("testcase"):  # noqa: S314 - our own pytest wrote it
        for skip in case.iter("skipped"):
            if skip.get("type") == "pytest.skip":
                found[skip.get("message", "")] = f"{case.get('classname')}::{case.get('name')}"
    return found


def main(report: str, listed: str) -> int:
    """Print every reason that is not accepted; return 1 where there is one."""
    known = accepted(Path(listed).read_text(encoding="utf-8"))
    unknown = {why: test for why, test in skipped(Path(report).read_text(encoding="utf-8")).items() if why not in known}
    for why, test in sorted(unknown.items()):
        sys.stderr.write(f"{test} was skipped: {why}\n    Make it run, or add the reason to {listed} and say why.\n")
    return 1 if unknown else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
