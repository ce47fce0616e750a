"""Reconciliation: what is reported beside what the metric's formula gives for printed figures and recorded measures."""
