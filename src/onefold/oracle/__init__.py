"""The slow, obvious reference: what genomes, people and predicates are, read off the events of the log by plain loops.

It shares nothing with what it checks: no kernel, plan, timeline store, record layout or NumPy compiler.
"""
