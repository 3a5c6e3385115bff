"""Planted faults: one-line patches that break a promise, each of which a suite must catch."""
