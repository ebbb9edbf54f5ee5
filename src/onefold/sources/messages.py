"""One message of the Segment spec -> one event: track, page, screen, identify, group, alias.

https://segment.com/docs/connections/spec/ . A ``userId`` names a customer as everywhere in Onefold: ``42`` is
``user:42``, ``client:2`` is ``client:2``. An ``anonymousId`` is always ``anon:`` and its whole text. Where a
message names both, the event is the customer's, and the anonymousId is linked to them from the event's time
on.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from onefold.core.event import IDENTIFY, LINKED, UNLINKED, Event
from onefold.core.ids import ANONYMOUS, Identifier
from onefold.core.zone import Zone
from onefold.sources.contracts import identifier_of, visitor_of
from onefold.sources.names import event_name, path_of_url, path_without_query
from onefold.sources.rejections import Code, Rejected, shown
from onefold.sources.reserved import NOT_EVENTS, PAGE_VIEWED, SCREEN_VIEWED

GROUP = "group_joined"
"""What a ``group`` message is called; a workspace that wants it declares it in ``events.yaml``."""

_Message = Mapping[str, Any]


def event_of(message: object, *, zone: Zone) -> Event:
    """Return the event of a message whose numbers are ``int`` or ``Decimal``, not yet checked against a
    schema.

    A ``timestamp`` without an offset, or a date alone, is meant in ``zone``. Raises
    :class:`~onefold.sources.rejections.Rejected`.

    >>> from onefold.core.zone import zone
    >>> event = event_of({"type": "track", "event": "Card Purchase", "userId": 42, "messageId": "m1",
    ...     "timestamp": "2026-05-04T09:00:00Z", "properties": {"amount": 5}}, zone=zone("Europe/Prague"))
    >>> event.node, event.name, event.time
    ('user:42', 'card_purchase', 1777885200000000)
    """
    if not isinstance(message, Mapping):
        raise Rejected(Code.UNPARSEABLE, "a message is a JSON object")
    kind = message.get("type")
    reader = _KINDS.get(kind) if isinstance(kind, str) else None
    if reader is None:
        known = ", ".join(sorted(_KINDS))
        raise Rejected(Code.BAD_MESSAGE, f"type: {shown(kind)} is none of {known}")
    message_id = message.get("messageId")
    if message_id is not None and not isinstance(message_id, str):
        raise Rejected(Code.NO_MESSAGE_ID, f"messageId: {shown(message_id)} is not text")
    if not message_id:
        raise Rejected(Code.NO_MESSAGE_ID, "the messageId is missing; without it a repeat could not be told")
    name, properties = reader(message)
    node, alias = _alias(message) if kind == "alias" else _who(message)
    if name in (LINKED, UNLINKED) and kind == "track":
        alias = _identifier(properties)
    return Event(
        node=str(node),
        name=name,
        time=_time(message, zone),
        message_id=message_id,
        properties=properties,
        alias=str(alias) if alias is not None else None,
        context=_object(message, "context"),
    )


def _track(message: _Message) -> tuple[str, dict[str, Any]]:
    said = message.get("event")
    if not isinstance(said, str) or not event_name(said):
        raise Rejected(Code.BAD_MESSAGE, f"event: {shown(said)} is not the name of an event")
    name = event_name(said)
    if name in NOT_EVENTS:
        raise Rejected(Code.UNKNOWN_EVENT, f"{shown(said)} cannot be the name of an event")
    properties = _object(message, "properties")
    return name, _with_path(properties, None) if name == PAGE_VIEWED else properties


def _page(message: _Message) -> tuple[str, dict[str, Any]]:
    properties = _named(message)
    page = _object(message, "context").get("page")
    return PAGE_VIEWED, _with_path(properties, page if isinstance(page, Mapping) else None)


def _screen(message: _Message) -> tuple[str, dict[str, Any]]:
    return SCREEN_VIEWED, _named(message)


def _identify(message: _Message) -> tuple[str, dict[str, Any]]:
    return IDENTIFY, _object(message, "traits")


def _group(message: _Message) -> tuple[str, dict[str, Any]]:
    group = message.get("groupId")
    if not isinstance(group, (str, int)) or isinstance(group, bool) or group == "":
        raise Rejected(Code.BAD_MESSAGE, f"groupId: {shown(group)} is not the name of a group")
    return GROUP, {**_object(message, "traits"), "group_id": str(group)}


def _link(_: _Message) -> tuple[str, dict[str, Any]]:
    return LINKED, {}


_KINDS: dict[str, Callable[[_Message], tuple[str, dict[str, Any]]]] = {
    "track": _track,
    "page": _page,
    "screen": _screen,
    "identify": _identify,
    "group": _group,
    "alias": _link,
}


def _named(message: _Message) -> dict[str, Any]:
    """Return the properties of a page or screen, with the name and category that stand beside them."""
    properties = _object(message, "properties")
    for key in ("name", "category"):
        value = message.get(key)
        if isinstance(value, str) and value:
            properties.setdefault(key, value)
    return properties


def _with_path(properties: dict[str, Any], page: Mapping[str, Any] | None) -> dict[str, Any]:
    for source in (properties, page or {}):
        path, url = source.get("path"), source.get("url")
        if isinstance(path, str) and path:
            properties["path"] = path_without_query(path)
            return properties
        if path is None and isinstance(url, str) and url:
            properties["path"] = path_of_url(url)
            return properties
    return properties


def _object(message: _Message, key: str) -> dict[str, Any]:
    value = message.get(key)
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise Rejected(Code.BAD_MESSAGE, f"{key}: {shown(value)} is not an object")
    return dict(value)


def _id_text(message: _Message, key: str) -> str | None:
    """Return an id as text; null and the empty text are the same as none at all."""
    value = message.get(key)
    if value is None or value == "":
        return None
    if isinstance(value, str):
        return value
    if type(value) is int:
        return str(value)
    raise Rejected(Code.BAD_ID, f"{key}: {shown(value)} is neither text nor a whole number")


def _who(message: _Message) -> tuple[Identifier, Identifier | None]:
    user, visitor = _id_text(message, "userId"), _id_text(message, "anonymousId")
    alias = visitor_of(visitor) if visitor is not None else None
    if user is not None:
        return _customer(user), alias
    if alias is None:
        raise Rejected(Code.NO_CUSTOMER, "there is neither a userId nor an anonymousId")
    return alias, None


def _customer(text: str) -> Identifier:
    name = identifier_of(text, what="userId")
    if name.namespace == ANONYMOUS:
        raise Rejected(Code.BAD_ID, f"userId: {shown(text)} names a visitor; send it as anonymousId")
    return name


def _alias(message: _Message) -> tuple[Identifier, Identifier]:
    """Return the customer and the visitor whom an ``alias`` message joins; it never joins two customers."""
    user, previous = _id_text(message, "userId"), _id_text(message, "previousId")
    if user is None:
        raise Rejected(Code.NO_CUSTOMER, "an alias message names the customer as userId")
    if previous is None:
        raise Rejected(Code.BAD_MESSAGE, "previousId: it is missing; an alias message names the visitor there")
    return _customer(user), visitor_of(previous)


def _identifier(properties: Mapping[str, Any]) -> Identifier:
    text = _id_text(properties, "identifier")
    if text is None:
        raise Rejected(Code.BAD_VALUE, "identifier: it is missing; write it as namespace:id")
    return identifier_of(text, what="identifier")


def _time(message: _Message, zone: Zone) -> int:
    stamp = message.get("timestamp")
    if stamp is None or stamp == "":
        raise Rejected(Code.NO_TIMESTAMP, "the timestamp is missing, and only it says when this happened")
    if not isinstance(stamp, str):
        raise Rejected(Code.BAD_TIME, f"timestamp: {shown(stamp)} is not a time such as 2026-05-04T09:00:00Z")
    try:
        return zone.parse(stamp)
    except (ValueError, OverflowError) as error:
        raise Rejected(Code.BAD_TIME, f"timestamp: {shown(stamp)}: {error}") from None
