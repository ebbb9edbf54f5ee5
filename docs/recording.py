"""Runs `onefold demo` and keeps what it printed as a picture, docs/demo.svg. `make recording` calls it."""

from __future__ import annotations

import os
import subprocess
import sys
from io import StringIO
from pathlib import Path

from rich.console import Console
from rich.text import Text

COLUMNS = 112
COMMAND = ("onefold", "demo")
PICTURE = Path(__file__).with_name("demo.svg")


def main() -> None:
    """Record the session; what a terminal shows beside it (progress bars) is not part of it."""
    environment = {**os.environ, "COLUMNS": str(COLUMNS), "FORCE_COLOR": "1"}
    beside_python = Path(sys.executable).with_name(COMMAND[0])
    done = subprocess.run(  # noqa: S603 - our own command
        [str(beside_python), *COMMAND[1:]], env=environment, text=True, stdout=subprocess.PIPE, check=True
    )
    console = Console(record=True, width=COLUMNS, file=StringIO(), highlight=False)
    console.print(Text(f"$ {' '.join(COMMAND)}", style="bold"))
    console.print(Text.from_ansi(done.stdout))
    PICTURE.write_text(console.export_svg(title="onefold demo"), encoding="utf-8")
    print(f"{PICTURE.name}: {len(done.stdout.splitlines())} lines")


if __name__ == "__main__":
    main()
