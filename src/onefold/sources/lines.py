"""JSON lines of Segment-spec messages -> candidates. Hostile lines are rejected one by one; none stops the
rest.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from onefold.core.schema import Schema
from onefold.core.zone import Zone
from onefold.sources.candidate import MESSAGES, Candidate, message_candidate
from onefold.sources.contracts import Contracts
from onefold.sources.rejections import Code, Rejection
from onefold.sources.values import number_of

MAX_MESSAGE_BYTES = 32 * 1024
_BOM = b"\xef\xbb\xbf"
_DECODER = msgspec.json.Decoder(float_hook=number_of)


def parse(line: bytes) -> object | Rejection:
    """Return the JSON value of a line, numbers as ``int`` or ``Decimal``, or why it has none.

    Of a key that stands twice the last value counts, as in every common JSON parser.

    >>> parse(b'{"amount": 12.340}')
    {'amount': Decimal('12.340')}
    """
    if len(line) > MAX_MESSAGE_BYTES:
        limit = MAX_MESSAGE_BYTES // 1024
        return Rejection(Code.TOO_LARGE, f"the message has {len(line):,} bytes, more than {limit} KB")
    try:
        found: object = _DECODER.decode(line)
    except RecursionError:
        return Rejection(Code.UNPARSEABLE, "the message is nested too deeply")
    except UnicodeDecodeError as error:
        return Rejection(Code.UNPARSEABLE, f"the message is not UTF-8: {error.reason}")
    except (msgspec.DecodeError, ValueError) as error:
        return Rejection(Code.UNPARSEABLE, f"the message is not JSON: {error}")
    return found


def read_messages(lines: Iterable[bytes], *, schema: Schema, zone: Zone) -> Iterator[Candidate]:
    """Yield one candidate a line that is not blank, in the order of the lines."""
    contracts = Contracts(schema)
    first = True
    for line in lines:
        text = line.strip()
        if first:
            text = text.removeprefix(_BOM)
            first = False
        if not text:
            continue
        message = parse(text)
        if isinstance(message, Rejection):
            yield Candidate(MESSAGES, raw=text, rejection=message)
        else:
            yield message_candidate(message, text, contracts=contracts, zone=zone)
