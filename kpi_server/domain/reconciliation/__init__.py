"""Reconciliation: what a document prints beside what its own figures give by the metric's formula."""
