"""One thing that was checked, and the rules that there are."""

from dataclasses import dataclass
from enum import StrEnum


class Rule(StrEnum):
    """What is checked.

    LOADED: a family keeps the rules of the registry. PROVED: each calculator has a golden vector, and one that divides
    has one with a zero. VECTORS: they give what they expect. NULLS: an input that is missing makes the result missing,
    or counts as zero where that is declared. ZEROS: a zero gives a result or is undefined. FOLDS: PostgreSQL gives the
    same. ROLL_UP: it does not matter in how many steps a measure is rolled up. STATEMENTS: a field of the family's own
    takes no more of them than it declares, as many for many rows as for few. SCHEMA: families answer the same twice.
    """

    LOADED = "LOADED"
    PROVED = "PROVED"
    VECTORS = "VECTORS"
    NULLS = "NULLS"
    ZEROS = "ZEROS"
    FOLDS = "FOLDS"
    ROLL_UP = "ROLL_UP"
    STATEMENTS = "STATEMENTS"
    SCHEMA = "SCHEMA"


@dataclass(frozen=True)
class Check:
    """One rule, kept or not by one thing; `problem` is empty when it is kept."""

    rule: Rule
    subject: str
    problem: str = ""
