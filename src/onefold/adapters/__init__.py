"""The outside world, a folder per technology; adapters fulfil the ports of ``core`` and do not know one
another.
"""
