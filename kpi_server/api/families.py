"""The families' own fields: a type for each, made from its declarations when the schema is built."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import fields
from operator import attrgetter
from typing import Any, Final, TypeVar

import strawberry
from strawberry.types import get_object_definition
from strawberry.utils.str_converters import to_camel_case

from kpi_server.api.fields import computed
from kpi_server.api.request import Info
from kpi_server.api.types.family import Family, family_named
from kpi_server.api.types.kpi import Kpi
from kpi_server.api.types.kpis import kpis_field
from kpi_server.api.types.organization import Organization
from kpi_server.errors import PluginError, Problem
from kpi_server.registry import LoadedFamily, Registry

Extended = TypeVar("Extended")

_OWN_FIELDS: Final = frozenset({"kpis", "family", "organization_id", "family_name"})


@strawberry.type(description="A family's KPIs in an organization.")
class FamilyView:
    """What every family's type has."""

    organization_id: strawberry.Private[int]
    family_name: strawberry.Private[str]

    kpis = kpis_field("The family's KPIs that the organization manages.", family_of=attrgetter("family_name"))

    @computed("The family itself: where it is from and all that it defines.")
    def family(self, info: Info) -> Family:
        return family_named(info.context.registry, self.family_name)


def organization_type(registry: Registry) -> type[Organization]:
    """The schema's Organization: the core's fields and one nullable field for each family.

    Raises:
        PluginError: a family or a metric has the name of a field of the core.
    """
    problems = [problem for loaded in registry.families for problem in _problems(loaded)]
    if problems:
        raise PluginError("Names that the schema needs itself:", problems)
    return extended(Organization, {loaded.family.name: _family_field(loaded) for loaded in registry.families})


def extended(cls: type[Extended], more: Mapping[str, Any]) -> type[Extended]:
    """A type of the schema with more fields, under its own name."""
    definition = get_object_definition(cls, strict=True)
    added = type(definition.name, (cls,), dict(more))
    return strawberry.type(added, name=definition.name, description=definition.description)


def _problems(loaded: LoadedFamily) -> list[Problem]:
    owner, family = f"{loaded.distribution} {loaded.version}", loaded.family.name
    core = {field.name for field in fields(Organization)} | set(dir(Organization))
    problems = []
    if family in core:
        problems.append(Problem(owner, family, "an organization has a field of this name; rename the family"))
    taken = {to_camel_case(name): "every family" for name in _OWN_FIELDS}
    for metric in loaded.metrics:
        field = to_camel_case(metric.key)
        if field in taken:
            message = f"{taken[field]} already has the field {field}; rename the metric"
            problems.append(Problem(owner, f"{family}.{metric.key}", message))
        taken[field] = f"{family}.{metric.key}"
    return problems


def _family_field(loaded: LoadedFamily) -> Any:
    view = _family_type(loaded)

    def resolve(root: Organization) -> Any:
        return view(organization_id=root.organization_id, family_name=loaded.family.name)

    return strawberry.field(resolver=resolve, graphql_type=view | None, description=loaded.family.description)


def _family_type(loaded: LoadedFamily) -> Any:
    """`<Name>Family`, with one nullable field for each metric."""
    family = loaded.family
    metrics = {metric.key: _metric_field(family.name, metric.key, metric.description) for metric in loaded.metrics}
    cls = type(f"{family.name[:1].upper()}{family.name[1:]}Family", (FamilyView,), metrics)
    return strawberry.type(cls, description=family.description)


def _metric_field(family: str, key: str, description: str) -> Any:
    return strawberry.field(resolver=_resolver(f"{family}.{key}"), description=description)


def _resolver(kpi_key: str) -> Callable[..., Awaitable[Kpi | None]]:
    async def resolve(root: FamilyView, info: Info) -> Kpi | None:
        record = await info.context.loaders.kpis_by_key.load((root.organization_id, kpi_key))
        return None if record is None else info.context.kpi(record)

    return resolve
