"""The truth on disk: files of one folder, the segmented log, the key vault. Nothing but the operating system
below.
"""
