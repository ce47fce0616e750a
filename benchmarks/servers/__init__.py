"""Servers to compare with, written for the measurements alone."""
