"""The parts of a mapping that say where rows stand and how they are written: files, format, columns."""

from __future__ import annotations

import codecs
from difflib import get_close_matches

from ruamel.yaml.comments import CommentedMap

from onefold.core.document import Section
from onefold.core.errors import UserError
from onefold.language.ast import Kind
from onefold.language.parse import parse
from onefold.language.scope import MAPPING, Scope
from onefold.sources.column_scope import is_column
from onefold.sources.mapping import Column, Files, FileType, Format

COLUMN_KINDS = {
    kind.value: kind for kind in (Kind.CATEGORY, Kind.MONEY, Kind.NUMBER, Kind.DATE, Kind.INSTANT, Kind.BOOLEAN)
}
FILE_KEYS = ("files", "format", "columns")
_BY_ENDING = {
    ".tsv": FileType.TSV,
    ".parquet": FileType.PARQUET,
    ".jsonl": FileType.JSONL,
    ".ndjson": FileType.JSONL,
    ".json": FileType.JSON,
}


def read_files(section: Section) -> Files:
    """Read ``files``, ``format`` and ``columns`` of a mapping or a lookup, noting every problem."""
    patterns = []
    for item, place in section.items_of("files"):
        if isinstance(item, str) and item.strip():
            patterns.append(item)
        else:
            section.problems.add("`files`", f"{item!r} is not the name of a file", "Write a path or a pattern.", place)
    if "files" not in section:
        section.required("files")
    elif not patterns:
        section.problem("files", "it names no file", "Write a path such as `${data}/trans.csv`.")
    return Files(tuple(patterns), _format(section, patterns), _columns(section), section.place_of("files"))


def _format(section: Section, patterns: list[str]) -> Format:
    guess = FileType.CSV
    for ending, kind in _BY_ENDING.items():
        if patterns and patterns[0].lower().removesuffix(".gz").removesuffix(".zip").endswith(ending):
            guess = kind
    body = section.section("format")
    if body is None:
        return Format(guess, "\t" if guess is FileType.TSV else ",")
    body.only("type", "separator", "quote", "encoding", "header", "names")
    kind = guess
    said = body.text("type")
    if said is not None:
        if said in tuple(FileType):
            kind = FileType(said)
        else:
            body.problem("type", f"{said!r} is unknown", f"Write one of: {', '.join(FileType)}.")
    separated = kind in (FileType.CSV, FileType.TSV)
    for key in ("separator", "quote", "header", "names"):
        if key in body and not separated:
            body.problem(key, f"a file of type {kind} has none", "Remove it.")
    return Format(
        kind,
        _sign(body, "separator", "\t" if kind is FileType.TSV else ",") or ",",
        _sign(body, "quote", '"'),
        _encoding(body),
        _flag(body, "header", default=True),
        _names(body),
    )


def _sign(body: Section, key: str, default: str) -> str | None:
    raw = body.raw(key)
    if raw is None:
        return default
    if key == "quote" and raw == "none":
        return None
    signs = {"tab": "\t", "\\t": "\t"}
    sign = signs.get(raw, raw) if isinstance(raw, str) else ""
    if len(sign) != 1 or sign in "\r\n\0 " or not sign.isascii():
        body.problem(key, f"{raw!r} is not one sign", 'Write one sign in quotes, such as ";".')
        return default
    return sign


def _flag(body: Section, key: str, *, default: bool) -> bool:
    raw = body.raw(key)
    if raw is None or isinstance(raw, bool):
        return default if raw is None else raw
    body.problem(key, f"{raw!r} is neither true nor false", "Write `true` or `false`.")
    return default


def _encoding(body: Section) -> str:
    said = body.text("encoding", "utf-8") or "utf-8"
    try:
        info = codecs.lookup(said)
        "".encode(info.name)  # refuses codecs that are not of text, such as base64
    except (LookupError, ValueError):
        body.problem("encoding", f"{said!r} is no text encoding", "Write one such as utf-8, utf-16, latin-1, cp1250.")
        return "utf-8"
    return info.name


