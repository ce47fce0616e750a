"""The fields of a row that is an event, and what such a row says."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from kpi_server.domain.event import SentEvent, read_moment
from kpi_server.errors import BadInput

EVENT_FIELDS: Final = ("kind", "subject", "occurredAt", "externalId", "amount", "currency", "attributes")
ATTRIBUTE: Final = "attributes."
"""How a field begins that is one attribute."""

_NEEDED: Final = EVENT_FIELDS[:4]


def event_of(row: Mapping[str, Any]) -> SentEvent:
    """What a row of fields says; whether it can be taken is another question.

    Raises:
        BadInput: a field is missing or of another type.

    >>> row = {"kind": "session", "subject": "ada", "occurredAt": "2026-03-01T10:00:00Z", "externalId": "s-1"}
    >>> event_of(row | {"attributes": {"plan": "pro"}}).attributes
    (('plan', 'pro'),)
    """
    fields = {name: cell for name, cell in row.items() if cell is not None}
    missing = [name for name in _NEEDED if name not in fields]
    texts = [name for name in (*_NEEDED, "currency") if not isinstance(fields.get(name, ""), str)]
    amount, attributes = fields.get("amount"), _attributes(fields)
    wrong = [
        *(f"there is no {name}" for name in missing),
        *(f"{name}: text is expected" for name in texts),
        *(["amount: a number is expected"] if amount is not None and not isinstance(amount, Decimal) else []),
        *(['attributes: texts by name are expected, {"plan": "pro"}'] if attributes is None else []),
    ]
    if wrong:
        raise BadInput("; ".join(wrong))
    moment = read_moment(fields["occurredAt"])
    named = (fields["kind"], fields["subject"], moment, fields["externalId"])
    return SentEvent(*named, amount, fields.get("currency"), attributes or ())


def _attributes(fields: Mapping[str, Any]) -> tuple[tuple[str, str], ...] | None:
    """Attributes in an object and in fields of their own; None where they are not texts by name."""
    inside = fields.get("attributes", {})
    if not isinstance(inside, dict):
        return None
    own = [(name[len(ATTRIBUTE) :], value) for name, value in fields.items() if name.startswith(ATTRIBUTE)]
    together = (*inside.items(), *own)
    return together if all(isinstance(value, str) for _, value in together) else None
