"""Fields that are computed, typed: to the type checker a computed field is the method it is."""

from collections.abc import Callable
from typing import Any, Final, TypeVar

import strawberry

from kpi_server.api.execution.obtaining import OBTAINED, Obtained

STATEMENTS: Final = "statements"
"""The key of a field's metadata: how many SQL statements it may take."""

FEW: Final = 5
"""So many may a family's field take that declares nothing."""

Method = TypeVar("Method", bound=Callable[..., Any])


def computed(
    description: str, *, name: str | None = None, obtained: Obtained | None = None, statements: int = FEW
) -> Callable[[Method], Method]:
    """Make a method the field of its name (or of `name`), with a description; `obtained` says how rows give it.

    A family's field declares how many `statements` it may take at the most, for however many rows and periods.
    """
    metadata = {STATEMENTS: statements, **({} if obtained is None else {OBTAINED: obtained})}
    decorate: Callable[[Method], Method] = strawberry.field(description=description, name=name, metadata=metadata)
    return decorate
