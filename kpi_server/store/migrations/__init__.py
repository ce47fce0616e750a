"""Alembic's folder: forward-only steps from an empty database to the tables."""

from typing import Final

NEWEST: Final = "0020"
"""The revision of today's tables, for processes that serve and never migrate."""
