"""Everything that talks to Postgres, and nothing else does."""
