"""``placements.yaml``: the places that ask."""

from __future__ import annotations

from collections.abc import Collection

from onefold.core.document import Section
from onefold.decisions.definitions import Placement
from onefold.decisions.words import check_name, did_you_mean, name_of, names_of_list, whole_of


def read_placements(file: Section, offers: Collection[str]) -> dict[str, Placement]:
    """Return the placements in the order of the file; ``offers`` are the names that ``excludes`` may hold."""
    file.only("placements")
    inner = file.section("placements")
    found: dict[str, Placement] = {}
    for name, section in inner.sections() if inner is not None else ():
        assert inner is not None
        section.only("channel", "limit", "default", "excludes", "confirms")
        named = check_name(section.problems, "the placement", name, inner.place_of_key(name))
        channel, limit = name_of(section, "channel", required=True), whole_of(section, "limit", default=1)
        excludes, confirms = _excludes(section, offers), _confirms(section)
        if named and channel is not None and limit is not None:
            found[name] = Placement(name, channel, section.text("default"), limit, excludes, confirms)
    return found


def _excludes(section: Section, offers: Collection[str]) -> frozenset[str]:
    if not section.items_of("excludes"):
        return frozenset()
    found = frozenset(names_of_list(section, "excludes"))
    for name in sorted(found - set(offers)):
        section.problem("excludes", f"there is no offer `{name}`", did_you_mean(name, sorted(offers)))
    return found


def _confirms(section: Section) -> bool:
    raw = section.raw("confirms")
    if raw is None or isinstance(raw, bool):
        return bool(raw)
    section.problem("confirms", "it is neither true nor false", "Write `true` if the place reports what it showed.")
    return False
