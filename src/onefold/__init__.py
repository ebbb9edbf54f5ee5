"""Onefold: a real-time micro-segmentation and personalization engine for banks (the segment of one).

>>> import onefold
>>> bank = onefold.open("examples/tiny-bank")            # nothing is read before the first question
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from onefold.workspace.bank import Bank

__version__ = "0.1.0"


def open(folder: str | Path) -> Bank:  # noqa: A001 - `onefold.open(...)` reads as what it does
    """Open the workspace in a folder; see :class:`onefold.workspace.bank.Bank` for what it answers."""
    from onefold.workspace.bank import open_bank

    return open_bank(folder)


__all__ = ["__version__", "open"]
