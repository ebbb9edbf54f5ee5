"""A rejected row as it is kept: its own text, and what a replay needs to read it again."""

from __future__ import annotations

import base64
import binascii

import msgspec


class RawRow(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The text of a row (``data`` in base64 where it is no text), where it stood, and the names of its
    columns.

    ``file`` is the file's name without its folder, ``line`` counts from 1. ``ordinal`` counts identical rows
    before this one. ``record`` is the record of the mapping that was rejected, "" for the whole row. ``cut``
    says that only the beginning of an endless line was kept.
    """

    file: str
    line: int
    text: str = ""
    data: str = ""
    header: tuple[str, ...] = ()
    ordinal: int = 0
    record: str = ""
    cut: bool = False

    def shown(self) -> str:
        """Return the row as people read it; bytes that are no text are escaped."""
        return base64.b64decode(self.data).decode("utf-8", "backslashreplace") if self.data else self.text

    def content(self) -> bytes | str:
        """Return the row as it was read: text, or bytes that could not be decoded."""
        return base64.b64decode(self.data) if self.data else self.text

    def packed(self) -> bytes:
        """Return the bytes to keep.

        >>> unpack(RawRow(file="a.csv", line=2, text="1;x").packed()).shown()
        '1;x'
        """
        return msgspec.json.encode(self)


def packed_data(data: bytes) -> str:
    """Return bytes as the ``data`` of a :class:`RawRow`."""
    return base64.b64encode(data).decode()


def unpack(raw: bytes) -> RawRow:
    """Read what :meth:`RawRow.packed` wrote; raise ``ValueError`` for anything else."""
    try:
        row = msgspec.json.decode(raw, type=RawRow)
        row.content()
    except (msgspec.DecodeError, msgspec.ValidationError, binascii.Error) as error:
        raise ValueError(f"this is no kept row: {error}") from None
    return row
