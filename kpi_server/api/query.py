"""The entry points of the graph."""

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Annotated, Any, Final

import strawberry

from kpi_server.api.arguments import checked, granted
from kpi_server.api.connections import After, Before, Connection, First, Last, Listing, PageArguments, connect
from kpi_server.api.execution.obtaining import OBTAINED, Entry, Obtained
from kpi_server.api.families import extended
from kpi_server.api.identity import read_global_id
from kpi_server.api.nodes import found, organization_of
from kpi_server.api.request import Info, Request
from kpi_server.api.scalars import Cursor
from kpi_server.api.types.as_of import AsOfArgument
from kpi_server.api.types.change import ChangeBatch, ChangeFilter, wanted_of
from kpi_server.api.types.family import Family, served_families
from kpi_server.api.types.node import Node
from kpi_server.api.types.organization import Organization
from kpi_server.api.types.scorecard import Scorecard, ScorecardInput, check_keys, shown
from kpi_server.domain.access import Role
from kpi_server.errors import BadInput
from kpi_server.services.feed import Asked, read_on
from kpi_server.store.reads.clauses import Clauses
from kpi_server.store.reads.keyset import SortKey
from kpi_server.store.sql import statement

MOST_IDS: Final = 100


@strawberry.type(description="A role in an organization.")
class Grant:
    role: Role = strawberry.field(description="The role.")
    department: str | None = strawberry.field(description="The department to which it is narrowed.")
    slug: str = strawberry.field(description="The organization's short name.")
    organization_id: strawberry.Private[int]


@strawberry.type(description="Who is asking.")
class Viewer:
    name: str = strawberry.field(description="The principal's name.")


def query_type(organization: type[Organization]) -> type:
    """The query type over the schema's own Organization, which holds the families' fields."""
    named = {
        "viewer": _field(_viewer, _viewer_type(organization), "Who is asking, and what they may see."),
        "organizations": _field(
            _organizations,
            Connection[organization],  # type: ignore[valid-type]
            "The organizations that the viewer may see.",
        ),
        "organization": _field(
            _organization,
            organization | None,
            "One organization; null when the viewer may see none of that name.",
            Entry("organizations", _organization_id, partial(_stand_in, organization)),
        ),
        "changes": _field(
            _changes,
            ChangeBatch,
            "What changed in an organization behind a cursor, in order and without gaps: for those who poll.",
        ),
        "scorecard": _field(
            _scorecard,
            Scorecard | None,
            "Some KPIs of an organization as they stand; `Subscription.scorecard` shows them again when that changes.",
            Entry("organizations", _scorecard_of, Scorecard.asked, is_enough=True, check=check_keys),
        ),
        "families": _field(_families, list[Family], "The families of metrics that are installed."),
        "node": _field(_node, Node | None, "Anything by its id; null when the viewer may see no such thing."),
        "nodes": _field(_nodes, list[Node | None], "Things by their ids, at most 100, each as `node` gives it."),
    }
    return strawberry.type(type("Query", (), named), description="Everything that can be asked.")


def _field(resolver: Callable[..., Any], kind: Any, description: str, obtained: Obtained | None = None) -> Any:
    metadata = {} if obtained is None else {OBTAINED: obtained}
    return strawberry.field(resolver=resolver, graphql_type=kind, description=description, metadata=metadata)


def _organization_id(context: Request, *, slug: str, asOf: Any = None) -> int | None:  # noqa: N803 - as GraphQL has it
    if asOf is not None and context.past is None:
        raise BadInput("`asOf` is answered for whole operations: this one was not begun in the past")
    grant = context.scope.grant(checked(slug, "slug"))
    return None if grant is None else grant.organization_id


def _scorecard_of(context: Request, *, organization: str, input: Any) -> int:  # noqa: A002 - as GraphQL has it
    del input
    return granted(context.scope, organization).organization_id


def _stand_in(organization: type[Organization], organization_id: int, _given: Mapping[str, Any]) -> Organization:
    """An organization of which only the id is known: enough to describe the lists under it."""
    stand_in = organization.__new__(organization)
    stand_in.record = {"id": organization_id}
    return stand_in


def _viewer_type(organization: type[Organization]) -> Any:
    grant = extended(Grant, {"organization": _field(_granted, organization | None, "The organization.")})
    return extended(Viewer, {"grants": _field(_grants, list[grant], "The viewer's roles, one an organization.")})  # type: ignore[valid-type]


def _viewer(info: Info) -> Any:
    return Viewer(name=info.context.scope.principal)


def _grants(info: Info) -> Any:
    return [
        Grant(role=grant.role, department=grant.department, slug=grant.slug, organization_id=grant.organization_id)
        for grant in info.context.scope.grants
    ]


async def _granted(root: Grant, info: Info) -> Any:
    return await organization_of(info, root.organization_id)


async def _organization(
    info: Info,
    slug: Annotated[str, strawberry.argument(description='Its short name: "datainsight-pro".')],
    as_of: AsOfArgument = None,
) -> Any:
    organization_id = _organization_id(info.context, slug=slug, asOf=as_of)
    return None if organization_id is None else await organization_of(info, organization_id)


async def _scorecard(
    info: Info,
    organization: Annotated[str, strawberry.argument(description="The organization, by its short name.")],
    input: Annotated[ScorecardInput, strawberry.argument(description="Which KPIs are wanted.")],  # noqa: A002
) -> Scorecard | None:
    return await shown(info, granted(info.context.scope, organization).organization_id, input)


async def _organizations(
    info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
) -> Any:
    clauses = Clauses([sorted(info.context.scope.organization_ids)])
    keys = (SortKey("slug", "text"), SortKey("id", "bigint"))
    listing = Listing("Organization", statement("organizations"), clauses, keys)
    return connect(info.context, listing, PageArguments(first, after, last, before), Organization.of)


async def _changes(
    info: Info,
    organization: Annotated[str, strawberry.argument(description='Its short name: "datainsight-pro".')],
    after: Annotated[
        Cursor | None,
        strawberry.argument(description="The cursor of `feed` or of the batch before; without one it begins now."),
    ] = None,
    first: Annotated[int, strawberry.argument(description="At most so many, 1 to 1,000.")] = 100,
    filter: Annotated[  # noqa: A002
        ChangeFilter | None,
        strawberry.argument(description="Which are wanted; the cursor moves on past the others."),
    ] = None,
) -> ChangeBatch:
    context = info.context
    asked = Asked(
        granted(context.scope, organization).organization_id, after, first, context.feed_kept, wanted_of(filter)
    )
    return ChangeBatch.of(await read_on(context.fetch, asked, context.now))


def _families(info: Info) -> list[Family]:
    return served_families(info.context.registry)


async def _node(
    info: Info,
    id: Annotated[strawberry.ID, strawberry.argument(description="The field `id` of a thing.")],  # noqa: A002
) -> Node | None:
    return await found(info, read_global_id(id))


async def _nodes(
    info: Info, ids: Annotated[list[strawberry.ID], strawberry.argument(description="The fields `id` of things.")]
) -> list[Awaitable[Node | None]]:
    if len(ids) > MOST_IDS:
        raise BadInput(f"`ids` holds at most {MOST_IDS} ids, not {len(ids)}")
    return [found(info, named) for named in [read_global_id(text) for text in ids]]
