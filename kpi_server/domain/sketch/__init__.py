"""Sketches: small summaries that can be merged across segments and over time, as numbers counted or ranked cannot.

The same values make the same sketch on every machine, in Python and in PostgreSQL; nothing in them is random.
"""
