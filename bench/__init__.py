"""Measurements of the targets of the design, always as ratios in one run; ``python -m bench``."""
