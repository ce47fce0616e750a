"""Calculated values: every leaf of every cell in one statement, then folded."""
