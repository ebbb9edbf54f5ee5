"""Files of starter workspaces, as package data: ``full`` (a retail bank), ``lean``, and what a ``simulated`` bank adds.

:mod:`onefold.workspace.starting` copies them. They hold no data and no code.
"""
