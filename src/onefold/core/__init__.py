"""The words that every layer shares: time, types, events, errors, ports. Pure: no clock, no dice, no I/O."""
