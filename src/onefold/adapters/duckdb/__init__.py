"""Files of rows to events, their expressions evaluated by an in-memory DuckDB that can open no file
itself.
"""
