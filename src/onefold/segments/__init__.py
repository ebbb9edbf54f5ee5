"""Segments: rule-based membership, exact in time, with its journal and its explanation."""
