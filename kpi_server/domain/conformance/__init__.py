"""Conformance: what a family promises, and whether it keeps it."""
