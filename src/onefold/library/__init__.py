"""The standard genome, as package data: ``features/*.yaml``, one file a family, and the ``vocabulary.yaml`` they read.

:mod:`onefold.workspace.library` reads them. They hold no data and no code.
"""
