"""Timelines and whose they are: records of events, their store, links between names, one person."""
