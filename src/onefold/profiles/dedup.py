"""Whether a message was there already: an event's identity is its person and its message id."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from onefold.profiles.identity import FOREVER, View
from onefold.profiles.store import TimelineStore
from onefold.profiles.timeline import find_message, owned_rows
from onefold.profiles.words import Rows


class Verdict(StrEnum):
    """What a message is to the timelines."""

    NEW = "new"
    REPEAT = "repeat"
    CONFLICT = "conflict"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A message that asks to be accepted: its name's pseudonym, the hash of its id, a digest of its body."""

    node: bytes
    message_hash: int
    digest: int


def judge(store: TimelineStore, candidate: Candidate) -> Verdict:
    """Say whether a message is new, repeats one of the same person, or contradicts one of theirs.

    All names of the person, as known today, count; retracted messages too, for a repeat has no effect for
    ever. Of the digests the low 32 bits are compared.
    """
    digests = find_message(rows_of_person(store, candidate.node), candidate.message_hash)
    if not len(digests):
        return Verdict.NEW
    return Verdict.REPEAT if np.any(digests == candidate.digest & 0xFFFFFFFF) else Verdict.CONFLICT


def rows_of_person(store: TimelineStore, node: bytes) -> Rows:
    """Return the records of every name of a person, repeats and retracted ones too, in no order."""
    info = store.node(node)
    if info is None or info.simple:
        return store.rows(node)
    view = View(store, FOREVER)
    return np.concatenate([view.rows(node), owned_rows(view, view.root_at(node, FOREVER))])
