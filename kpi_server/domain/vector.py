"""Golden vectors: what a calculator must answer to given inputs, worked out by hand or taken from a document."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from kpi_server.domain.absence import Absence


@dataclass(frozen=True, kw_only=True)
class Vector:
    """One line of proof: these inputs make this result.

    Attributes:
        metric: The key of a metric of the family.
        given: A value for each parameter of its calculator, as text ("100"), number, or why there is none; a HISTOGRAM
            stands for the value that its percentile has.
        expected: The result as text ("1.04", for words "At Risk"), exact to 12 decimals, or why there is none.
        source: The document line or the working that gives it.

    >>> Vector(metric="churn", given={"lost": "3", "customers": 0}, expected=Absence.UNDEFINED, source="004:142").metric
    'churn'
    """

    metric: str
    given: Mapping[str, "str | int | Decimal | Absence"]
    expected: "str | int | Decimal | Absence"
    source: str
