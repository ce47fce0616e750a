"""The families' own fields: a type for each, made from its declarations and its own class when the schema is built."""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import fields
from importlib import import_module
from typing import Any, TypeVar

import strawberry
from strawberry.types import get_object_definition
from strawberry.utils.str_converters import to_camel_case

from kpi_server.api.family_rules import faults, type_prefix
from kpi_server.api.fields import FEW, STATEMENTS
from kpi_server.api.request import Info
from kpi_server.api.types.family_view import FamilyView
from kpi_server.api.types.kpi import Kpi
from kpi_server.api.types.organization import Organization
from kpi_server.errors import BadInput, PluginError, Problem
from kpi_server.registry import LoadedFamily, Registry, attempt

Extended = TypeVar("Extended")


def organization_type(registry: Registry) -> type[Organization]:
    """The schema's Organization: the core's fields and one nullable field for each family.

    Raises:
        PluginError: a family, a metric or a field has a name that is taken, or a family's own class cannot be used.
    """
    problems = [problem for loaded in registry.families for problem in _problems(loaded)]
    if problems:
        raise PluginError("Families that the schema cannot show:", problems)
    return extended(Organization, {loaded.family.name: _family_field(loaded) for loaded in registry.families})


def extended(cls: type[Extended], more: Mapping[str, Any]) -> type[Extended]:
    """A type of the schema with more fields, under its own name."""
    definition = get_object_definition(cls, strict=True)
    added = type(definition.name, (cls,), dict(more))
    return strawberry.type(added, name=definition.name, description=definition.description)


def _problems(loaded: LoadedFamily) -> Iterator[Problem]:
    owner, family = f"{loaded.distribution} {loaded.version}", loaded.family.name
    core = {field.name for field in fields(Organization)} | set(dir(Organization))
    if family in core:
        yield Problem(owner, family, "an organization has a field of this name; rename the family")
    own, failure = attempt(lambda: _names(_own_view(loaded)))
    if failure is not None:
        yield Problem(owner, f"{family}: kpi_fields", f"{loaded.fields} cannot be used: {failure}")
    taken = dict.fromkeys(own or (), loaded.fields) | dict.fromkeys(_names(FamilyView), "every family")
    for metric in loaded.metrics:
        field = to_camel_case(metric.key)
        if field in taken:
            message = f"{taken[field]} already has the field {field}; rename the metric"
            yield Problem(owner, f"{family}.{metric.key}", message)
        taken[field] = f"{family}.{metric.key}"


def _own_view(loaded: LoadedFamily) -> type[FamilyView]:
    """The class of the family's own fields; a family without any shows what every one does.

    Raises:
        BadInput: it is of another kind, or its fields are not what the schema asks of them.
    """
    if not loaded.fields:
        return FamilyView
    module, _, name = loaded.fields.partition(":")
    found = getattr(import_module(module), name)
    if not isinstance(found, type) or not issubclass(found, FamilyView):
        raise BadInput("it is not made from FamilyView")
    if wrong := [*faults(found, loaded.family.name)]:
        raise BadInput("; ".join(wrong))
    return found


def own_fields(loaded: LoadedFamily) -> dict[str, int]:
    """The fields that a family's own class adds, as the schema spells them, and how many statements each declares."""
    common = {field.python_name for field in get_object_definition(FamilyView, strict=True).fields}
    return {
        field.graphql_name or to_camel_case(field.python_name): field.metadata.get(STATEMENTS, FEW)
        for field in get_object_definition(_own_view(loaded), strict=True).fields
        if field.python_name not in common
    }


def _names(view: type[FamilyView]) -> list[str]:
    """What a view has, as the schema spells it: a metric of that name would hide it."""
    names = [field.name for field in fields(view)] + [name for name in dir(view) if not name.startswith("_")]
    return [to_camel_case(name) for name in names]


def _family_field(loaded: LoadedFamily) -> Any:
    view = _family_type(loaded)

    def resolve(root: Organization) -> Any:
        name = loaded.family.name
        return view(organization_id=root.organization_id, organization=root.record, family_name=name)

    return strawberry.field(resolver=resolve, graphql_type=view | None, description=loaded.family.description)


def _family_type(loaded: LoadedFamily) -> Any:
    """`<Name>Family`, with the family's own fields and a nullable one for each metric."""
    family = loaded.family
    metrics = {metric.key: _metric_field(family.name, metric.key, metric.description) for metric in loaded.metrics}
    cls = type(f"{type_prefix(family.name)}Family", (_own_view(loaded),), metrics)
    return strawberry.type(cls, description=family.description)


def _metric_field(family: str, key: str, description: str) -> Any:
    return strawberry.field(resolver=_resolver(f"{family}.{key}"), description=description)


def _resolver(kpi_key: str) -> Callable[..., Awaitable[Kpi | None]]:
    async def resolve(root: FamilyView, info: Info) -> Kpi | None:
        record = await info.context.loaders.kpis_by_key.load((root.organization_id, kpi_key))
        return None if record is None else info.context.kpi(record)

    return resolve
