"""From what arrives, raw rows and messages, to events: names, values, contracts, mappings. Pure: no files, no
clock.
"""
