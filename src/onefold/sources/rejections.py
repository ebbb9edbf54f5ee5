"""Why a row or message could not become an event: a code for programs, a sentence for people."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Code(StrEnum):
    """The kinds of rejection."""

    UNPARSEABLE = "unparseable"
    """A message that is no JSON object."""
    TOO_LARGE = "too_large"
    """A message or row beyond its bound."""
    MALFORMED_ROW = "malformed_row"
    """A line that is no row of its file: broken quotes, too few or many fields, bytes that are no text."""
    BAD_COLUMN = "bad_column"
    """A column does not hold what the mapping says it holds."""
    BAD_MESSAGE = "bad_message"
    """A field of a message is missing or of the wrong kind."""
    NO_MESSAGE_ID = "no_message_id"
    NO_CUSTOMER = "no_customer"
    """Neither a userId nor an anonymousId; a row whose lookup found nobody."""
    PLACEHOLDER_ID = "placeholder_id"
    """An id that many people share, such as "null"."""
    BAD_ID = "bad_id"
    """An id that can be no one's name."""
    NO_TIMESTAMP = "no_timestamp"
    BAD_TIME = "bad_time"
    """No time, or one outside the years 1700 to 2200."""
    UNKNOWN_EVENT = "unknown_event"
    """An event that ``events.yaml`` does not declare."""
    BAD_VALUE = "bad_value"
    """A declared property holds what its type does not allow."""


@dataclass(frozen=True, slots=True)
class Rejection:
    """Why something was not accepted. ``detail`` names the field, what stood there and what is expected."""

    code: Code
    detail: str


class Rejected(ValueError):  # noqa: N818 - a verdict, not a fault of ours
    """Raised where an event cannot be accepted."""

    def __init__(self, code: Code, detail: str) -> None:
        self.rejection = Rejection(code, detail)
        super().__init__(f"{code}: {detail}")

    @property
    def code(self) -> Code:
        """The kind of rejection."""
        return self.rejection.code

    @property
    def detail(self) -> str:
        """The sentence for people."""
        return self.rejection.detail


def shown(value: object, *, at_most: int = 60) -> str:
    """Return a value as a rejection quotes it: short, on one line, and hinting at what was cut off.

    >>> shown("travel"), shown("x" * 100, at_most=8)
    ("'travel'", "'xxxxxxxx...'")
    """
    if isinstance(value, str):
        return repr(value if len(value) <= at_most else value[:at_most] + "...")
    text = "null" if value is None else str(value)
    return text if len(text) <= at_most else text[:at_most] + "..."
