"""``demo``: the main job at work on a simulated bank, in under a minute."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from onefold.cli.deciding import show_answer, show_why
from onefold.cli.loading import show_report
from onefold.cli.options import HERE, AsJson
from onefold.cli.render import console, percent, print_json, progress_bar, shown, table
from onefold.core.errors import Problem, UserError
from onefold.decisions.answer import Answer
from onefold.workspace import starting
from onefold.workspace.bank import Bank, open_bank
from onefold.workspace.catch_up import Progress
from onefold.workspace.genome import Genome
from onefold.workspace.starting import Demo

PLACEMENT, SEGMENT = "home_hero", "mortgage_intent"


def demo(
    customers: Annotated[int, typer.Option(help="How many.", min=100, max=starting.MAX_CUSTOMERS)] = 5_000,
    seed: Annotated[int, typer.Option(help="The same seed gives the same bank.", min=0)] = 1,
    into: Annotated[
        Path | None, typer.Option("--into", metavar="DIR", help="Keep the bank there, to go on with it.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Simulate a bank, load it, and show what one customer's page becomes because of what she just did."""
    began = time.perf_counter()
    with _folder(into) as folder, progress_bar() as progress:
        made = starting.simulate(folder, customers=customers, seed=seed, progress=progress)
        if made.demo is None:
            raise UserError(
                Problem(f"--seed {seed}", "no customer of that bank fits the demonstration", "Use another.")
            )
        tour = _Tour(open_bank(folder), folder, made.demo, quiet=as_json)
        tour.load(made, progress)
        tour.sizes(progress)
        tour.genome()
        before = tour.decision("What is worth saying to her on the home page now?", made.demo.before)
        tour.views()
        after = tour.decision("The same question a few minutes later.", made.demo.after)
        why = tour.reason()
        tour.close()
    took = time.perf_counter() - began
    if as_json:
        said = {"customers": customers, "customer": made.demo.customer, "seconds": round(took, 1)}
        print_json({**said, "before": _offers(before), "after": _offers(after), "why": why})
    else:
        _next(folder if into is not None else None, made.demo, took)


class _Tour:
    """The steps of the demonstration, each printed as its command would print it."""

    def __init__(self, bank: Bank, folder: Path, who: Demo, *, quiet: bool) -> None:
        self._bank, self._folder, self._who, self._quiet = bank, folder, who, quiet

    def load(self, made: starting.Simulated, progress: Progress) -> None:
        """Load what the bank's systems would export."""
        report = self._bank.load(history=True, progress=progress)
        self._say(
            f"A SIMULATED bank of {made.customers:,} customers, {made.first} to {made.last}: none of them exists."
            " Its files became one timeline per customer.",
            "onefold load --history",
        )
        if not self._quiet:
            show_report(report, as_json=False)

    def sizes(self, progress: Progress) -> None:
        """Show the segments and their sizes."""
        found = self._bank.segments.sizes(at=self._who.before, progress=progress)
        self._say("Segments are rules over the genome, exact at any moment.", f"onefold segments list {self._at()}")
        if not self._quiet:
            table(
                ("segment", "customers", "share", "title"),
                [(one.name, one.count, percent(one.share), one.title) for one in found],
            )

    def genome(self) -> None:
        """Show one customer's genome, without what is nothing."""
        found = self._bank.genome(self._who.customer, at=self._who.before, long=True)
        self._say(
            f"One customer's genome: {self._who.customer}, on the morning after.",
            f"onefold genome {self._who.customer} {self._at()} --long",
        )
        if not self._quiet:
            _show_genome(found)

    def decision(self, said: str, at: str) -> Answer:
        """Ask what to say on her home page at a moment."""
        answer = self._bank.decide(self._who.customer, PLACEMENT, at=at, dry_run=True, explain=True)
        command = f"onefold decide {self._who.customer} --placement {PLACEMENT} --at {at}"
        self._say(said, command)
        if not self._quiet:
            show_answer(answer, explain=False)
        return answer

    def views(self) -> None:
        """Let her look at three mortgage pages."""
        self._bank.load_messages([self._folder / self._who.messages], history=True)
        self._say(
            "She looks at three pages about mortgages: three messages, as a website sends them.",
            f"onefold load --history --messages {self._who.messages}",
        )

    def reason(self) -> dict[str, object]:
        """Explain why she is in the segment now."""
        found = self._bank.segments.why(self._who.customer, SEGMENT, at=self._who.after)
        self._say(
            "Why is she seen as looking for a mortgage, and until when?",
            f"onefold why {self._who.customer} --segment {SEGMENT} --at {self._who.after}",
        )
        if not self._quiet:
            show_why(found)
        return found.as_json()

    def close(self) -> None:
        """Let go of the bank's files."""
        self._bank.close()

    def _at(self) -> str:
        return f"--at {self._who.before}"

    def _say(self, text: str, command: str) -> None:
        if not self._quiet:
            console().print(f"\n{text}\n\n$ {command}")


@contextmanager
def _folder(into: Path | None) -> Iterator[Path]:
    if into is not None:
        yield into
        return
    with tempfile.TemporaryDirectory(prefix="onefold-demo-") as folder:
        yield Path(folder) / "bank"


def _show_genome(found: Genome) -> None:
    rows = [
        (one.family, one.name, shown(one.value), one.as_of)
        for one in sorted(found.about, key=lambda one: (str(one.family), one.name))
        if one.value not in (None, 0, False)
    ]
    table(("family", "feature", "value", "as of"), rows)
    console().print(f"Segments: {', '.join(found.segments) or 'none'}.")
    console().print(f"Next change by itself: {found.next_change or 'none'}.")


def _offers(answer: Answer) -> list[dict[str, object]]:
    items = answer.placements[PLACEMENT].items
    return [{"offer": one.offer, "treatment": one.treatment, "reasons": list(one.reasons)} for one in items]


def _next(folder: Path | None, who: Demo, took: float) -> None:
    print_ = console().print
    print_(f"\nThat took {took:.0f} seconds. What to try next:\n")
    if folder is None:
        print_("  onefold demo --into bank                 the same, kept in the folder `bank` to go on with")
        folder = Path("bank")
    where = "" if folder == HERE else f" -w {folder}"
    print_(f'  onefold{where} segments preview "age BETWEEN 25 AND 35" --at {who.after}')
    print_(f"  onefold{where} decide {who.customer} --placement home_hero --at {who.after} --explain")
    print_(f"  onefold{where} segments changes --since {who.before} --at {who.after}")
    print_(f"  onefold{where} verify --sample 100 --at {who.after}")
    print_("  onefold init my-bank                     a commented workspace of your own")


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.command()(demo)
