"""Alembic's folder: forward-only steps from an empty database to the tables."""
