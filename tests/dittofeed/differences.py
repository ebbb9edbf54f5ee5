"""Where our semantics differ from those of the cases, case by case, with the reason. SEMANTICS.md wins."""

from __future__ import annotations

from collections.abc import Mapping

NOT_OURS: Mapping[int, str] = {
    69: "a random share of the customers is no segment here: chance is drawn when a decision is made (SEMANTICS 6). "
    "Which of two users falls into their bucket depends on their hash function",
}
"""Cases that cannot be written down; the reader says so itself."""

_OBJECT = (
    "a feature is one scalar (SEMANTICS 3); we give every leaf of the object that they expect, and of a list its "
    "length and both its ends"
)
OBJECTS: Mapping[int, str] = dict.fromkeys((49, 53, 57, 58, 59), _OBJECT)
"""Cases that expect an object as a value."""

_PATH = "they pass over a path that means nothing, we refuse to publish it; without it all values are as expected"
REFUSED: Mapping[int, str] = dict.fromkeys((7, 70), _PATH)
"""Cases with a definition at fault."""

SMALLER: Mapping[int, int] = {6: 2_000}
"""Cases that are given fewer users than they say; theirs skip this one (4,000,000 users) themselves."""
