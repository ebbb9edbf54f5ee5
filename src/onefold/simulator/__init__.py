"""A simulated bank with known truth, for demos, tests and closed-loop evaluation.

Pure: a NumPy generator and dates come in as arguments, rows as columns of text go out. People are drawn in blocks, each
from dice of its own, so that a customer is the same whoever else is drawn, and memory is bounded by a block.
Nobody here exists, and nothing here was measured at a bank: the figures are plausible, no more.
"""
