"""Lint: where what an organization's documents state does not fit together, one small rule each."""
