"""Timelines in LMDB: one memory-mapped file that may exceed RAM, rebuilt from the log at will."""
