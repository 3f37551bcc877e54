"""Decisions: pure code without I/O, clocks, randomness or logging."""
