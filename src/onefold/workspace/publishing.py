"""Publishing: sets of definitions kept by content hash for ever, and a pointer to the one in force.

A publication is a record of the log too: the log alone tells what was in force when.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace

from onefold.core.errors import Problem, UserError
from onefold.core.publication import Publication
from onefold.governance.records import Publication as PublicationRecord
from onefold.workspace.definitions import Definitions, read_definitions
from onefold.workspace.files import digest_of
from onefold.workspace.stores import Stores


def publish(stores: Stores, contents: Mapping[str, str], *, now: int) -> tuple[Publication, bool]:
    """Make a checked set of files the published one; return it and whether anything changed."""
    digest, before = digest_of(contents), stores.control.published()
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


def published_definitions(stores: Stores) -> Definitions:
    """Return the definitions in force; raise :class:`UserError` where none are."""
    publication = stores.control.published()
    contents = stores.control.files(publication.digest) if publication else None
    if publication is None or contents is None:
        raise UserError(Problem("the definitions", "none are published yet", "Run `onefold apply`, or `onefold load`."))
    return replace(read_definitions(contents), digest=publication.digest)
