"""Statement budgets: how many SQL statements the fields take that families write themselves, tried on made-up rows."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, cast

import strawberry
from graphql import GraphQLField, GraphQLObjectType, get_named_type, is_leaf_type, is_required_argument

from kpi_server.api.context import Context
from kpi_server.api.executor import core_schema
from kpi_server.api.families import own_fields
from kpi_server.api.family_rules import type_prefix
from kpi_server.domain.access import Grant, Role, Scope
from kpi_server.domain.conformance.check import Check, Rule
from kpi_server.domain.recording import Sent
from kpi_server.domain.sketch.distinct import distinct
from kpi_server.domain.sketch.histogram import histogram
from kpi_server.domain.sketch.notation import print_sketch
from kpi_server.domain.sketch.sparse import Sketch
from kpi_server.plugin import Measure
from kpi_server.registry import LoadedFamily, Registry
from kpi_server.services.catalog.loading import seed
from kpi_server.services.recording import Call, Sender, record
from kpi_server.store.database import Database
from kpi_server.store.organizations import id_of

ROWS: Final = {"verified-few": 2, "verified-many": 12}
"""Organizations that are made up, and how many segments and months something is recorded of in each."""

_NOW: Final = datetime(2026, 1, 15, tzinfo=UTC)
_MONTHS: Final = tuple(f"2025-{month:02}" for month in range(1, 13))
_CATALOG: Final = """\
organization: {{slug: {slug}, source: "made:1", name: {slug}, currency: EUR}}
documents: [{{key: made, source: "made:1", title: Made up}}]
"""


async def budget_checks(
    schema: strawberry.Schema, registry: Registry, loaded: LoadedFamily, database: Database
) -> list[Check]:
    """Whether each own field of a family takes no more statements than it declares, for few rows as for many.

    `database` is one that nobody else uses: organizations are made up in it.
    """
    declared = own_fields(loaded)
    if not declared:
        return []
    kind = cast(GraphQLObjectType, core_schema(schema).type_map[f"{type_prefix(loaded.family.name)}Family"])
    fields = {name: kind.fields[name] for name in declared if _is_tried(kind.fields[name])}
    await _fill(database, registry, loaded, sorted({key for field in fields.values() for key in _keys(field)}))
    found = []
    for name, field in fields.items():
        few, many = [
            await _taken(schema, registry, database, slug, _asked(loaded.family.name, name, field, rows))
            for slug, rows in ROWS.items()
        ]
        found.append(Check(Rule.STATEMENTS, f"{loaded.family.name}.{name}", _problem(few, many, declared[name])))
    return found


def _problem(few: int | str, many: int | str, declared: int) -> str:
    if isinstance(few, str) or isinstance(many, str):
        return f"fails: {few if isinstance(few, str) else many}"
    less, more = ROWS.values()
    if many > few:
        return f"takes {few} statements for {less} rows and {many} for {more}: ask for all rows at once"
    return f"takes {many} statements, and declares {declared}" if many > declared else ""


async def _taken(schema: strawberry.Schema, registry: Registry, database: Database, slug: str, query: str) -> int | str:
    """How many statements a field takes, without those for what stands above it; or why it gives nothing."""
    scope = Scope(1, "verify", (Grant(id_of(slug), slug, Role.EXECUTIVE),))
    taken = []
    for selection in ("__typename", query):
        async with database.read(scope.organization_ids) as connection:
            context = Context(scope=scope, connection=connection, registry=registry, now=_NOW, database=database)
            document = f'{{ organization(slug: "{slug}") {{ __typename {selection} }} }}'
            result = await schema.execute(document, context_value=context)
        if result.errors:
            return result.errors[0].message
        taken.append(context.statements)
    return taken[1] - taken[0]


def _asked(family: str, name: str, field: GraphQLField, rows: int) -> str:
    months = {"from": _MONTHS[-rows]}
    given = [
        f'{argument}: "{months.get(argument, _MONTHS[-1])}"'
        for argument, kind in field.args.items()
        if is_required_argument(kind)
    ]
    arguments = f"({', '.join(given)})" if given else ""
    return f"{family} {{ {name}{arguments} {_selection(field, type_prefix(family))} }}"


def _is_tried(field: GraphQLField) -> bool:
    """Whether it asks for nothing but periods."""
    return all(get_named_type(kind.type).name == "Period" for kind in field.args.values() if is_required_argument(kind))


def _selection(field: GraphQLField, prefix: str, depth: int = 4) -> str:
    """All that families show of it; of the core's types nothing, which would be the core's statements."""
    kind: Any = get_named_type(field.type)
    if is_leaf_type(kind):
        return ""
    inner = [
        f"{name} {_selection(one, prefix, depth - 1)}"
        for name, one in getattr(kind, "fields", {}).items()
        if kind.name.startswith(prefix) and depth and not any(map(is_required_argument, one.args.values()))
    ]
    return f"{{ __typename {' '.join(inner)} }}"


def _keys(field: GraphQLField) -> Iterator[str]:
    """The segment keys by which it is split unless others are asked for."""
    for kind in field.args.values():
        if get_named_type(kind.type).name == "String" and isinstance(kind.default_value, str):
            yield kind.default_value


async def _fill(database: Database, registry: Registry, loaded: LoadedFamily, keys: Sequence[str]) -> None:
    """Record something of all measures of a family, in every month and in every segment of these keys."""
    with TemporaryDirectory() as folder:
        folders = [Path(folder) / slug for slug in ROWS]
        for made in folders:
            made.mkdir()
            (made / "made.yaml").write_text(_CATALOG.format(slug=made.name), encoding="utf-8")
        await seed(database, registry, folders)
    for slug, rows in ROWS.items():
        segments = [f"{key}=made{row}" for key in keys or ("plan",) for row in range(rows)]
        cells = [*((month, segments[0]) for month in _MONTHS[:-1]), *((_MONTHS[-1], one) for one in segments)]
        sent = [
            _sent(f"{loaded.family.name}.{measure.key}", measure, *cell)
            for measure in loaded.measures
            for cell in cells
        ]
        sender = Sender(id_of(slug), 1, "verify", "verify")
        await record(database, registry, sender, Call(sent, False, None, _NOW))


def _sent(key: str, measure: Measure, month: str, segment: str) -> Sent:
    match measure.sketch:
        case None:
            return Sent(None, month, Decimal(1), segment, measure=key)
        case Sketch.DISTINCT:
            sketch = print_sketch(Sketch.DISTINCT, distinct(["made up"]))
        case Sketch.HISTOGRAM:
            sketch = print_sketch(Sketch.HISTOGRAM, histogram([Decimal(1)]))
    return Sent(None, month, None, segment, measure=key, sketch=sketch)
