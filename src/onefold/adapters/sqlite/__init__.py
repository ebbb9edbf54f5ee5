"""The control store in SQLite: published definitions and how far each file was loaded."""
