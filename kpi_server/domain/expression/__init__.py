"""Expressions: a calculator's formula as a tree, and what is made of it: the value, the SQL, the words, the unit."""
