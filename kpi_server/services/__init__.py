"""Use cases: gather (store), decide (domain), act (store)."""
