from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal

import pytest
from tests.acceptance.shop import Shop, track

from onefold.core.errors import StorageError, UserError
from onefold.core.event import Event
from onefold.core.instant import DAY
from onefold.sources.candidate import MESSAGES, Candidate
from onefold.sources.rejections import Code, Rejection
from onefold.workspace import intake as module
from onefold.workspace.catch_up import silent
from onefold.workspace.intake import Intake
from onefold.workspace.loading import OpenIntake


@contextmanager
def opened(shop: Shop, *, history: bool = False) -> Iterator[Intake]:
    with OpenIntake(shop.folder, clock=shop.clock, history=history, progress=silent) as found:
        yield found.intake


def login(message_id: str, node: str = "user:u1", time: int = DAY, **properties: object) -> Candidate:
    event = Event(node=node, name="login", time=time, message_id=message_id, properties=properties)
    return Candidate(MESSAGES, event=event)


def rejected(raw: bytes) -> Candidate:
    return Candidate(MESSAGES, raw=raw, rejection=Rejection(Code.UNPARSEABLE, "no JSON"))


def counts(intake: Intake) -> tuple[int, int, int, int]:
    one = intake.report.source(MESSAGES)
    return one.read, one.accepted, one.new, one.rejected


def test_new_repeat_conflict_and_rejection_in_one_batch(shop: Shop) -> None:
    with opened(shop) as intake:
        batch = [login("a"), login("a"), login("a", time=2 * DAY), login("b"), rejected(b"x"), login("a", "user:u2")]
        assert intake.take(batch) == [True, True, False, True, False, True]
        assert counts(intake) == (6, 4, 3, 2)
        assert [body.code for _, body in intake.rejects.items()] == ["conflict", "unparseable"]


def test_the_same_over_two_batches_and_two_sessions(shop: Shop) -> None:
    with opened(shop) as intake:
        assert intake.take([login("a")]) == [True]
        assert intake.take([login("a"), login("a", note="other")]) == [True, False]
    with opened(shop) as intake:
        assert intake.take([login("a"), login("a", note="other")]) == [True, False]
        assert counts(intake) == (2, 1, 0, 1)
    assert shop.features("u1")["logins"] == 1


def test_equal_numbers_are_one_body_however_they_are_written(shop: Shop) -> None:
    with opened(shop) as intake:
        first, second = login("a", n=Decimal("1.50")), login("a", n=Decimal("1.5"))
        assert intake.take([first, second, login("a", n=Decimal("1.51"))]) == [True, True, False]


def test_a_repeat_under_another_name_of_a_linked_person(shop: Shop) -> None:
    link = Event(node="user:u1", name="login", time=DAY, message_id="link", alias="anon:a1")
    with opened(shop) as intake:
        assert intake.take([Candidate(MESSAGES, event=link), login("m", "anon:a1", 0)]) == [True, True]
        assert intake.take([login("m", "user:u1", 0)]) == [True]
        assert counts(intake) == (3, 3, 2, 0)
    assert shop.features("u1")["logins"] == 2


def test_arrival_is_the_clock_or_with_history_the_event(shop: Shop) -> None:
    with opened(shop) as intake:
        intake.take([login("a")])
    with opened(shop, history=True) as intake:
        intake.take([login("b")])
    assert shop.features("u1", known="1970-01-02")["logins"] == 1
    assert shop.features("u1", known="2026-06-01T12:00:00Z")["logins"] == 2


def test_batches_are_bounded_and_a_broken_stream_keeps_what_came_before(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "BATCH", 4)

    def stream() -> Iterator[Candidate]:
        yield from (login(f"m{at}") for at in range(10))
        raise UserError(())

    with opened(shop) as intake:
        before = intake._stores.log.last()
        with pytest.raises(UserError):
            intake.take_all(stream())
        assert intake._stores.log.last() == before + 10
        assert counts(intake) == (10, 10, 10, 0)
        intake.take_all([])
        assert counts(intake) == (10, 10, 10, 0)


def test_what_the_log_refuses_is_on_no_timeline(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: object) -> int:
        raise StorageError("the disk is full")

    shop.send(track("login"))
    with opened(shop) as intake:
        monkeypatch.setattr(intake._stores.log, "append", full)
        with pytest.raises(StorageError):
            intake.take([login("a")])
        assert counts(intake) == (0, 0, 0, 0)
    assert shop.features("u1")["logins"] == 1


def test_undeclared_properties_are_counted_for_accepted_events_only(shop: Shop) -> None:
    with opened(shop) as intake:
        event = login("a", colour="red").event
        one = Candidate(MESSAGES, event=event, undeclared=("login.colour",))
        intake.take([one, one, Candidate(MESSAGES, raw=b"x", rejection=Rejection(Code.BAD_ID, "no"))])
        assert intake.report.undeclared == {"login.colour": 2}
