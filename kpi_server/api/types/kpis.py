"""Lists of KPIs: what they can be filtered and sorted by, of an organization or of one family's."""

from collections.abc import Callable
from typing import Annotated, Any, Final

import strawberry

from kpi_server.api.arguments import segment_text
from kpi_server.api.connections import After, Before, First, Last, PageArguments
from kpi_server.api.lists import columns
from kpi_server.api.lists.columns import Question, answered
from kpi_server.api.lists.rows import Holder, Wanted, listed, listing_field, row_kind
from kpi_server.api.request import Info
from kpi_server.api.types.kpi import Kpi
from kpi_server.domain.direction import Direction
from kpi_server.domain.status import Colour, Status, colour
from kpi_server.domain.unit import UnitKind
from kpi_server.store.reads.clauses import Moment
from kpi_server.store.reads.kpis import in_category, kpi_clauses, kpi_list

WORST_FIRST: Final = (Status.MISSED, Status.NEAR_MISS, Status.ACCEPTABLE, Status.MET)

_LIGHTS: Final = " ".join(f"when '{status.value}' then '{colour(status).value}'" for status in Status)
_FOUND: Final = " or ".join(
    f"position(lower({{}}::text) in lower({place})) > 0"
    for place in ("kpi.key", "kpi.name", "coalesce(kpi.definition, '')")
)
_FOUND_ALIAS: Final = (
    "exists (select from kpi_aliases as alias where alias.organization_id = kpi.organization_id"
    " and alias.kpi_id = kpi.id and position(lower({}::text) in lower(alias.name)) > 0)"
)

KPIS: Final = row_kind(
    Kpi,
    kpi_list,
    columns.own_key(sql="kpi.key"),
    columns.text("name", sql="kpi.name"),
    columns.key("family", "The family it belongs to, by name.", sql="kpi.family"),
    columns.prose("definition", "What it is, in the organization's own words.", sql="kpi.definition", nullable=True),
    columns.choice(
        "unit_kind",
        UnitKind,
        "What kind of number it is.",
        sql="split_part(split_part(kpi.unit, '(', 1), '/', 1)",
    ),
    columns.choice("direction", Direction, sql="kpi.direction"),
    columns.flag("north_star", sql="kpi.north_star"),
    columns.key("owner", "Who owns it now, by key.", sql="owner.key", nullable=True),
    columns.key("department", "The department it belongs to, by key.", sql="department.key", nullable=True),
    columns.key("category", "The group it belongs to, by key.", sql="category.key", nullable=True),
    columns.key("classification", "How confidential it is, by key.", sql="classification.key", nullable=True),
    columns.key("document", "The document it is printed in first, by key.", sql="kpi.document", nullable=True),
    columns.choice(
        "status",
        Status,
        "The status today; sorted from MISSED to MET, those not judged count as without a value.",
        sql="judged.status",
        order=WORST_FIRST,
    ),
    columns.choice("colour", Colour, "The light of the status today.", sql=f"case judged.status {_LIGHTS} end"),
    columns.decimal(
        "value", "The current value; null for words and ranges, or where there is none.", sql="standing.value"
    ),
    columns.decimal("previous_value", "The value that counted before.", sql="standing.previous_value"),
    columns.period("period", "The period of the current value.", sql="figure.period"),
    columns.day("period_start", "The first day of that period.", sql="figure.period_start"),
    columns.flag("has_target", "Whether a target judges it.", sql="(standing.target_id is not null)"),
    columns.decimal("target_value", "The bound of the target that judges it.", sql="standing.target_value"),
    columns.day("due_on", "The last day to reach the target that judges it.", sql="standing.due_on"),
    columns.decimal("attainment", "How far the target is attained, 1 = 100 %, uncapped.", sql="standing.attainment"),
    columns.decimal("share_of_target", "The value divided by the target.", sql="standing.share_of_target"),
    Question(
        "in_category",
        str,
        "In this category or one inside it, by key; it is enough that a document lists it there.",
        in_category,
    ),
    Question(
        "search",
        str,
        "With these words in key, name, definition or an alias, capitals or not.",
        answered(f"{_FOUND} or {_FOUND_ALIAS}"),
    ),
    row="kpi",
)


def kpis_field(description: str, *, family_of: Callable[[Any], str | None] = lambda _root: None) -> Any:
    """The field that lists the KPIs of an organization, or of one family of it."""

    def resolve(
        root: Holder,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        segment: Annotated[
            str | None,
            strawberry.argument(
                description='Only those with a figure or target in this segment ("plan=enterprise"), by which they are '
                "then filtered, sorted and judged; nothing is the whole."
            ),
        ] = None,
        filter: Any = None,  # noqa: A002  # the name that callers write
        order_by: Any = None,
    ) -> Any:
        clauses = kpi_clauses(Moment.NOW, root.organization_id, segment=segment_text(segment))
        if segment is not None:
            clauses.add_plain("standing.kpi_id is not null")
        family = family_of(root)
        if family is not None:
            clauses.add("kpi.family = {}::text", family)
        page = PageArguments(first, after, last, before)
        return listed(info, KPIS, page, Wanted(root.organization_id, clauses, filter, order_by), entry=info.context.kpi)

    return listing_field(KPIS, description, resolve)
