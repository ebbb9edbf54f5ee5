"""Group commit: many threads write, one flush covers them all."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from onefold.core.errors import OnefoldError, UserError
from onefold.core.ports import EventLog

GROUP_BYTES = 8 * 1024 * 1024


class Busy(OnefoldError):  # noqa: N818 - a state to wait out, not a fault
    """Too much is waiting for the disk; nothing of this submission was accepted. Try again a moment later."""


@dataclass(slots=True, eq=False)
class _Ticket:
    """One submission: its payloads, then its outcome."""

    payloads: Sequence[bytes]
    last: int | None = None
    error: BaseException | None = None

    @property
    def done(self) -> bool:
        return self.last is not None or self.error is not None


class GroupCommit:
    """Lets threads share commits of a log. The first to come leads: it commits what waits, the others just
    wait.

    ``linger_ms`` (0 to 1,000) is how long a leader waits for company; while one flush runs, the next group
    gathers by itself, so 0 is a good choice. At most ``max_waiting`` payloads wait; beyond that :class:`Busy`
    is raised.
    """

    def __init__(self, log: EventLog, *, linger_ms: float = 0.0, max_waiting: int = 100_000) -> None:
        self._log = log
        self._linger = linger_ms / 1000
        self._max_waiting = max_waiting
        self._queue: deque[_Ticket] = deque()
        self._waiting = 0
        self._leading = False
        self._changed = threading.Condition()

    def submit(self, payloads: Sequence[bytes]) -> int:
        """Return, once the payloads are durable, the seq of the last; they are contiguous and in one group.

        Raises :class:`Busy` when the queue is full, or what the log raised for the whole group: then none of
        it was acknowledged.
        """
        if not payloads:
            return self._log.last()
        ticket = _Ticket(payloads)
        with self._changed:
            if self._queue and self._waiting + len(payloads) > self._max_waiting:
                raise Busy(f"{self._waiting:,} records wait for the disk. Try again a moment later.")
            self._queue.append(ticket)
            self._waiting += len(payloads)
            while self._leading and not ticket.done:
                self._changed.wait()
            if not ticket.done:
                self._leading = True
        while not ticket.done:
            self._lead(ticket)
        if ticket.error is not None:
            raise ticket.error
        assert ticket.last is not None
        return ticket.last

    def _lead(self, own: _Ticket) -> None:
        """Commit one group; hand over the lead once the leader's own payloads are in."""
        batch: list[_Ticket] = []
        try:
            if self._linger:
                time.sleep(self._linger)
            batch = self._take()
            self._commit(batch)
        except BaseException as error:
            for ticket in batch or self._take():
                ticket.error = error
        with self._changed:
            self._leading = not own.done
            self._changed.notify_all()

    def _commit(self, batch: Sequence[_Ticket]) -> None:
        try:
            last = self._log.append([payload for ticket in batch for payload in ticket.payloads])
        except UserError as error:
            if len(batch) == 1:
                batch[0].error = error
                return
            for ticket in batch:  # one submission is at fault: it must not fail its neighbours
                self._commit([ticket])
            return
        for ticket in reversed(batch):
            ticket.last = last
            last -= len(ticket.payloads)

    def _take(self) -> list[_Ticket]:
        """Take waiting submissions, in order, up to about 8 MiB but at least one."""
        batch: list[_Ticket] = []
        size = 0
        with self._changed:
            while self._queue and (not batch or size < GROUP_BYTES):
                ticket = self._queue.popleft()
                batch.append(ticket)
                size += sum(map(len, ticket.payloads))
                self._waiting -= len(ticket.payloads)
        return batch
