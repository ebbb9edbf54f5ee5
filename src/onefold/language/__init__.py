"""The expression language: SQL predicates as a closed, typed tree, compiled to Python, NumPy and DuckDB SQL."""
