"""The format: groups round-trip, every flipped bit shows, and a tear is told from damage."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from onefold.adapters.files.frames import (
    GROUP_BYTES,
    HEADER_BYTES,
    SECTOR,
    Damage,
    Header,
    count_blank,
    decode_header,
    encode_group,
    find_group,
    group_head,
    is_torn,
    read_group,
)
from onefold.core.errors import CorruptionError, FormatError

SALT = 0xC0FFEE

payload_lists = st.lists(
    st.one_of(st.binary(max_size=90), st.sampled_from([b"", bytes(700), bytes(3000), b"\xa7G" * 40])),
    min_size=1,
    max_size=5,
)
offsets = st.integers(HEADER_BYTES, HEADER_BYTES + 2 * SECTOR)


@settings(deadline=None)
@given(payload_lists, offsets, st.integers(1, 2**60))
def test_a_group_reads_back(payloads: list[bytes], offset: int, seq: int) -> None:
    data = bytes(offset) + encode_group(payloads, salt=SALT, first_seq=seq, offset=offset)
    assert read_group(data, offset, salt=SALT, seq=seq) == (payloads, len(data))


@settings(deadline=None)
@given(payload_lists, offsets, st.data())
def test_a_flipped_bit_is_damage_and_no_tear(payloads: list[bytes], offset: int, draw: st.DataObject) -> None:
    data = bytearray(bytes(offset) + encode_group(payloads, salt=SALT, first_seq=7, offset=offset))
    bit = draw.draw(st.integers(offset * 8, len(data) * 8 - 1))
    data[bit // 8] ^= 1 << bit % 8
    with pytest.raises(Damage):
        read_group(bytes(data), offset, salt=SALT, seq=7)
    assert not is_torn(bytes(data), offset, salt=SALT)


@settings(deadline=None)
@given(payload_lists, offsets, st.data())
def test_whatever_sectors_are_missing_it_is_a_tear(payloads: list[bytes], offset: int, draw: st.DataObject) -> None:
    whole = bytes(offset) + encode_group(payloads, salt=SALT, first_seq=7, offset=offset)
    first, last = offset // SECTOR, (len(whole) - 1) // SECTOR
    lost = draw.draw(st.sets(st.integers(first, last), min_size=1))
    torn = bytearray(whole)
    for sector in lost:
        start, end = max(sector * SECTOR, offset), min((sector + 1) * SECTOR, len(whole))
        torn[start:end] = bytes(end - start)
    if bytes(torn) == whole:  # the sectors were rightly blank
        assert read_group(whole, offset, salt=SALT, seq=7)
    else:
        with pytest.raises(Damage):
            read_group(bytes(torn), offset, salt=SALT, seq=7)
        assert is_torn(bytes(torn), offset, salt=SALT)


@settings(deadline=None)
@given(payload_lists, offsets, st.data())
def test_a_group_that_is_cut_off_is_a_tear(payloads: list[bytes], offset: int, draw: st.DataObject) -> None:
    whole = bytes(offset) + encode_group(payloads, salt=SALT, first_seq=7, offset=offset)
    cut = whole[: draw.draw(st.integers(offset, len(whole) - 1))]
    with pytest.raises(Damage):
        read_group(cut, offset, salt=SALT, seq=7)
    assert is_torn(cut, offset, salt=SALT)


@pytest.mark.parametrize("size", [256, 65_536])
def test_a_lost_sector_shows_wherever_the_boundaries_fall(size: int) -> None:
    """Sizes whose first byte is 0 make the beginning of the body look blank where a boundary cuts it off."""
    for offset in range(HEADER_BYTES, HEADER_BYTES + SECTOR):
        whole = bytes(offset) + encode_group([bytes(size), b"x"], salt=SALT, first_seq=7, offset=offset)
        for lost in (offset // SECTOR, (len(whole) - 1) // SECTOR):
            start, end = max(lost * SECTOR, offset), min((lost + 1) * SECTOR, len(whole))
            torn = whole[:start] + bytes(end - start) + whole[end:]
            assert is_torn(torn, offset, salt=SALT)


def test_frames_of_another_place_in_the_log_are_refused() -> None:
    here, there = (encode_group([b"x"], salt=SALT, first_seq=seq, offset=0) for seq in (7, 9))
    with pytest.raises(Damage, match="record 7 does not match"):
        read_group(here[:GROUP_BYTES] + there[GROUP_BYTES:], 0, salt=SALT, seq=7)


def test_a_group_of_another_segment_or_place_is_refused() -> None:
    group = encode_group([b"x"], salt=SALT, first_seq=7, offset=0)
    assert group_head(group, 0, salt=SALT + 1) is None
    with pytest.raises(Damage, match="record 6 is missing"):
        read_group(group, 0, salt=SALT, seq=6)


def test_find_group_sees_only_intact_heads_above_a_seq() -> None:
    data = b"\xa7G junk" + encode_group([b"x" * 50], salt=SALT, first_seq=9, offset=7)
    assert find_group(data, 0, salt=SALT, above=8) == 7
    assert find_group(data, 0, salt=SALT, above=9) is None
    assert find_group(data, 0, salt=SALT + 1, above=0) is None


def test_count_blank_clips_to_sectors_of_the_file() -> None:
    assert count_blank(bytes(SECTOR * 2), 0, SECTOR * 2) == 2
    assert count_blank(bytes(SECTOR * 2), 1, SECTOR * 2, shift=SECTOR - 2) == 3
    assert count_blank(b"\0" * 10 + b"x", 0, 11) == 0
    assert count_blank(b"", 0, 0) == 0


def test_a_group_of_payloads_of_zeros_counts_its_blank_sectors() -> None:
    group = encode_group([bytes(4 * SECTOR)], salt=SALT, first_seq=1, offset=HEADER_BYTES)
    head = group_head(group, 0, salt=SALT)
    assert head is not None
    assert (head.count, head.blank, head.end) == (1, 3, len(group))
    assert len(group) > 4 * SECTOR + GROUP_BYTES


def test_a_header_reads_back_and_every_flip_shows() -> None:
    header = Header(first_seq=12, previous=5, salt=SALT)
    data = header.encode()
    assert decode_header(data, "f") == header
    for bit in range(len(data) * 8):
        flipped = bytearray(data)
        flipped[bit // 8] ^= 1 << bit % 8
        with pytest.raises(CorruptionError):
            decode_header(bytes(flipped), "f")
    with pytest.raises(CorruptionError, match="cut off"):
        decode_header(data[:-1], "f")


def test_a_newer_format_is_refused_and_not_guessed_at(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        patched.setattr("onefold.adapters.files.frames.VERSION", 2)
        newer = Header(1, 0, SALT).encode()
    with pytest.raises(FormatError, match="format version is 2, this release reads 1"):
        decode_header(newer, "log-1.seg")
