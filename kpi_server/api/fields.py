"""Fields that are computed, typed: to the type checker a computed field is the method it is."""

from collections.abc import Callable
from typing import Any, TypeVar

import strawberry

from kpi_server.api.execution.obtaining import OBTAINED, Obtained

Method = TypeVar("Method", bound=Callable[..., Any])


def computed(
    description: str, *, name: str | None = None, obtained: Obtained | None = None
) -> Callable[[Method], Method]:
    """Make a method the field of its name (or of `name`), with a description; `obtained` says how rows give it."""
    metadata = {} if obtained is None else {OBTAINED: obtained}
    decorate: Callable[[Method], Method] = strawberry.field(description=description, name=name, metadata=metadata)
    return decorate
