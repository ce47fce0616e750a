"""Risk: levels, exposure, and the order in which risks are shown."""

from decimal import Decimal
from enum import StrEnum

from kpi_server.domain.precision import precise
from kpi_server.errors import BadInput


class RiskLevel(StrEnum):
    """A level as documents print it; `rank` orders them, 1 to 3."""

    LOW = "LOW"
    MEDIUM = "MEDIUM"
    HIGH = "HIGH"

    @property
    def rank(self) -> int:
        """The place among the levels, from 1.

        >>> RiskLevel.HIGH.rank
        3
        """
        return list(RiskLevel).index(self) + 1


def exposure(probability: Decimal | None, impact: Decimal | int | None) -> Decimal | None:
    """Probability (a fraction) times impact (a rank or a number of the organization's scale); None without both.

    Raises:
        BadInput: the probability is not between 0 and 1.

    >>> exposure(Decimal("0.80"), RiskLevel.HIGH.rank)
    Decimal('2.40')
    """
    if probability is None or impact is None:
        return None
    if not 0 <= probability <= 1:
        raise BadInput(f"a probability lies between 0 and 1, not at {probability}")
    with precise():
        return probability * impact


def severity_key(probability: Decimal | None, level: RiskLevel | None) -> tuple[bool, Decimal, int]:
    """A key that sorts risks from slight to severe.

    Risks with a probability come by exposure; those of which only a level is printed stand below them by rank, since
    a level alone measures nothing that could be compared with an exposure.

    >>> risks = [(None, RiskLevel.HIGH), (Decimal("0.4"), RiskLevel.HIGH), (Decimal("0.9"), RiskLevel.HIGH)]
    >>> [str(probability) for probability, level in sorted(risks, key=lambda risk: severity_key(*risk), reverse=True)]
    ['0.9', '0.4', 'None']
    """
    rank = 0 if level is None else level.rank
    exposed = exposure(probability, rank if level else None)
    return (exposed is not None, Decimal(0) if exposed is None else exposed, rank)
