"""Options that many commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

HERE = Path()


def _stated(context: typer.Context, workspace: Path) -> Path:
    """Return what stands behind the command, else what stands before it: `onefold --workspace DIR load`."""
    return context.obj if workspace == HERE and isinstance(context.obj, Path) else workspace


Workspace = Annotated[
    Path,
    typer.Option(
        "--workspace", "-w", callback=_stated, help="The folder of the workspace.", show_default="this folder"
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]
Draft = Annotated[bool, typer.Option("--draft", help="Read the files instead of what is published.")]
At = Annotated[str | None, typer.Option("--at", metavar="TIME", help="The moment asked about.", show_default="now")]
Known = Annotated[
    str | None,
    typer.Option("--known", metavar="TIME", help="Only what had arrived by then.", show_default="everything"),
]
HERE = Path()
