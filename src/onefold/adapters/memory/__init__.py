"""Stores in plain Python objects: the reference that every other adapter is compared with."""
