"""Conditions put together from literal pieces; values travel as bound parameters only."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, LiteralString


class Moment(Enum):
    """In place of a moment that is filled in when a statement is run."""

    NOW = "NOW"


@dataclass
class Clauses:
    """The conditions of one statement and the parameters they bind, numbered in the order of their adding."""

    parameters: list[Any] = field(default_factory=list)
    conditions: list[str] = field(default_factory=list)
    organization: str | None = None
    """What the organization is where the rows are all of one: whatever is joined to them is of it, too."""

    def bind(self, value: Any) -> str:
        """The placeholder of a value."""
        self.parameters.append(value)
        return f"${len(self.parameters)}"

    def add(self, condition: LiteralString, value: Any) -> None:
        """Add a condition; `{}` in it, as often as it stands there, is the value."""
        self.conditions.append(condition.replace("{}", self.bind(value)))

    def within(self, row: LiteralString, organization_id: int) -> None:
        """Add the condition that the row is of this organization."""
        self.organization = f"{self.bind(organization_id)}::bigint"
        self.conditions.append(f"{row}.organization_id = {self.organization}")

    def add_pairs(self, columns: LiteralString, keys: Sequence[tuple[int, Any]], kind: LiteralString) -> None:
        """Add the condition that a pair of columns is one of these keys; `kind` is the second column's type."""
        organizations, named = self.bind([key[0] for key in keys]), self.bind([key[1] for key in keys])
        arrays = f"{organizations}::bigint[], {named}::{kind}[]"
        self.conditions.append("({0}) in (select * from unnest({1}))".replace("{0}", columns).replace("{1}", arrays))

    def add_plain(self, condition: LiteralString) -> None:
        """Add a condition without a value."""
        self.conditions.append(condition)

    @property
    def where(self) -> str:
        return f"where {' and '.join(self.conditions)}" if self.conditions else ""
