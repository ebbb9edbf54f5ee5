"""``onefold``: the commands, their options, and what becomes of errors.

Exit status: 0 fine, 1 the user's input is at fault, 2 usage, 3 an internal fault.
"""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Sequence

import typer

from onefold.cli import bulk, deciding, definitions, demo, loading, reading, segments, starting, verifying
from onefold.cli.options import HERE, Workspace
from onefold.cli.render import show_problems
from onefold.core.errors import CorruptionError, FormatError, StorageError, UserError

USER, USAGE, FAULT, STOPPED = 1, 2, 3, 130

UsageError = typer.BadParameter.__mro__[1]
"""What all usage errors are. Typer brings its own copy of click or imports it, by its release; this names either."""

app = typer.Typer(
    name="onefold",
    help="The segment of one: exact, real-time customer genomes for banks.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


@app.callback()
def everywhere(context: typer.Context, workspace: Workspace = HERE) -> None:
    """The segment of one: exact, real-time customer genomes for banks."""
    context.obj = workspace


for module in (demo, starting, definitions, loading, reading, segments, deciding, bulk, verifying):
    module.register(app)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a command and leave with its exit status."""
    sys.exit(run(arguments))


def run(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit status; nothing that goes wrong shows a stack trace."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    try:
        status = app(words, standalone_mode=False)
    except UserError as error:
        show_problems(error.problems, as_json="--json" in words)
        return USER
    except (CorruptionError, FormatError, StorageError) as error:
        sys.stderr.write(f"onefold: {error}\n")
        return FAULT
    except (BrokenPipeError, SystemExit):  # how typer and rich say that the reader of our output left
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except (typer.Abort, KeyboardInterrupt):
        status = STOPPED
    except Exception as error:  # the last line of defence: say so, and keep the details for who asks
        return _refused(error) if isinstance(error, UsageError) else _show_fault(error)
    if status == STOPPED:
        sys.stderr.write("onefold: stopped; what was acknowledged is kept, run the command again to go on\n")
    return status if isinstance(status, int) else 0


def _refused(error: Exception) -> int:
    error.show()  # type: ignore[attr-defined]
    return USAGE


def _show_fault(error: Exception) -> int:
    if os.environ.get("ONEFOLD_DEBUG"):
        traceback.print_exception(error)
        return FAULT
    where = traceback.extract_tb(error.__traceback__)[-1]
    sys.stderr.write(
        f"onefold: an internal fault: {type(error).__name__} in {where.name} (line {where.lineno}). Nothing is half"
        " done. Run it again with ONEFOLD_DEBUG=1 to see the details, and please report them.\n"
    )
    return FAULT
