"""The rules: what the numbers mean. Values in, values out; no I/O, no clock, no randomness."""
