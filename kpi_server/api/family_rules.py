"""What the schema asks of the fields that a family writes itself: words, room to fail alone, and names of its own."""

from collections.abc import Iterator
from typing import Any

from strawberry.types import get_object_definition
from strawberry.types.base import StrawberryContainer, StrawberryOptional

from kpi_server.api.types.family_view import FamilyView


def type_prefix(family: str) -> str:
    """What the names of a family's types begin with."""
    return f"{family[:1].upper()}{family[1:]}"


def faults(view: type[FamilyView], family: str) -> Iterator[str]:
    """What is wrong with the fields of a family's class, each in a sentence."""
    prefix = type_prefix(family)
    common = {field.python_name for field in get_object_definition(FamilyView, strict=True).fields}
    for field in get_object_definition(view, strict=True).fields:
        name = field.python_name
        if name in common:
            continue
        if not field.description:
            yield f"nothing describes its field {name}"
        if not isinstance(field.type, StrawberryOptional):
            yield f"its field {name} is never null, so an error in it would take the family's other fields along"
        for kind in _kinds(field.type, set()):
            if not kind.__name__.startswith(prefix):
                yield f"{kind.__name__} of its field {name} does not begin with {prefix}: types are everybody's"


def _kinds(kind: Any, seen: set[type]) -> Iterator[type]:
    """The object types that a field leads to, the core's left out."""
    while isinstance(kind, StrawberryContainer):
        kind = kind.of_type
    definition = get_object_definition(kind)
    if definition is None or kind in seen or kind.__module__.startswith("kpi_server."):
        return
    seen.add(kind)
    yield kind
    for field in definition.fields:
        yield from _kinds(field.type, seen)
