"""Publishing: sets of definitions kept by content hash for ever, and a pointer to the one in force.

A publication is a record of the log too: the log alone tells what was in force when.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache

from onefold.core.errors import Problem, UserError
from onefold.core.publication import Publication
from onefold.governance.records import Publication as PublicationRecord
from onefold.workspace.definitions import Definitions, read_definitions
from onefold.workspace.files import digest_of
from onefold.workspace.stores import Stores


def publish(stores: Stores, contents: Mapping[str, str], *, now: int) -> tuple[Publication, bool]:
    """Make a checked set of files the published one; return it and whether anything changed."""
    return _publish_as(stores, digest_of(contents), contents, now=now)


def _publish_as(stores: Stores, digest: str, contents: Mapping[str, str], *, now: int) -> tuple[Publication, bool]:
    before = stores.control.published()
    if before is not None and before.digest == digest:
        return before, False
    body = PublicationRecord(definitions=digest, content=json.dumps(dict(contents), ensure_ascii=False).encode())
    payload = stores.codec.encode_other(body, now)
    stores.vault.sync()
    stores.log.append([payload])
    stores.control.publish(digest, contents, at=now)
    after = stores.control.published()
    assert after is not None
    return after, True


def previous(stores: Stores) -> Publication:
    """Return what was in force before the present set: a publication of the set before counts as going back.

    Raises :class:`UserError` where there is nothing before.
    """
    forward: list[Publication] = []
    for one in stores.control.history():
        if len(forward) > 1 and forward[-2].digest == one.digest:
            forward.pop()  # a step back, by rollback or by hand
        elif not forward or forward[-1].digest != one.digest:
            forward.append(one)
    if len(forward) < 2:
        raise UserError(Problem("rollback", "nothing was published before the present set", "There is no way back."))
    return forward[-2]


def find_publication(stores: Stores, wanted: str) -> Publication:
    """Return a publication by its number or the beginning of its digest; raise :class:`UserError` for none."""
    found = [
        one for one in stores.control.history() if str(one.number) == wanted or one.digest.startswith(wanted.lower())
    ]
    if not wanted or len({one.digest for one in found}) != 1:
        why = "several sets begin like that" if found else "no such set was ever published"
        raise UserError(Problem(f"--to {wanted}", why, "Write a number or a digest of `onefold rollback --list`."))
    return found[-1]


def put_back(stores: Stores, target: Publication, *, now: int) -> tuple[Publication, bool]:
    """Make an earlier set the published one; return the publication and whether anything changed."""
    contents = stores.control.files(target.digest)
    assert contents is not None
    return _publish_as(stores, target.digest, contents, now=now)


def published_definitions(stores: Stores) -> Definitions:
    """Return the definitions in force; raise :class:`UserError` where none are."""
    publication = in_force(stores)
    contents = stores.control.files(publication.digest)
    assert contents is not None  # both are one transaction
    return _parsed(publication.digest, tuple(contents.items()))


@lru_cache(maxsize=4)
def _parsed(digest: str, contents: tuple[tuple[str, str], ...]) -> Definitions:
    """Read a published set; reading YAML takes longer than most questions, and a set never changes."""
    return replace(read_definitions(dict(contents)), digest=digest)


def in_force(stores: Stores) -> Publication:
    """Return what is published; raise :class:`UserError` where nothing is."""
    publication = stores.control.published()
    if publication is None:
        raise UserError(Problem("the definitions", "none are published yet", "Run `onefold apply`, or `onefold load`."))
    return publication