def _names(body: Section) -> tuple[str, ...]:
    names = []
    for item, place in body.items_of("names"):
        if isinstance(item, str) and is_column(item) and item not in names:
            names.append(item)
        else:
            body.problems.add("`names`", f"{item!r} cannot name a column, or stands twice", "Use snake case.", place)
    return tuple(names)


def _columns(section: Section) -> tuple[Column, ...]:
    body = section.section("columns")
    if body is None:
        return ()
    found = []
    names = body.keys()
    for name in names:
        if not is_column(name):
            body.problems.add(
                f"the column `{name}`",
                "columns are named in snake case, whatever the header looks like",
                "Write it in lower case with _ for everything else.",
                body.place_of_key(name),
            )
        inner = _inner(body, name)
        if inner is not None:
            found.append(_column(name, inner))
    return tuple(found)


def _inner(body: Section, name: str) -> Section | None:
    raw = body.raw(name)
    if isinstance(raw, str):
        return Section(CommentedMap({"type": raw}), body.place_of(name), body.problems)
    if raw is None:
        body.problem(name, "it says nothing of its type", "Write a type, such as `money`.")
        return None
    return body.section(name)


def _column(name: str, body: Section) -> Column:
    body.only("type", "format", "decimal", "group", "yes", "no")
    said = body.required("type") or "category"
    kind = COLUMN_KINDS.get(said)
    if kind is None:
        near = get_close_matches(said, COLUMN_KINDS, 1, 0.5)
        known = ", ".join(COLUMN_KINDS)
        body.problem("type", f"{said!r} is unknown", f"Write {f'`{near[0]}`' if near else 'one of ' + known}.")
        kind = Kind.CATEGORY
    fitting = {
        "format": (Kind.DATE, Kind.INSTANT),
        "decimal": (Kind.MONEY, Kind.NUMBER),
        "group": (Kind.MONEY, Kind.NUMBER),
        "yes": (Kind.BOOLEAN,),
        "no": (Kind.BOOLEAN,),
    }
    for key, kinds in fitting.items():
        if key in body and kind not in kinds:
            body.problem(key, f"it means nothing for a column of type {kind}", "Remove it.")
    return Column(
        name,
        kind,
        _formats(body, kind),
        _number_sign(body, "decimal", "."),
        _number_sign(body, "group", ""),
        _words(body, "yes", "true"),
        _words(body, "no", "false"),
    )


def _formats(body: Section, kind: Kind) -> tuple[str, ...]:
    found = []
    for item, place in body.items_of("format"):
        if isinstance(item, str) and _is_format(item):
            found.append(item)
        else:
            remedy = "Use %Y %y %m %d %H %M %S %f and literal signs, such as `%d.%m.%Y`."
            body.problems.add("`format`", f"{item!r} is no format of a {kind}", remedy, place)
    return tuple(found)


def _is_format(text: str) -> bool:
    escaped = text.replace("'", "''")
    try:
        parse(f"TO_DATE(x, '{escaped}')", Scope({"x": Kind.CATEGORY}, functions=MAPPING))
    except UserError:
        return False
    return True


def _number_sign(body: Section, key: str, default: str) -> str:
    sign = body.text(key, default)
    if (
        sign is None
        or len(sign) > 1
        or sign.isdigit()
        or (sign != "" and sign in "+-")
        or (key == "decimal" and not sign)
    ):
        body.problem(key, f"{sign!r} is not one sign", 'Write one sign in quotes, such as ",".')
        return default
    return sign


def _words(body: Section, key: str, default: str) -> tuple[str, ...]:
    """Return the words of a boolean; YAML's own true and false are taken as they are written."""
    found = []
    for item, place in body.items_of(key):
        if isinstance(item, (str, int)):
            found.append(str(item).lower() if isinstance(item, bool) else str(item))
        else:
            body.problems.add(f"`{key}`", f"{item!r} is not a word", 'Write texts, such as "Y".', place)
    return tuple(found) or (default,)
